-- A job is open while it has not finished, which starting it does not change: what an index says by
-- that stays as it is when a job is claimed, so that claims touch no index that grows with the line.
DROP INDEX jobs_created;

DROP INDEX jobs_updated;

DROP INDEX jobs_finished;

DROP INDEX jobs_open;

DROP INDEX jobs_pending;

-- An account's list of jobs. Its condition also keeps PostgreSQL from looking here for a job of which it
-- knows the key, as it does without statistics.
CREATE INDEX jobs_created ON jobs (account, created, id) WHERE hidden = 0;

-- The line in its order.
CREATE INDEX jobs_open ON jobs (created, id) WHERE finished = 0;

-- What an account has in line or running.
CREATE INDEX jobs_pending ON jobs (account) WHERE finished = 0;

-- What an account's listeners may have missed, and its use.
CREATE INDEX jobs_ended ON jobs (account, finished, id) WHERE finished > 0;

-- The use of all.
CREATE INDEX jobs_finished ON jobs (finished) WHERE finished > 0;
