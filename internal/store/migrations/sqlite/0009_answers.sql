-- Answers to writes that carried an idempotency key, told again when the write is repeated.
CREATE TABLE answers (
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    request TEXT NOT NULL,
    id      TEXT NOT NULL,
    created BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    status  BIGINT NOT NULL,
    sealed  TEXT NOT NULL,
    PRIMARY KEY (account, name)
);
