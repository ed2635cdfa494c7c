-- When a job last changed its status, or was wished cancelled: what other processes look for.
ALTER TABLE jobs ADD COLUMN moved BIGINT NOT NULL DEFAULT 0;

UPDATE jobs SET moved = updated;

-- Which of the places that its plan gives a running job takes; -1 for none.
ALTER TABLE jobs ADD COLUMN place BIGINT NOT NULL DEFAULT -1;

CREATE INDEX jobs_moved ON jobs (moved, account, id);

CREATE INDEX jobs_lease ON jobs (lease) WHERE status = 'running';

CREATE UNIQUE INDEX jobs_place ON jobs (account, place) WHERE place >= 0;

CREATE INDEX jobs_pending ON jobs (account, status) WHERE status IN ('queued', 'running');

-- The processes that run jobs, and how their engines stand.
CREATE TABLE workers (
    id      TEXT PRIMARY KEY,
    started BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    engines TEXT NOT NULL
);
