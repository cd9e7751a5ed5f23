-- What was read (record, quarantine), and the queue made from it (orders and its index).

-- One thing as a platform has it now. An order's record is found by orders
-- (connection_id, remote_id), a hub's record by link: a third pointer from here
-- could only disagree with those two.
CREATE TABLE record (
    id            INTEGER PRIMARY KEY,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('order', 'hub_order', 'parcel', 'stock', 'product', 'return')),
    remote_id     TEXT NOT NULL,
    -- First 16 bytes of BLAKE3 over the JSON body as it was read.
    hash          BLOB NOT NULL CHECK (length(hash) = 16),
    remote_at_ms  INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    -- zstd of the model's JSON.
    body          BLOB NOT NULL,
    -- zstd of the platform's own text; NULL once retention took it.
    raw           BLOB
) STRICT;
CREATE UNIQUE INDEX record_name ON record (connection_id, kind, remote_id);
CREATE INDEX record_parcels ON record (remote_at_ms, id) WHERE kind = 'parcel';

-- Records that could not be read, until a later reading succeeds.
CREATE TABLE quarantine (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('order', 'hub_order', 'parcel', 'stock', 'product', 'return')),
    remote_id     TEXT NOT NULL,
    number        TEXT,
    why           TEXT NOT NULL,
    raw           BLOB NOT NULL,
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;

-- One row per channel order: the queue's columns, nothing else. `stage` is NULL
-- between the first sight of an order and its first decision (one transaction).
CREATE TABLE orders (
    id               INTEGER PRIMARY KEY,
    connection_id    TEXT NOT NULL,
    remote_id        TEXT NOT NULL,
    received_at_ms   INTEGER NOT NULL,
    -- Facts, from the record. `facts_hash` tells whether they moved.
    facts_hash       INTEGER NOT NULL,
    number           TEXT NOT NULL,
    number_rank      INTEGER NOT NULL,
    placed_at_ms     INTEGER NOT NULL,
    updated_at_ms    INTEGER NOT NULL,
    seen_at_ms       INTEGER NOT NULL,
    customer         TEXT NOT NULL,
    city             TEXT NOT NULL,
    country          TEXT NOT NULL,
    lines            INTEGER NOT NULL,
    units            INTEGER NOT NULL,
    total_minor      INTEGER NOT NULL,
    currency         TEXT NOT NULL,
    service          TEXT NOT NULL,
    tags             TEXT NOT NULL,
    payment          TEXT NOT NULL,
    test             INTEGER NOT NULL CHECK (test IN (0, 1)),
    blanked_at_ms    INTEGER,
    -- Of what the search index holds for this row; NULL: nothing.
    search_hash      INTEGER,
    -- Decision.
    stage            TEXT CHECK (stage IN ('unpaid', 'to_send', 'sending', 'packing', 'held', 'partly_shipped',
                                           'telling', 'shipped', 'cancelled', 'nothing_to_ship', 'ignored')),
    waits_code       TEXT,
    waits_sentence   TEXT,
    waits_icon       TEXT,
    waits_tone       TEXT CHECK (waits_tone IN ('neutral', 'info', 'success', 'warning', 'danger', 'hold')),
    waits_since_ms   INTEGER,
    action           TEXT,
    ship_by_ms       INTEGER,
    hub_state        TEXT NOT NULL DEFAULT '',
    look_again_at_ms INTEGER,
    -- Maintained by the database, so that no code can disagree with the stage.
    open             INTEGER NOT NULL GENERATED ALWAYS AS (
                         ifnull(stage IN ('unpaid', 'to_send', 'sending', 'packing', 'held', 'partly_shipped', 'telling'), 0)
                     ) STORED,
    paid             INTEGER NOT NULL GENERATED ALWAYS AS (payment IN ('paid', 'partially_refunded')) VIRTUAL,
    -- Orders without a deadline come last.
    due_ms           INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(ship_by_ms, 9223372036854775807)) VIRTUAL,
    CHECK ((stage IS NULL) = (waits_code IS NULL)),
    CHECK ((stage IS NULL) = (waits_sentence IS NULL)),
    CHECK ((stage IS NULL) = (waits_icon IS NULL)),
    CHECK ((stage IS NULL) = (waits_tone IS NULL)),
    CHECK ((stage IS NULL) = (waits_since_ms IS NULL))
) STRICT;

CREATE UNIQUE INDEX orders_remote ON orders (connection_id, remote_id);
CREATE INDEX orders_placed ON orders (placed_at_ms, id);
CREATE INDEX orders_look_again ON orders (look_again_at_ms) WHERE look_again_at_ms IS NOT NULL;
-- One per column the queue sorts by; open orders only, so they stay as small as the day's work.
-- The columns behind `id` let a filter pass over an entry without fetching its row.
CREATE INDEX orders_open ON orders (id) WHERE open = 1;
CREATE INDEX orders_open_due ON orders (due_ms, id, country) WHERE open = 1;
CREATE INDEX orders_open_placed ON orders (placed_at_ms, id, connection_id, waits_code, paid, total_minor, currency, due_ms, country, stage)
    WHERE open = 1;
CREATE INDEX orders_open_total ON orders (total_minor, id) WHERE open = 1;
CREATE INDEX orders_open_units ON orders (units, id) WHERE open = 1;
CREATE INDEX orders_open_number ON orders (number_rank, id) WHERE open = 1;
CREATE INDEX orders_open_waits ON orders (waits_since_ms, id) WHERE open = 1;
-- The three usual views, each in the order of deadlines.
CREATE INDEX orders_open_stage_due ON orders (stage, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_cause_due ON orders (waits_code, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_connection_due ON orders (connection_id, due_ms, id) WHERE open = 1;

-- How many orders stand where: counts on tabs cost nothing however many orders there are.
CREATE TABLE tally (
    connection_id TEXT NOT NULL,
    stage         TEXT NOT NULL,
    waits_code    TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, stage, waits_code)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER orders_tally_decided AFTER UPDATE OF stage, waits_code ON orders
WHEN old.stage IS NOT new.stage OR old.waits_code IS NOT new.waits_code
BEGIN
    UPDATE tally SET n = n - 1
        WHERE connection_id = old.connection_id AND stage = old.stage AND waits_code = old.waits_code;
    INSERT INTO tally (connection_id, stage, waits_code, n)
        SELECT new.connection_id, new.stage, new.waits_code, 1 WHERE new.stage IS NOT NULL
        ON CONFLICT (connection_id, stage, waits_code) DO UPDATE SET n = n + 1;
END;
-- Rows enter undecided and stay for good, so updates are all that counts.
CREATE TRIGGER orders_enter_undecided BEFORE INSERT ON orders WHEN new.stage IS NOT NULL
BEGIN
    SELECT raise(ABORT, 'an order enters the store undecided');
END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'orders are never deleted, only blanked');
END;

-- Which hub orders and parcels belong to which order. A merged hub order belongs to several.
CREATE TABLE link (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('order', 'hub_order', 'parcel', 'stock', 'product', 'return')),
    remote_id     TEXT NOT NULL,
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    PRIMARY KEY (connection_id, kind, remote_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_order ON link (order_id);

-- A hub's records that were read before the order they belong to, under the name by which
-- it will ask for them.
CREATE TABLE waiting_link (
    waits_for     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('hub_order', 'parcel')),
    remote_id     TEXT NOT NULL,
    PRIMARY KEY (waits_for, connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;

-- Our permanent key at the hub, and the order it stands for.
CREATE TABLE hub_key (
    key      TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE choice (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id),
    choices  TEXT NOT NULL CHECK (json_valid(choices))
) STRICT;

-- rowid is orders.id. Contentless: the text itself is kept once, in the record.
CREATE VIRTUAL TABLE order_search USING fts5 (
    number, customer, email, sku, tracking, place, remote, tag, country,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
