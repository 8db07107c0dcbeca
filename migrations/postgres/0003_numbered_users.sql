-- compatible-with: 2
-- Twin of migrations/sqlite/0003_numbered_users.sql, with nothing to do: the document has been beside its
-- user since 0002, and the processor time of a read is not in finding its rows here.
SELECT 1;
