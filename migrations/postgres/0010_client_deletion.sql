-- compatible-with: 4
-- Clients that are deleted but for what they were given: that may be more than one statement deletes in time. A
-- release that knows none of it takes them for disabled, and goes on working with the result.

-- From then on nothing remembers it but what housekeeping has not deleted yet. Such a client is disabled too, and its
-- settings are empty.
ALTER TABLE clients ADD COLUMN deleted_at timestamptz;
CREATE INDEX clients_deleted ON clients (id) WHERE deleted_at IS NOT NULL;
