-- What verification, two factors, approval of invitations and deletion need. Who may no longer get in has no session row:
-- ending a session deletes it.

ALTER TABLE user_credentials
    DROP COLUMN authenticator_key_path,
    DROP COLUMN security_stamp,
    ADD COLUMN authenticator_key BYTEA,  -- sealed
    ADD COLUMN recovery_codes TEXT[] NOT NULL DEFAULT '{}',  -- hashes of those not used yet
    ADD COLUMN last_code TEXT,  -- accepted last: a code that was overheard is of no more use
    ADD COLUMN last_code_used TIMESTAMP WITH TIME ZONE,
    ADD COLUMN delete_after TIMESTAMP WITH TIME ZONE,
    ADD CHECK (NOT two_factor_enabled OR authenticator_key IS NOT NULL);

CREATE INDEX idx_user_credentials_delete_after ON user_credentials (delete_after) WHERE delete_after IS NOT NULL;

ALTER TABLE user_sessions DROP COLUMN revoked;

-- A link and a short code prove the same; the code has few attempts.
ALTER TABLE user_tokens
    ADD COLUMN email TEXT,
    ADD COLUMN code_hash BYTEA,
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);

ALTER TABLE invitations
    ADD COLUMN needs_approval BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN approved TIMESTAMP WITH TIME ZONE,
    ADD COLUMN approved_by UUID REFERENCES users(id) ON DELETE SET NULL,
    ADD COLUMN accepted_by UUID REFERENCES users(id) ON DELETE SET NULL;

CREATE INDEX idx_invitations_approved_by ON invitations (approved_by);
CREATE INDEX idx_invitations_accepted_by ON invitations (accepted_by);

ALTER TABLE tenants ADD COLUMN delete_after TIMESTAMP WITH TIME ZONE;

CREATE INDEX idx_tenants_delete_after ON tenants (delete_after) WHERE delete_after IS NOT NULL;
CREATE INDEX idx_user_sessions_expires ON user_sessions (expires);
