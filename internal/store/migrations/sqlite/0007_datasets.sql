-- Named collections of uploads.
CREATE TABLE datasets (
    account     TEXT NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE TABLE dataset_uploads (
    account TEXT NOT NULL,
    dataset TEXT NOT NULL,
    upload  TEXT NOT NULL,
    PRIMARY KEY (account, dataset, upload)
);
