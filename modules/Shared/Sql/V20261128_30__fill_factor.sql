-- How full the pages of a monthly table are made: a row that is soon written again stays in its page, and its indexes are left alone.
ALTER TABLE partition_retention ADD COLUMN fill_factor INTEGER NOT NULL DEFAULT 100 CHECK (fill_factor BETWEEN 10 AND 100);

-- Makes this month's partition and the next ones of every registered table; returns how many were missing.
CREATE OR REPLACE FUNCTION ensure_month_partitions(p_months_ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'  -- better to try again later than to queue every insert behind a long transaction
AS $$
DECLARE
    parent RECORD;
    month timestamptz;
    child text;
    waiting text;
    made integer := 0;
BEGIN
    IF p_months_ahead NOT BETWEEN 0 AND 120 THEN
        RAISE EXCEPTION 'p_months_ahead must be 0 to 120' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('month_partitions', 0));

    FOR parent IN
        SELECT c.oid::regclass AS name, n.nspname, c.relname, a.attname AS by_column, r.fill_factor
        FROM partition_retention r
        JOIN pg_class c ON c.oid = to_regclass(r.table_name)
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_partitioned_table p ON p.partrelid = c.oid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
        ORDER BY r.table_name
    LOOP
        child := format('%I.%I', parent.nspname, parent.relname || '_default');
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', child, parent.name);
            CALL force_rls(child);
            CALL admit_owner(child, 'ALL');
        END IF;

        FOR month IN
            SELECT generate_series(date_trunc('month', now()),
                date_trunc('month', now()) + make_interval(months => p_months_ahead), '1 month')
        LOOP
            child := format('%I.%I', parent.nspname, parent.relname || to_char(month, '_YYYY_MM'));
            CONTINUE WHEN to_regclass(child) IS NOT NULL;

            -- Rows that came before their partition wait in the default one and would keep it from being attached. They
            -- step aside meanwhile: attaching a filled table checks its foreign keys under row-level security, and fails.
            waiting := format('%I.%I', parent.nspname, parent.relname || '_waiting');
            EXECUTE format('CREATE TABLE %s (LIKE %s)', waiting, parent.name);
            EXECUTE format(
                'WITH moved AS (DELETE FROM %1$I.%2$I WHERE %3$I >= %4$L AND %3$I < %5$L RETURNING *)
                 INSERT INTO %6$s SELECT * FROM moved',
                parent.nspname, parent.relname || '_default', parent.by_column, month, month + interval '1 month', waiting);
            EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)',
                child, parent.name, parent.fill_factor);
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                parent.name, child, month, month + interval '1 month');
            EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM %s', child, waiting);
            EXECUTE format('DROP TABLE %s', waiting);
            CALL force_rls(child);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END;
$$;
