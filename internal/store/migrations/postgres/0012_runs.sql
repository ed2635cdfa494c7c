-- Entries are found by account and number here; what SQLite changes with this number
-- does not concern PostgreSQL.
SELECT 1;
