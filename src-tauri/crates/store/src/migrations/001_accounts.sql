-- Accounts and everything a person set. Nothing secret: credentials live in the keychain.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A removed connection keeps its row: ids are never reused and history needs its name.
CREATE TABLE connection (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    platform          TEXT NOT NULL,
    account_remote_id TEXT NOT NULL,
    removed           INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    config            TEXT CHECK (config IS NULL OR json_valid(config)),
    CHECK ((removed = 1) = (config IS NULL))
) STRICT, WITHOUT ROWID;

-- Two connections to one account would send everything twice.
CREATE UNIQUE INDEX connection_account ON connection (platform, account_remote_id)
    WHERE removed = 0 AND account_remote_id <> '';

CREATE TABLE stream (
    connection_id  TEXT NOT NULL REFERENCES connection (id),
    name           TEXT NOT NULL,
    cursor         TEXT,
    next_at_ms     INTEGER NOT NULL,
    last_ok_at_ms  INTEGER,
    last_try_at_ms INTEGER,
    failures       INTEGER NOT NULL CHECK (failures >= 0),
    idle_streak    INTEGER NOT NULL CHECK (idle_streak >= 0),
    refusal        TEXT,
    interval_s     INTEGER CHECK (interval_s > 0),
    read_total     INTEGER NOT NULL CHECK (read_total >= 0),
    PRIMARY KEY (connection_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE bucket (
    connection_id TEXT NOT NULL REFERENCES connection (id),
    name          TEXT NOT NULL,
    state         TEXT NOT NULL,
    PRIMARY KEY (connection_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE automation (
    id         TEXT PRIMARY KEY,
    mode       TEXT NOT NULL CHECK (mode IN ('off', 'watch', 'ask', 'auto')),
    go_live_ms INTEGER,
    settings   TEXT NOT NULL CHECK (json_valid(settings))
) STRICT, WITHOUT ROWID;
