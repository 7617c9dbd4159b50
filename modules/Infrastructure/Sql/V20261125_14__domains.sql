-- Whose mail server a domain has, its tracking name, what checks have found so far, and the keys of a rotation.

ALTER TABLE domains
    ADD COLUMN mail_hosting VARCHAR(20) NOT NULL DEFAULT 'external' CHECK (mail_hosting IN ('platform', 'external')),
    ADD COLUMN tracking_host VARCHAR(63),
    ADD COLUMN dmarc_verified BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN failed_checks INTEGER NOT NULL DEFAULT 0 CHECK (failed_checks >= 0),
    ADD COLUMN dkim_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN next_dkim_selector VARCHAR(63),
    ADD COLUMN next_dkim_key_path VARCHAR(500),
    ADD COLUMN retired_dkim_selector VARCHAR(63),
    ADD COLUMN retired_dkim_key_path VARCHAR(500),
    ADD COLUMN retired_dkim_until TIMESTAMP WITH TIME ZONE,
    ADD CHECK ((next_dkim_selector IS NULL) = (next_dkim_key_path IS NULL)),
    ADD CHECK ((retired_dkim_selector IS NULL) = (retired_dkim_until IS NULL)),
    -- There are two selectors: a third key would take one that is still in use.
    ADD CHECK (next_dkim_selector IS NULL OR retired_dkim_selector IS NULL);

COMMENT ON COLUMN domains.failed_checks IS 'How many of the hourly checks in a row found a verified domain''s records wrong.';
COMMENT ON COLUMN domains.dkim_since IS 'When mail began to be signed with the present key; null: from the first message.';

CREATE UNIQUE INDEX domains_one_primary ON domains (company_id) WHERE is_primary;

CALL admit_owner('domains', 'ALL');
UPDATE domains SET dmarc_verified = TRUE
WHERE dns_records @> '[{"name": "_dmarc", "status": "verified"}]';
DROP POLICY domains_owner ON domains;
