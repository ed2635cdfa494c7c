-- Named collections of uploads.
CREATE TABLE datasets (
    account     TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE TABLE dataset_uploads (
    account TEXT COLLATE "C" NOT NULL,
    dataset TEXT COLLATE "C" NOT NULL,
    upload  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account, dataset, upload)
);
