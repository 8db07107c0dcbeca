-- compatible-with: 1
-- Twin of migrations/postgres/0002_document_with_user.sql, with nothing to do: here a second look-up costs
-- next to nothing, and a table of users that is organised by its key must keep its rows short.
SELECT 1;
