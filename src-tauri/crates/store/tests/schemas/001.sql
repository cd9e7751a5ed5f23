-- A database of schema 1: tests/upgrades.rs. Never edited, never written again.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE connection (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    platform          TEXT NOT NULL,
    account_remote_id TEXT NOT NULL,
    removed           INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    config            TEXT CHECK (config IS NULL OR json_valid(config)),
    CHECK ((removed = 1) = (config IS NULL))
) STRICT, WITHOUT ROWID;
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
INSERT INTO "connection" (id, name, platform, account_remote_id, removed, config) VALUES ('harbour-goods', 'The harbour-goods', 'shop', 's1', 0, '{"id":"harbour-goods","name":"The harbour-goods","platform":"shop","way":"token","fields":{"shop":"harbour"},"base_url":null,"account":{"remote_id":"s1","name":"Harbour Goods","time_zone":null,"currency":null,"admin_url":null,"abilities":[],"facts":{},"expires_at_ms":null,"performs":null,"streams":null},"settings":{},"paused":false,"created_at_ms":1700000000000}');
INSERT INTO "connection" (id, name, platform, account_remote_id, removed, config) VALUES ('warehouse', 'The warehouse', 'hub', 'h1', 0, '{"id":"warehouse","name":"The warehouse","platform":"hub","way":"token","fields":{"shop":"harbour"},"base_url":null,"account":{"remote_id":"h1","name":"Harbour Goods","time_zone":null,"currency":null,"admin_url":null,"abilities":[],"facts":{},"expires_at_ms":null,"performs":null,"streams":null},"settings":{},"paused":false,"created_at_ms":1700000000000}');
INSERT INTO "stream" (connection_id, name, cursor, next_at_ms, last_ok_at_ms, last_try_at_ms, failures, idle_streak, refusal, interval_s, read_total) VALUES ('harbour-goods', 'orders', '"c-17"', 0, NULL, NULL, 0, 0, NULL, NULL, 0);
INSERT INTO "bucket" (connection_id, name, state) VALUES ('harbour-goods', 'graphql', '{"left":17,"name":"graphql"}');
INSERT INTO "setting" (key, value) VALUES ('theme', '"dark"');
INSERT INTO "automation" (id, mode, go_live_ms, settings) VALUES ('orders_to_hub', 'auto', 1699913600000, '{"hub":"warehouse"}');
CREATE UNIQUE INDEX connection_account ON connection (platform, account_remote_id)
    WHERE removed = 0 AND account_remote_id <> '';
PRAGMA user_version = 1;
