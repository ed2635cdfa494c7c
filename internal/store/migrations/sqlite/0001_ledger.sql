-- The ledger: accounts are a cache of entries (T31); entries are never changed (T30).
CREATE TABLE accounts (
  id    TEXT   NOT NULL PRIMARY KEY,
  seq   BIGINT NOT NULL,
  at    BIGINT NOT NULL,
  state TEXT   NOT NULL,
  hash  TEXT   NOT NULL
);

CREATE TABLE entries (
  account TEXT   NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  kind    TEXT   NOT NULL,
  body    TEXT   NOT NULL,
  hash    TEXT   NOT NULL,
  PRIMARY KEY (account, seq)
);

-- What may happen only once in an account's life (T17), and the entry that did it.
CREATE TABLE names (
  account TEXT   NOT NULL,
  name    TEXT   NOT NULL,
  seq     BIGINT NOT NULL,
  PRIMARY KEY (account, name)
) WITHOUT ROWID;

-- How often a code was redeemed (T26).
CREATE TABLE promos (
  code TEXT   NOT NULL PRIMARY KEY,
  used BIGINT NOT NULL
);
