-- Where Vault is configured the row says whose a secret is, and Vault holds the value.
ALTER TABLE secrets ALTER COLUMN ciphertext DROP NOT NULL;
COMMENT ON COLUMN secrets.ciphertext IS 'Null: the value is in Vault, at the path.';
