-- Entries are read from their table. (What SQLite changes with this number PostgreSQL has no need of.)
DROP VIEW journal;
