-- Names that count up, as ids and keys of one client do, move out of a tail together: one row for
-- those of a class, which is what they begin with. name is the first of them, names has each with the number of its
-- entry, rising. A name that such a row has stands in no other. See docs/decisions/0011.
CREATE TABLE runs (
  account TEXT NOT NULL,
  class   TEXT NOT NULL,
  name    TEXT NOT NULL,
  names   TEXT NOT NULL,
  PRIMARY KEY (account, class, name)
) WITHOUT ROWID;
