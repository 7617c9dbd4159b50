-- How often in a row the message after last_uid could not be taken, so that one that never can is passed by at last.
ALTER TABLE mailbox_readers ADD COLUMN stuck integer NOT NULL DEFAULT 0;
