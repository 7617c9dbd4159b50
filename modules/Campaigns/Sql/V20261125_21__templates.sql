-- Templates: their own text part, and what they were before each change.

ALTER TABLE templates
    ADD COLUMN text_content TEXT,
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0);

CREATE TABLE template_versions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    template_id UUID NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    subject VARCHAR(255) NOT NULL,
    content TEXT NOT NULL,
    text_content TEXT,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),  -- when another took its place
    created_by UUID REFERENCES users(id) ON DELETE SET NULL,
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, template_id, version),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_template_versions_template ON template_versions (template_id, tenant_id);
CREATE INDEX idx_template_versions_created_by ON template_versions (created_by);

CREATE UNIQUE INDEX folders_name_unique ON folders (tenant_id, lower(name));
