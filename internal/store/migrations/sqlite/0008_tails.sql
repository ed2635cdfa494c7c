-- An account's newest entries are not in any index: their places and unique names stand in
-- the account's own row, in tail, and move into places and names many at a time. So a
-- commit writes the end of entries and the rows of its accounts, and no page of an index for
-- each of them. See docs/decisions/0006.

-- A charge has one unique name: that it was opened says that it ended.
DELETE FROM names WHERE name LIKE 'e/%' AND EXISTS (
  SELECT 1 FROM entries e WHERE e.account = names.account AND e.seq = names.seq AND e.kind = 'charge'
);

ALTER TABLE entries RENAME TO entries_before;

CREATE TABLE entries (
  id      INTEGER PRIMARY KEY,
  account TEXT    NOT NULL,
  seq     BIGINT  NOT NULL,
  at      BIGINT  NOT NULL,
  kind    TEXT    NOT NULL,
  body    TEXT    NOT NULL,
  hash    TEXT    NOT NULL
);

INSERT INTO entries (account, seq, at, kind, body, hash)
SELECT account, seq, at, kind, body, hash FROM entries_before ORDER BY rowid;

DROP TABLE entries_before;

-- Where an account's older entries lie.
CREATE TABLE places (
  account TEXT   NOT NULL,
  seq     BIGINT NOT NULL,
  entry   BIGINT NOT NULL,
  PRIMARY KEY (account, seq)
) WITHOUT ROWID;

INSERT INTO places (account, seq, entry) SELECT account, seq, id FROM entries ORDER BY account, seq;

CREATE VIEW journal AS
SELECT p.account AS account, p.seq AS seq, e.at AS at, e.kind AS kind, e.body AS body, e.hash AS hash
FROM places p JOIN entries e ON e.id = p.entry AND e.account = p.account;

ALTER TABLE accounts ADD COLUMN tail TEXT NOT NULL DEFAULT '';
