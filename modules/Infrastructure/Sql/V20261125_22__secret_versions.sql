-- A value written for rows that were never committed is a version that no row names.
ALTER TABLE secrets ADD COLUMN vault_version integer;
COMMENT ON COLUMN secrets.vault_version IS 'Which of the value''s versions in Vault holds; null: the newest.';
