-- What a campaign does beside sending in order: variants, tracking, conditions, answers, and the numbers of all that.

ALTER TABLE campaigns
    ADD COLUMN next_dispatch TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),  -- before that there is nothing to send
    ADD COLUMN waiting_for TEXT,  -- for people: why there is nothing to send before then
    ADD COLUMN day_count INTEGER NOT NULL DEFAULT 0 CHECK (day_count >= 0),  -- messages of day_count_date, in the campaign's zone
    ADD COLUMN day_count_date DATE,
    ADD COLUMN stop_on_reply BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN stop_company_on_reply BOOLEAN NOT NULL DEFAULT FALSE,  -- whoever has an address at the same domain stops too
    ADD COLUMN judged_from TIMESTAMP WITH TIME ZONE;  -- the brake counts from here: a person has looked at what was before

CREATE INDEX idx_campaigns_dispatch ON campaigns (next_dispatch) WHERE status = 'sending';

ALTER TABLE campaign_leads
    ADD COLUMN last_email_id UUID,  -- the content.email_messages row that left last
    ADD COLUMN last_sent TIMESTAMP WITH TIME ZONE,
    -- A condition that looks for it has not been met yet: it comes true at once when it happens.
    ADD COLUMN waits_for VARCHAR(20) CHECK (waits_for IN ('opened', 'clicked', 'replied'));

-- A claim changes no indexed column: with room in its page the row stays where it is.
ALTER TABLE campaign_leads SET (fillfactor = 70);

-- What is due next is found without sorting, however many wait: follow-ups by mailbox, then new leads.
DROP INDEX idx_campaign_leads_due;
DROP INDEX idx_campaign_leads_campaign_due;
CREATE INDEX idx_campaign_leads_follow_ups ON campaign_leads (campaign_id, email_account_id, next_run) WHERE status = 'active';
CREATE INDEX idx_campaign_leads_new ON campaign_leads (campaign_id, next_run) WHERE status = 'pending';


-- A/B: which of them a lead gets follows from a stable hash of lead and step, by weight.
CREATE TABLE campaign_step_variants (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    step_id UUID NOT NULL,
    name VARCHAR(100) NOT NULL,
    template_id UUID NOT NULL,
    subject_override VARCHAR(500),
    weight INTEGER NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1000),
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, step_id) REFERENCES campaign_sequence_steps (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id)
);

CREATE UNIQUE INDEX campaign_step_variants_name_unique ON campaign_step_variants (step_id, lower(name));
CREATE INDEX idx_campaign_step_variants_step ON campaign_step_variants (step_id, tenant_id);
CREATE INDEX idx_campaign_step_variants_template ON campaign_step_variants (template_id, tenant_id);


-- Who writes in: one thread for what is said with one lead in one campaign, or with one stranger.
CREATE TABLE content.inbox_threads (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    email_account_id UUID,
    lead_id UUID,
    campaign_id UUID,
    campaign_lead_id UUID,
    participant TEXT NOT NULL,  -- the address that writes in
    subject TEXT,
    last_message TIMESTAMP WITH TIME ZONE NOT NULL,
    unread INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0),
    is_archived BOOLEAN NOT NULL DEFAULT FALSE,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE SET NULL (email_account_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE SET NULL (lead_id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE SET NULL (campaign_id),
    FOREIGN KEY (tenant_id, campaign_lead_id) REFERENCES campaign_leads (tenant_id, id) ON DELETE SET NULL (campaign_lead_id)
);

CREATE INDEX idx_inbox_threads_latest ON content.inbox_threads (tenant_id, last_message DESC, id);
CREATE INDEX idx_inbox_threads_account ON content.inbox_threads (email_account_id, tenant_id);
CREATE INDEX idx_inbox_threads_lead ON content.inbox_threads (lead_id, tenant_id);
CREATE INDEX idx_inbox_threads_campaign ON content.inbox_threads (campaign_id, tenant_id);
CREATE UNIQUE INDEX inbox_threads_enrollment_unique ON content.inbox_threads (campaign_lead_id, tenant_id);


-- All that came in and was understood, notices too; those belong to no thread.
CREATE TABLE content.inbox_messages (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    thread_id UUID,
    email_account_id UUID,
    email_message_id UUID,  -- what it answers or is about: a row of content.email_messages
    kind VARCHAR(20) NOT NULL CHECK (kind IN ('reply', 'out_of_office', 'bounce', 'complaint', 'other')),
    message_id TEXT,  -- the header's
    in_reply_to TEXT,
    from_address TEXT NOT NULL,
    from_name TEXT,
    to_address TEXT,
    subject TEXT,
    text TEXT,  -- what its author wrote, without what is quoted
    body BYTEA NOT NULL,  -- the message as it came, compressed
    size INTEGER NOT NULL CHECK (size >= 0),
    is_read BOOLEAN NOT NULL DEFAULT FALSE,
    received TIMESTAMP WITH TIME ZONE NOT NULL,
    uid_validity BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id),
    -- A message that is fetched twice is taken once.
    UNIQUE (email_account_id, uid_validity, uid),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES content.inbox_threads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE SET NULL (email_account_id)
);

CREATE INDEX idx_inbox_messages_thread ON content.inbox_messages (thread_id, tenant_id, received);
CREATE INDEX idx_inbox_messages_account ON content.inbox_messages (email_account_id, tenant_id);
CREATE INDEX idx_inbox_messages_message_id ON content.inbox_messages (tenant_id, message_id);


CREATE TABLE content.inbox_thread_tags (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    thread_id UUID NOT NULL,
    tag_id BIGINT NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (thread_id, tag_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES content.inbox_threads (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_inbox_thread_tags_thread ON content.inbox_thread_tags (tenant_id, thread_id);
CREATE INDEX idx_inbox_thread_tags_tag ON content.inbox_thread_tags (tag_id, tenant_id);

-- Stands for a foreign key on (tenant_id, tag_id), which would refuse the default tags: once for all tables that have tags.
CREATE FUNCTION check_tag() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.tag_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = NEW.tag_id AND (t.tenant_id = NEW.tenant_id OR t.tenant_id IS NULL)) THEN
        RAISE EXCEPTION 'tag % is neither the tenant''s nor a default one', NEW.tag_id
            USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END;
$$;

DROP TRIGGER template_tags_tag_tenant ON template_tags;
DROP TRIGGER lead_tags_tag_tenant ON lead_tags;
DROP FUNCTION check_template_tag(), check_lead_tag();
CREATE TRIGGER template_tags_tag_tenant BEFORE INSERT OR UPDATE OF tag_id, tenant_id ON template_tags
    FOR EACH ROW EXECUTE FUNCTION check_tag();
CREATE TRIGGER lead_tags_tag_tenant BEFORE INSERT OR UPDATE OF tag_id, tenant_id ON lead_tags
    FOR EACH ROW EXECUTE FUNCTION check_tag();
CREATE TRIGGER inbox_thread_tags_tag_tenant BEFORE INSERT OR UPDATE OF tag_id, tenant_id ON content.inbox_thread_tags
    FOR EACH ROW EXECUTE FUNCTION check_tag();


-- A person's answer out of the inbox is a message too, of no step.
ALTER TABLE content.email_messages
    ADD COLUMN kind VARCHAR(20) NOT NULL DEFAULT 'campaign' CHECK (kind IN ('campaign', 'reply')),
    ADD COLUMN variant_id UUID,
    ADD COLUMN thread_id UUID,
    ADD COLUMN provider VARCHAR(20);  -- who receives it, as smtp_ip_daily spells it

-- A message is written twice: as sending, and what became of it. Without an index on what the second changes it stays in its page.
-- What is in doubt is found through its enrollment.
DROP INDEX content.idx_email_messages_unsettled;
-- Each message pays for each key and index: what it was sent by and for is kept as a plain id, as in the numbers by day.
ALTER TABLE content.email_messages
    DROP CONSTRAINT email_messages_tenant_id_step_id_fkey,
    DROP CONSTRAINT email_messages_tenant_id_email_account_id_fkey;
DROP INDEX content.idx_email_messages_step, content.idx_email_messages_account;

-- Events say by themselves what they are counted by: a day is summed up without its messages.
ALTER TABLE content.email_events
    ADD COLUMN campaign_lead_id UUID,
    ADD COLUMN step_id UUID,
    ADD COLUMN variant_id UUID,
    ADD COLUMN email_account_id UUID,
    ADD COLUMN provider VARCHAR(20);

-- By whom it was received, and which variant it was.
ALTER TABLE olap.campaign_daily
    DROP CONSTRAINT campaign_daily_tenant_id_campaign_id_day_step_id_email_acco_key,
    ADD COLUMN variant_id UUID,
    ADD COLUMN provider VARCHAR(20),
    ADD CONSTRAINT campaign_daily_unique UNIQUE NULLS NOT DISTINCT (tenant_id, campaign_id, day, step_id, variant_id, email_account_id, provider);

CALL track_updates('campaign_step_variants', 'content.inbox_threads');
