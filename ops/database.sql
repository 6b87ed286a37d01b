-- Roles, database and extensions of the platform, run with psql by a superuser.
-- The private servers of `make demo` and `make test` run it at every start, the PostGIS container
-- once: every statement may be repeated.
--
-- clcplus         owns the database; CREATEDB for the test databases.
-- clcplus_reader  reads only; the set-wise reads of the pages and the API use it. Migrations grant it
--                 the tables that these need: no account, session or token is among them.
--
-- Passwords come from files that the environment names; the private servers need none, since nobody
-- but their own account can reach their socket.

\set ON_ERROR_STOP on
\set QUIET on
\set owner_password `cat "${CLCPLUS_OWNER_PASSWORD_FILE:-/dev/null}"`
\set reader_password `cat "${CLCPLUS_READER_PASSWORD_FILE:-/dev/null}"`
SET client_min_messages = warning;

SELECT 'CREATE ROLE clcplus LOGIN CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus') \gexec
SELECT 'CREATE ROLE clcplus_reader LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') \gexec
SELECT format('ALTER ROLE clcplus PASSWORD %L', :'owner_password')
WHERE :'owner_password' <> '' \gexec
SELECT format('ALTER ROLE clcplus_reader PASSWORD %L', :'reader_password')
WHERE :'reader_password' <> '' \gexec
ALTER ROLE clcplus_reader SET default_transaction_read_only = on;

-- Extensions need a superuser: in template1 they reach the test databases as well.
\connect template1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER DEFAULT PRIVILEGES FOR ROLE clcplus REVOKE SELECT ON TABLES FROM clcplus_reader;

\connect postgres
SELECT 'CREATE DATABASE clcplus OWNER clcplus'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'clcplus') \gexec

\connect clcplus
SET client_min_messages = warning;
ALTER DATABASE clcplus OWNER TO clcplus;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER DEFAULT PRIVILEGES FOR ROLE clcplus REVOKE SELECT ON TABLES FROM clcplus_reader;
