-- compatible-with: 4
-- Twin of migrations/postgres/0013_grants_by_day.sql, with nothing to do: an index costs a change here what it
-- costs in any case, whether its value moves or not.
SELECT 1;
