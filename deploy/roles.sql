-- Two roles beside the owner of the store, who alone makes and changes tables ('tuner init', 'tuner store upgrade'):
-- psql "$URL_OF_THE_OWNER" -v ON_ERROR_STOP=1 -f deploy/roles.sql, then \password tuner_worker, \password tuner_reader
CREATE ROLE tuner_worker LOGIN;  -- tuner search, submit, worker, compare, dashboard
CREATE ROLE tuner_reader LOGIN;  -- tuner status, best, report, dashboard --every 0, store backup

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tuner_worker, tuner_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tuner_worker, tuner_reader;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tuner_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuner_worker;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM tuner_worker;

-- The same for tables that an upgrade makes later.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO tuner_worker, tuner_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT, UPDATE, DELETE ON TABLES TO tuner_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO tuner_worker;
