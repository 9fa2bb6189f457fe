-- Two users for the same rights. A rotation changes the password of the one that is not in use, then switches to it.
CREATE ROLE app NOLOGIN;
CREATE TABLE visits (at timestamptz NOT NULL DEFAULT now());
ALTER TABLE visits OWNER TO app;
CREATE ROLE app_a LOGIN PASSWORD 'first' IN ROLE app;
CREATE ROLE app_b LOGIN PASSWORD 'second' IN ROLE app;
