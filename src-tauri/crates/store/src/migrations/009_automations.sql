-- What people keep for automations beyond a handful of settings, and what rules made of orders.

-- What a store calls a thing, and what the hub picks for one unit of it. Store '' is every store.
CREATE TABLE sku_alias (
    store         TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('sku', 'variant')),
    -- `theirs` as names are compared.
    name          TEXT NOT NULL CHECK (name <> ''),
    theirs        TEXT NOT NULL,
    parts         TEXT NOT NULL CHECK (json_valid(parts) AND json_array_length(parts) > 0),
    changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (store, kind, name)
) STRICT, WITHOUT ROWID;

-- Which rules looked at an order and what came of it: one row whenever that changed.
CREATE TABLE rule_trace (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    at_ms    INTEGER NOT NULL,
    trace    TEXT NOT NULL CHECK (json_valid(trace)),
    PRIMARY KEY (order_id, at_ms)
) STRICT, WITHOUT ROWID;

-- Reports that were made by schedule: one row per schedule and the moment it was due, so that
-- a computer that slept makes a missed one once.
CREATE TABLE report_run (
    schedule   TEXT NOT NULL,
    due_ms     INTEGER NOT NULL,
    made_at_ms INTEGER NOT NULL,
    file       TEXT,
    trouble    TEXT,
    PRIMARY KEY (schedule, due_ms),
    CHECK ((file IS NULL) <> (trouble IS NULL))
) STRICT, WITHOUT ROWID;
