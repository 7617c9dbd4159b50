-- Where the chain of events ends: cutting off the newest shows, too.
CREATE TABLE security_event_head (
    is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    chain_position BIGINT NOT NULL,
    chain_hash BYTEA NOT NULL
);

INSERT INTO security_event_head (chain_position, chain_hash)
SELECT chain_position, chain_hash FROM security_events WHERE chain_position IS NOT NULL ORDER BY chain_position DESC LIMIT 1;
