-- A session's end counts from the log-in, whatever it was switched or refreshed to since.
ALTER TABLE user_sessions ADD COLUMN logged_in TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW();

-- What somebody chose who signed up with an address that nobody has proved yet: it counts once their own mail is opened.
ALTER TABLE user_tokens
    ADD COLUMN password_hash TEXT,
    ADD COLUMN name TEXT;
