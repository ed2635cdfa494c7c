-- What a key may do, until when, and for how many tokens. Zero is "never" and "no limit";
-- person is empty for service keys. Keys that were there keep what they could do.
ALTER TABLE api_keys ADD COLUMN service BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read,generate,admin';

ALTER TABLE api_keys ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN budget_day BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN budget_total BIGINT NOT NULL DEFAULT 0;

-- Requests a minute; 0 is the installation's default, -1 no limit.
ALTER TABLE api_keys ADD COLUMN rate BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN webhook_url TEXT NOT NULL DEFAULT '';

ALTER TABLE api_keys ADD COLUMN webhook_secret TEXT NOT NULL DEFAULT '';

-- Tokens that a key has taken: by day since 1970 in UTC, and in all as day -1.
CREATE TABLE key_spending (
    api_key TEXT NOT NULL,
    day     BIGINT NOT NULL,
    tokens  BIGINT NOT NULL,
    PRIMARY KEY (api_key, day)
);

-- Open holds of keys with a budget: what is not used in the end goes back into it.
CREATE TABLE key_holds (
    account TEXT NOT NULL,
    hold    TEXT NOT NULL,
    api_key TEXT NOT NULL,
    day     BIGINT NOT NULL,
    tokens  BIGINT NOT NULL,
    PRIMARY KEY (account, hold)
);

-- Accounts that other software opened, by its own name for them.
CREATE TABLE external_accounts (
    account     TEXT NOT NULL PRIMARY KEY,
    external_id TEXT COLLATE "C" NOT NULL UNIQUE,
    created     BIGINT NOT NULL
);
