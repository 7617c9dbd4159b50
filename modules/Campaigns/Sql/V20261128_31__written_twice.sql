-- A message is written as sending, and soon again with what became of it; a lead's place in a campaign when it is claimed and when it is settled.
UPDATE partition_retention SET fill_factor = 60 WHERE table_name = 'content.email_messages';

DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'content.email_messages'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 60)', partition);
    END LOOP;
END;
$$;

ALTER TABLE campaign_leads SET (fillfactor = 50);
