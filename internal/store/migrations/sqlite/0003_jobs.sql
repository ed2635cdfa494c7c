CREATE TABLE jobs (
    account  TEXT NOT NULL,
    id       TEXT NOT NULL,
    spec     TEXT NOT NULL,
    status   TEXT NOT NULL,
    lane     TEXT NOT NULL,
    plan     TEXT NOT NULL,
    feature  TEXT NOT NULL,
    model    TEXT NOT NULL,
    price    BIGINT NOT NULL,
    settled  BIGINT NOT NULL,
    attempt  BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    engine   TEXT NOT NULL,
    progress BIGINT NOT NULL,
    made     BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    started  BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    updated  BIGINT NOT NULL,
    worker   TEXT NOT NULL,
    lease    BIGINT NOT NULL,
    cancel   BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE INDEX jobs_created ON jobs (account, created, id);

CREATE INDEX jobs_updated ON jobs (account, updated, id);

CREATE INDEX jobs_finished ON jobs (finished);

CREATE INDEX jobs_open ON jobs (status, created) WHERE status IN ('queued', 'running');

CREATE TABLE pictures (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    job     TEXT NOT NULL,
    idx     BIGINT NOT NULL,
    seed    BIGINT NOT NULL,
    width   BIGINT NOT NULL,
    height  BIGINT NOT NULL,
    file    TEXT NOT NULL,
    thumb   TEXT NOT NULL,
    facts   TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (account, id),
    UNIQUE (account, job, idx)
);

CREATE INDEX pictures_created ON pictures (account, created, id);
