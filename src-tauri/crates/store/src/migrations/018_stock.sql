-- Counts of units beside orders: what each account counts, what orders hold, and what is said of a SKU.

-- A change may be about a count instead of about an order. The one constraint that goes is taken out of the definition in
-- place, as SQLite's manual describes it for constraints: no row changes, so a database of a million changes is as quick
-- as an empty one.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'order_id         INTEGER NOT NULL REFERENCES orders (id)', 'order_id         INTEGER REFERENCES orders (id)')
WHERE type = 'table' AND name = 'effect';
PRAGMA writable_schema = RESET;

-- The account's name of the count; NULL: the change is about an order.
ALTER TABLE effect ADD COLUMN subject TEXT CHECK ((subject IS NULL) = (order_id IS NOT NULL));
-- Its SKU, for people.
ALTER TABLE effect ADD COLUMN subject_name TEXT CHECK ((subject IS NULL) = (subject_name IS NULL));

CREATE INDEX effect_subject ON effect (subject, connection_id, id, state) WHERE subject IS NOT NULL;
-- One change of a count at a time.
CREATE UNIQUE INDEX effect_subject_open ON effect (subject, connection_id)
    WHERE subject IS NOT NULL AND (state = 'asked' OR state = 'pending' OR state = 'running' OR state = 'unknown');

CREATE TRIGGER effect_subject_is_permanent BEFORE UPDATE OF subject, subject_name ON effect
BEGIN
    SELECT raise(ABORT, 'what a change is about never changes');
END;

-- What is wrong with a count stands on the exceptions list beside what is wrong with orders.
CREATE INDEX finding_count ON finding (connection_id, about) WHERE owner = 'decision' AND order_id IS NULL;

-- A count as last read, found by the SKU under which it is added up.
CREATE TABLE stock_count (
    connection_id TEXT NOT NULL,
    remote_id     TEXT NOT NULL,
    -- As names are compared, after the table of aliases; empty: it has no SKU.
    sku           TEXT NOT NULL,
    -- As the account writes it.
    theirs        TEXT NOT NULL,
    bundle        INTEGER NOT NULL CHECK (bundle IN (0, 1)),
    item_id       TEXT NOT NULL,
    location_id   TEXT,
    location_name TEXT NOT NULL,
    available     INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    read_at_ms    INTEGER NOT NULL,
    -- What both sides last agreed on.
    agreed        INTEGER,
    agreed_at_ms  INTEGER,
    -- To be read by name from then on.
    look_at_ms    INTEGER,
    PRIMARY KEY (connection_id, remote_id),
    CHECK ((agreed IS NULL) = (agreed_at_ms IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_count_sku ON stock_count (sku);
CREATE INDEX stock_count_look ON stock_count (connection_id, look_at_ms) WHERE look_at_ms IS NOT NULL;

-- What an order has of a SKU: kept with its decision while somebody wants to know.
CREATE TABLE stock_order (
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    sku           TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    hub_id        TEXT,
    hub_since_ms  INTEGER,
    placed_at_ms  INTEGER NOT NULL,
    units         INTEGER NOT NULL,
    -- Of them still to leave.
    open          INTEGER NOT NULL CHECK (open >= 0),
    -- When some last left, as far as we know.
    left_at_ms    INTEGER,
    PRIMARY KEY (order_id, sku),
    CHECK ((hub_id IS NULL) = (hub_since_ms IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_order_open ON stock_order (sku) WHERE open > 0;
CREATE INDEX stock_order_placed ON stock_order (sku, placed_at_ms, units);
CREATE INDEX stock_order_left ON stock_order (sku, left_at_ms) WHERE left_at_ms IS NOT NULL;

-- What is said of a SKU that some account counts.
CREATE TABLE stock (
    sku        TEXT PRIMARY KEY,
    -- NULL: it was not looked at yet.
    says       TEXT CHECK (says IS NULL OR json_valid(says)),
    -- Some count of it is not what it should be.
    differs    INTEGER NOT NULL DEFAULT 0 CHECK (differs IN (0, 1)),
    -- Word of its warning.
    warning    TEXT,
    -- To be decided from then on; NULL: when something changes.
    look_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_look ON stock (look_at_ms) WHERE look_at_ms IS NOT NULL;
CREATE INDEX stock_warned ON stock (sku) WHERE warning IS NOT NULL;
CREATE INDEX stock_differs ON stock (sku) WHERE differs = 1;
