CREATE TABLE uploads (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    ext     TEXT NOT NULL,
    status  TEXT NOT NULL,
    file    TEXT NOT NULL,
    thumb   TEXT NOT NULL,
    width   BIGINT NOT NULL,
    height  BIGINT NOT NULL,
    bytes   BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE INDEX uploads_created ON uploads (account, created, id);

-- Which pictures and uploads name which stored file: a file that none names is free to go.
CREATE TABLE files (
    account TEXT NOT NULL,
    owner   TEXT NOT NULL,
    file    TEXT NOT NULL,
    PRIMARY KEY (account, owner, file)
);

CREATE INDEX files_file ON files (file);

INSERT INTO files (account, owner, file)
SELECT account, id, file FROM pictures WHERE file <> ''
UNION
SELECT account, id, thumb FROM pictures WHERE thumb <> '';

ALTER TABLE pictures ADD COLUMN recipe TEXT NOT NULL DEFAULT '';

-- A job that its owner deleted stays for the sums of usage, without its words.
ALTER TABLE jobs ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;
