-- Mailboxes: incoming mail, how healthy they are, and their warmup.

ALTER TABLE email_accounts
    ADD COLUMN imap_key_path VARCHAR(500),
    ADD COLUMN health DECIMAL(5,2) NOT NULL DEFAULT 100 CHECK (health BETWEEN 0 AND 100),
    ADD COLUMN health_sends INTEGER NOT NULL DEFAULT 0 CHECK (health_sends >= 0),
    ADD COLUMN judged_from DATE,
    ADD COLUMN warmup_status VARCHAR(20) NOT NULL DEFAULT 'none' CHECK (warmup_status IN ('none', 'warming', 'paused', 'warmed')),
    ADD COLUMN warmup_held TIMESTAMP WITH TIME ZONE,
    ADD CHECK (warmup_status NOT IN ('warming', 'paused') OR ramp_started IS NOT NULL),
    ADD CHECK ((warmup_status = 'paused') = (warmup_held IS NOT NULL));

COMMENT ON COLUMN email_accounts.imap_key_path IS 'Where the password for IMAP is kept; NULL: it is that of SMTP.';
COMMENT ON COLUMN email_accounts.health_sends IS 'How many sends health was computed from: with fewer than 20 nothing is known.';
COMMENT ON COLUMN email_accounts.judged_from IS 'Brakes look at no day before this one: staff have looked.';
COMMENT ON COLUMN email_accounts.warmup_held IS 'While the warmup is paused: until when the ramp has been moved on.';

CREATE INDEX idx_email_accounts_warming ON email_accounts (tenant_id) WHERE warmup_status IN ('warming', 'paused');

ALTER TABLE warmup_log ADD COLUMN clicked INTEGER NOT NULL DEFAULT 0 CHECK (clicked >= 0);

CREATE INDEX idx_warmup_log_day ON warmup_log (day);
