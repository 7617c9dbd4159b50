-- Each host has pools of its own, so a sample is one host's: the newest of each tells how a pool is doing.
ALTER TABLE connection_pool_metrics ADD COLUMN host VARCHAR(255);
