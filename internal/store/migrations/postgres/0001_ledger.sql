-- The ledger: accounts are a cache of entries (T31); entries are never changed (T30).
-- COLLATE "C" orders by bytes, as SQLite does and as ranges of names need.
CREATE TABLE accounts (
  id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  seq   BIGINT NOT NULL,
  at    BIGINT NOT NULL,
  state TEXT   NOT NULL,
  hash  TEXT   NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE entries (
  account TEXT COLLATE "C" NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  kind    TEXT   NOT NULL,
  body    TEXT   NOT NULL,
  hash    TEXT   NOT NULL,
  PRIMARY KEY (account, seq)
);

-- What may happen only once in an account's life (T17), and the entry that did it.
CREATE TABLE names (
  account TEXT COLLATE "C" NOT NULL,
  name    TEXT COLLATE "C" NOT NULL,
  seq     BIGINT NOT NULL,
  PRIMARY KEY (account, name)
);

-- How often a code was redeemed (T26).
CREATE TABLE promos (
  code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  used BIGINT NOT NULL
);
