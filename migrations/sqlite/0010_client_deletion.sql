-- compatible-with: 4
-- Twin of migrations/postgres/0010_client_deletion.sql; the reasons are there.

ALTER TABLE clients ADD COLUMN deleted_at INTEGER;
CREATE INDEX clients_deleted ON clients (id) WHERE deleted_at IS NOT NULL;
