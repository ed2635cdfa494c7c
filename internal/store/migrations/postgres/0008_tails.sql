-- The unique names of an account's newest entries stand in the account's own row, in
-- tail, and move into names many at a time. See docs/decisions/0006.

-- A charge has one unique name: that it was opened says that it ended.
DELETE FROM names WHERE name LIKE 'e/%' AND EXISTS (
  SELECT 1 FROM entries e WHERE e.account = names.account AND e.seq = names.seq AND e.kind = 'charge'
);

-- Entries are found by account and number; these are what SQLite needs tables for.
CREATE VIEW places AS SELECT account, seq FROM entries;

CREATE VIEW journal AS SELECT account, seq, at, kind, body, hash FROM entries;

ALTER TABLE accounts ADD COLUMN tail TEXT NOT NULL DEFAULT '';
