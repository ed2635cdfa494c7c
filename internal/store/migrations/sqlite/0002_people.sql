CREATE TABLE people (
    id       TEXT PRIMARY KEY,
    email    TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    password TEXT NOT NULL,
    admin    BIGINT NOT NULL,
    account  TEXT NOT NULL,
    created  BIGINT NOT NULL
);

CREATE TABLE sessions (
    hash    TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id        TEXT PRIMARY KEY,
    person    TEXT NOT NULL,
    hash      TEXT NOT NULL UNIQUE,
    hint      TEXT NOT NULL,
    name      TEXT NOT NULL,
    created   BIGINT NOT NULL,
    last_used BIGINT NOT NULL
);

CREATE INDEX api_keys_person ON api_keys (person);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
