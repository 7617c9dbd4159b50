-- How far each mailbox's inbox has been read. Any number of hosts share them by lease.
CREATE TABLE mailbox_readers (
    email_account_id UUID NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    source TEXT,  -- the server and account that the two below are of
    uid_validity BIGINT,  -- NULL: not looked at yet
    last_uid BIGINT NOT NULL DEFAULT 0 CHECK (last_uid >= 0),
    next_read TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    lease_owner UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    last_read TIMESTAMP WITH TIME ZONE,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error TEXT,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (email_account_id, tenant_id),
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_mailbox_readers_tenant ON mailbox_readers (tenant_id);
CREATE INDEX idx_mailbox_readers_next ON mailbox_readers (next_read);
CREATE INDEX idx_mailbox_readers_owner ON mailbox_readers (lease_owner) WHERE lease_owner IS NOT NULL;
-- Which mailboxes are to be read, whether or not they are already.
CREATE INDEX idx_email_accounts_readable ON email_accounts (id) WHERE imap_settings IS NOT NULL AND status IN ('active', 'paused');

CALL track_updates('mailbox_readers');
