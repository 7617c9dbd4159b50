-- What every module's SQL stands on: schemas, the `updated` trigger, row-level security in one line a table, and months
-- as partitions. Nothing here knows a business word.

CREATE SCHEMA content;
CREATE SCHEMA olap;

-- Nothing is open to all: each schema, table and function names who may use it.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, content, olap TO penguinmails_app, penguinmails_platform;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;


-- `updated` ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION keep_updated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated = now();
    RETURN NEW;
END;
$$;

CREATE PROCEDURE track_updates(VARIADIC p_tables regclass[])
LANGUAGE plpgsql AS $$
DECLARE
    target regclass;
BEGIN
    FOREACH target IN ARRAY p_tables LOOP
        EXECUTE format(
            'CREATE TRIGGER keep_updated BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION public.keep_updated()', target);
    END LOOP;
END;
$$;


-- Row-level security ---------------------------------------------------------------------------------------------------
-- The policies carry the literal expression, not a function call: the planner then uses it as an index condition. An
-- unset or empty setting is NULL, which no row equals.

CREATE PROCEDURE force_rls(p_table regclass)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_table);
END;
$$;

-- Gives one role a policy without a condition, named <table>_<suffix>.
CREATE PROCEDURE admit_role(p_table regclass, p_role name, p_suffix text, p_command text)
LANGUAGE plpgsql AS $$
DECLARE
    policy name := (SELECT relname FROM pg_class WHERE oid = p_table) || '_' || p_suffix;
BEGIN
    EXECUTE format('DROP POLICY IF EXISTS %I ON %s', policy, p_table);
    EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %I %s', policy, p_table, p_command, p_role,
        CASE p_command
            WHEN 'INSERT' THEN 'WITH CHECK (true)'
            WHEN 'SELECT' THEN 'USING (true)'
            ELSE 'USING (true) WITH CHECK (true)'
        END);
END;
$$;

-- A forced policy binds the owner too, and with it every SECURITY DEFINER function: this lets those functions through.
CREATE PROCEDURE admit_owner(p_table regclass, p_command text)
LANGUAGE plpgsql AS $$
BEGIN
    CALL public.admit_role(p_table, 'penguinmails_owner', 'owner', p_command);
END;
$$;

-- A table of tenants' rows: each tenant its own; the platform reads them all, or with 'ALL' also writes them.
CREATE PROCEDURE protect_tenant_table(p_table regclass, p_policy name, p_platform text DEFAULT 'SELECT')
LANGUAGE plpgsql AS $$
DECLARE
    own text := 'tenant_id = NULLIF(current_setting(''app.current_tenant_id'', true), '''')::uuid';
BEGIN
    CALL public.force_rls(p_table);
    EXECUTE format('DROP POLICY IF EXISTS %I ON %s', p_policy, p_table);
    EXECUTE format('CREATE POLICY %I ON %s FOR ALL TO PUBLIC USING (%s) WITH CHECK (%s)', p_policy, p_table, own, own);
    CALL public.admit_role(p_table, 'penguinmails_platform', 'platform', p_platform);
END;
$$;

-- A table of users' rows: each user their own.
CREATE PROCEDURE protect_user_table(p_table regclass, p_policy name, p_platform text DEFAULT 'SELECT')
LANGUAGE plpgsql AS $$
DECLARE
    own text := 'user_id = NULLIF(current_setting(''app.current_user_id'', true), '''')::uuid';
BEGIN
    CALL public.force_rls(p_table);
    EXECUTE format('DROP POLICY IF EXISTS %I ON %s', p_policy, p_table);
    EXECUTE format('CREATE POLICY %I ON %s FOR ALL TO PUBLIC USING (%s) WITH CHECK (%s)', p_policy, p_table, own, own);
    CALL public.admit_role(p_table, 'penguinmails_platform', 'platform', p_platform);
END;
$$;


-- Months as partitions -------------------------------------------------------------------------------------------------
-- A partition is reached only through its parent: nobody is granted anything on it, and forced row-level security
-- without a policy answers no rows to whoever tries.

CREATE TABLE partition_retention (
    table_name TEXT PRIMARY KEY,  -- with its schema
    keep_months INTEGER NOT NULL CHECK (keep_months > 0)
);

GRANT SELECT ON partition_retention TO penguinmails_platform;

-- Makes this month's partition and the next ones of every registered table; returns how many were missing.
CREATE FUNCTION ensure_month_partitions(p_months_ahead integer DEFAULT 3) RETURNS integer
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
        SELECT c.oid::regclass AS name, n.nspname, c.relname, a.attname AS by_column
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
            EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent.name);
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

-- Drops the partitions whose months are past keeping; returns how many. The current month is kept beside keep_months.
CREATE FUNCTION drop_expired_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'
AS $$
DECLARE
    parent RECORD;
    child regclass;
    keep_from timestamptz;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('month_partitions', 0));

    FOR parent IN
        SELECT c.oid, n.nspname, c.relname, a.attname AS by_column, r.keep_months
        FROM partition_retention r
        JOIN pg_class c ON c.oid = to_regclass(r.table_name)
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_partitioned_table p ON p.partrelid = c.oid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
        ORDER BY r.table_name
    LOOP
        keep_from := date_trunc('month', now()) - make_interval(months => parent.keep_months);
        FOR child IN
            SELECT c.oid
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = parent.oid
              AND c.relname ~ '_\d{4}_\d{2}$'
              AND to_date(right(c.relname, 7), 'YYYY_MM') < keep_from
            ORDER BY c.relname
        LOOP
            EXECUTE format('DROP TABLE %s', child);
            dropped := dropped + 1;
        END LOOP;
        EXECUTE format('DELETE FROM %I.%I WHERE %I < %L', parent.nspname, parent.relname || '_default', parent.by_column, keep_from);
    END LOOP;
    RETURN dropped;
END;
$$;

-- Registers a table that is partitioned by month, and makes its first partitions.
CREATE PROCEDURE keep_monthly(p_table regclass, p_keep_months integer)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partition_retention (table_name, keep_months)
    SELECT format('%I.%I', n.nspname, c.relname), p_keep_months
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = p_table;
    PERFORM ensure_month_partitions();
END;
$$;

GRANT EXECUTE ON FUNCTION ensure_month_partitions(integer), drop_expired_partitions() TO penguinmails_platform;
