-- Who is told of what. The account is empty for endpoints of the whole installation.
CREATE TABLE webhooks (
    account    TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    url        TEXT NOT NULL,
    events     TEXT NOT NULL,
    -- Of balance.below, in tokens, and of grant.expiring, in milliseconds.
    below      BIGINT NOT NULL,
    ahead      BIGINT NOT NULL,
    secret     TEXT NOT NULL,
    -- The secret before this one also signs, until then.
    old_secret TEXT NOT NULL,
    old_until  BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    -- Since when nothing has arrived, and since when nothing is sent any more; 0 for neither.
    failing    BIGINT NOT NULL,
    disabled   BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    PRIMARY KEY (account, id)
);

-- The same of the endpoints that keys have.
ALTER TABLE api_keys ADD COLUMN webhook_failing BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN webhook_disabled BIGINT NOT NULL DEFAULT 0;

ALTER TABLE api_keys ADD COLUMN webhook_reason TEXT NOT NULL DEFAULT '';

-- The outbox: what is to be sent where, and what became of it. A delivery is written in
-- the transaction of what it tells. Pending ones are taken by moving due on.
CREATE TABLE webhook_deliveries (
    account  TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    webhook  TEXT COLLATE "C" NOT NULL,
    type     TEXT NOT NULL,
    -- Whom it is about.
    subject  TEXT NOT NULL,
    body     TEXT NOT NULL,
    state    TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    history  TEXT NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due) WHERE state = 'pending';

CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (account, webhook, created, id);

CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (account, webhook, due) WHERE state = 'pending';

CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created);

-- Which expiries were told to whom, so that each is told once.
CREATE TABLE webhook_expiries (
    account  TEXT COLLATE "C" NOT NULL,
    webhook  TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    grant_id TEXT COLLATE "C" NOT NULL,
    expires  BIGINT NOT NULL,
    PRIMARY KEY (account, webhook, subject, grant_id)
);

CREATE INDEX webhook_expiries_expires ON webhook_expiries (expires);

-- Which key asked for a job, and at which address of this server.
ALTER TABLE jobs ADD COLUMN api_key TEXT NOT NULL DEFAULT '';

ALTER TABLE jobs ADD COLUMN origin TEXT NOT NULL DEFAULT '';
