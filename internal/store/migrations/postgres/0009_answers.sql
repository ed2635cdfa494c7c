-- Answers to writes that carried an idempotency key, told again when the write is repeated.
CREATE TABLE answers (
    account TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    status  BIGINT NOT NULL,
    sealed  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account, name)
);
