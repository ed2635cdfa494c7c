-- What leaves a tail together is one row of places: seq is the number of the last of these
-- entries, entry lists where they lie, oldest first, with blanks between. Rows that are there tell of one
-- entry each, which is the same form.
DROP VIEW journal;
