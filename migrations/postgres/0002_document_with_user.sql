-- compatible-with: 2
-- The document moves to its user's row: every read of a session wants both, and a third of what such a
-- read costs the server was finding the second row (docs/decisions/0013-batches.md).

ALTER TABLE users
    ADD COLUMN document         text NOT NULL DEFAULT '{}',
    ADD COLUMN document_version bigint NOT NULL DEFAULT 1;
UPDATE users u SET document = d.body, document_version = d.version
    FROM documents d WHERE d.user_id = u.id AND d.version > 1;
DROP TABLE documents;
