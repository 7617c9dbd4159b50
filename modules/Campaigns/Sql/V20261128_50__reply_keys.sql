-- The Idempotency-Key of a thread's last answer, so that a client that heard nothing of it can ask again.
ALTER TABLE content.inbox_threads ADD COLUMN reply_key varchar(255), ADD COLUMN reply_message_id uuid;
