-- The answers in a thread are found by it; a campaign's messages have none and are not in it.
CREATE INDEX idx_email_messages_thread ON content.email_messages (thread_id, tenant_id) WHERE thread_id IS NOT NULL;
