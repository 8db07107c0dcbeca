-- compatible-with: 4
-- A refresh moves `live_until`, and as long as an index held it, each refresh wrote a new entry into every index of
-- the table: 80 of the 230 µs of its statement (docs/performance.md, row 18). What finds expired grants is a day now,
-- which changes once a day at most, so that a refresh stays on its page (a heap-only update). A release that knows
-- none of it goes on working with the result.

-- The day (UTC) on which the grant ends if it is not used; before every day for one that was ended.
ALTER TABLE grants ADD COLUMN last_day date GENERATED ALWAYS AS (
    CASE WHEN revoked_at IS NULL THEN (live_until AT TIME ZONE 'UTC')::date ELSE date '-infinity' END
) STORED;
CREATE INDEX grants_last_day ON grants (last_day);
DROP INDEX grants_live_until;
-- Room for the next version of a row beside the one before.
ALTER TABLE grants SET (fillfactor = 80);
