CREATE TRIGGER effect_born BEFORE INSERT ON effect WHEN new.state NOT IN ('asked', 'pending')
BEGIN
    SELECT raise(ABORT, 'an effect begins as asked or pending');
END;
CREATE TRIGGER effect_end_state BEFORE UPDATE OF state ON effect WHEN old.state IN ('done', 'skipped')
BEGIN
    SELECT raise(ABORT, 'the end state of an effect is written once');
END;
CREATE TRIGGER effect_key_is_permanent BEFORE UPDATE OF key, order_id, connection_id, kind ON effect
BEGIN
    SELECT raise(ABORT, 'key, order, account and kind of an effect never change');
END;
CREATE TRIGGER effect_stays BEFORE DELETE ON effect
BEGIN
    SELECT raise(ABORT, 'effects are never deleted');
END;
CREATE TRIGGER effect_steps BEFORE UPDATE OF state ON effect WHEN NOT (
       (old.state = 'asked'   AND (new.state = 'asked' OR new.state = 'pending' OR new.state = 'skipped'))
    OR (old.state = 'pending' AND (new.state = 'pending' OR new.state = 'running' OR new.state = 'skipped'))
    OR (old.state = 'running' AND (new.state = 'pending' OR new.state = 'done' OR new.state = 'refused' OR new.state = 'unknown' OR new.state = 'skipped'))
    OR (old.state = 'unknown' AND (new.state = 'unknown' OR new.state = 'pending' OR new.state = 'done' OR new.state = 'refused' OR new.state = 'skipped'))
    OR (old.state = 'refused' AND new.state IN ('pending', 'skipped'))
    OR old.state IN ('done', 'skipped')
)
BEGIN
    SELECT raise(ABORT, 'an effect cannot take this step');
END;
CREATE TRIGGER effect_subject_is_permanent BEFORE UPDATE OF subject, subject_name ON effect
BEGIN
    SELECT raise(ABORT, 'what a change is about never changes');
END;
CREATE TRIGGER effect_tally_born AFTER INSERT ON effect
BEGIN
    INSERT INTO effect_tally (connection_id, kind, state, n) VALUES (new.connection_id, new.kind, new.state, 1)
        ON CONFLICT (connection_id, kind, state) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER effect_tally_step AFTER UPDATE OF state ON effect WHEN old.state <> new.state
BEGIN
    UPDATE effect_tally SET n = n - 1
        WHERE connection_id = old.connection_id AND kind = old.kind AND state = old.state;
    INSERT INTO effect_tally (connection_id, kind, state, n) VALUES (new.connection_id, new.kind, new.state, 1)
        ON CONFLICT (connection_id, kind, state) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER orders_born AFTER INSERT ON orders WHEN new.stage IS NOT NULL
BEGIN
    INSERT INTO tally (connection_id, stage, waits_code, n) VALUES (new.connection_id, new.stage, new.waits_code, 0)
        ON CONFLICT DO NOTHING;
    UPDATE tally SET n = n + 1
        WHERE connection_id = new.connection_id AND stage = new.stage AND waits_code = new.waits_code;
    INSERT INTO open_tally (connection_id, paid, hour, waits_code, currency, n, minor)
        SELECT new.connection_id, new.paid, new.placed_at_ms / 3600000, new.waits_code, new.currency, 0, 0
        WHERE new.open = 1
        ON CONFLICT DO NOTHING;
    UPDATE open_tally
        SET n = n + 1,
            minor = minor + CASE
                WHEN new.total_minor > 10000000000000 THEN 10000000000000
                WHEN new.total_minor < -10000000000000 THEN -10000000000000
                ELSE new.total_minor
            END
        WHERE new.open = 1 AND connection_id = new.connection_id AND paid = new.paid
          AND hour = new.placed_at_ms / 3600000 AND waits_code = new.waits_code AND currency = new.currency;
END;
CREATE TRIGGER orders_born_tagged AFTER INSERT ON orders WHEN new.open = 1 AND new.tags <> '[]'
BEGIN
    INSERT INTO order_tag
        SELECT value, new.id, new.due_ms, new.placed_at_ms, new.total_minor, new.units, new.number_rank, new.waits_since_ms,
               new.customer, new.connection_id, new.country, new.stage_rank
        FROM json_each(new.tags) WHERE true
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'orders are never deleted, only blanked');
END;
CREATE TRIGGER orders_tags
AFTER UPDATE OF stage, tags ON orders
WHEN ((old.open = 1 AND old.tags <> '[]') OR (new.open = 1 AND new.tags <> '[]'))
    AND (old.open, old.tags) IS NOT (new.open, new.tags)
BEGIN
    DELETE FROM order_tag WHERE old.open = 1 AND (tag, id) IN (SELECT value, old.id FROM json_each(old.tags));
    INSERT OR IGNORE INTO order_tag
        SELECT value, new.id, new.due_ms, new.placed_at_ms, new.total_minor, new.units, new.number_rank, new.waits_since_ms,
               new.customer, new.connection_id, new.country, new.stage_rank
        FROM json_each(new.tags) WHERE new.open = 1;
END;
CREATE TRIGGER orders_tags_sorted
AFTER UPDATE OF ship_by_ms, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer, country, stage ON orders
WHEN new.open = 1 AND old.open = 1 AND new.tags <> '[]' AND old.tags = new.tags
    AND (old.due_ms, old.placed_at_ms, old.total_minor, old.units, old.number_rank, old.waits_since_ms, old.customer,
         old.country, old.stage_rank)
        IS NOT (new.due_ms, new.placed_at_ms, new.total_minor, new.units, new.number_rank, new.waits_since_ms, new.customer,
                new.country, new.stage_rank)
BEGIN
    UPDATE order_tag
    SET due_ms = new.due_ms, placed_at_ms = new.placed_at_ms, total_minor = new.total_minor, units = new.units,
        number_rank = new.number_rank, waits_since_ms = new.waits_since_ms, customer = new.customer,
        country = new.country, stage_rank = new.stage_rank
    WHERE (tag, id) IN (SELECT value, new.id FROM json_each(new.tags));
END;
CREATE TRIGGER orders_tally_decided AFTER UPDATE OF stage, waits_code ON orders
WHEN old.stage IS NOT new.stage OR old.waits_code IS NOT new.waits_code
BEGIN
    UPDATE tally SET n = n - 1
        WHERE connection_id = old.connection_id AND stage = old.stage AND waits_code = old.waits_code;
    INSERT INTO tally (connection_id, stage, waits_code, n)
        SELECT new.connection_id, new.stage, new.waits_code, 1 WHERE new.stage IS NOT NULL
        ON CONFLICT (connection_id, stage, waits_code) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER orders_tally_open
AFTER UPDATE OF stage, waits_code, placed_at_ms, total_minor, currency, payment ON orders
WHEN (old.open = 1 OR new.open = 1)
    AND (old.open, old.waits_code, old.placed_at_ms, old.total_minor, old.currency, old.paid)
        IS NOT (new.open, new.waits_code, new.placed_at_ms, new.total_minor, new.currency, new.paid)
BEGIN
    UPDATE open_tally SET n = n - 1, minor = minor - max(-10000000000000, min(10000000000000, old.total_minor))
        WHERE old.open = 1 AND connection_id = old.connection_id AND paid = old.paid
          AND hour = old.placed_at_ms / 3600000 AND waits_code = old.waits_code AND currency = old.currency;
    DELETE FROM open_tally
        WHERE old.open = 1 AND n = 0 AND connection_id = old.connection_id AND paid = old.paid
          AND hour = old.placed_at_ms / 3600000 AND waits_code = old.waits_code AND currency = old.currency;
    INSERT INTO open_tally (connection_id, paid, hour, waits_code, currency, n, minor)
        SELECT new.connection_id, new.paid, new.placed_at_ms / 3600000, new.waits_code, new.currency, 1,
               max(-10000000000000, min(10000000000000, new.total_minor))
        WHERE new.open = 1
        ON CONFLICT (connection_id, paid, hour, waits_code, currency)
            DO UPDATE SET n = n + 1, minor = minor + excluded.minor;
END;
CREATE TRIGGER trail_grows BEFORE INSERT ON trail WHEN new.n <> (SELECT ifnull(max(n), 0) + 1 FROM trail)
BEGIN
    SELECT raise(ABORT, 'the trail grows at its end only');
END;
CREATE TRIGGER trail_holds BEFORE UPDATE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never changed');
END;
CREATE TRIGGER trail_of_attempts AFTER INSERT ON attempt
BEGIN
    INSERT INTO trail_attempt (effect_id, n) VALUES (new.effect_id, new.n);
END;
CREATE TRIGGER trail_stays BEFORE DELETE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never shortened');
END;
CREATE TABLE answer (
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- What was heard, oldest first: compressed JSON.
    body  BLOB NOT NULL
) STRICT;
CREATE TABLE attempt (
    effect_id   INTEGER NOT NULL REFERENCES effect (id),
    n           INTEGER NOT NULL CHECK (n > 0),
    at_ms       INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    -- 1: the platform was asked whether it holds; 0: it was sent.
    looked      INTEGER NOT NULL CHECK (looked IN (0, 1)),
    outcome     TEXT NOT NULL CHECK ((outcome = 'done' OR outcome = 'already' OR outcome = 'waits' OR outcome = 'refused' OR outcome = 'unknown' OR outcome = 'skipped')),
    refusal     TEXT,
    request_id  TEXT, answer_id INTEGER REFERENCES answer (id) ON DELETE SET NULL,
    PRIMARY KEY (effect_id, n),
    CHECK (outcome NOT IN ('refused', 'unknown') OR refusal IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt_said (
    effect_id INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    -- What was mixed into the digests; NULL: what they are of was taken out.
    salt      BLOB CHECK (salt IS NULL OR length(salt) = 16),
    sent      BLOB NOT NULL CHECK (length(sent) = 32),
    refused   BLOB NOT NULL CHECK (length(refused) = 32),
    -- The entry that says that it was.
    entry     INTEGER,
    PRIMARY KEY (effect_id, n),
    CHECK ((salt IS NULL) = (entry IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE automation (
    id         TEXT PRIMARY KEY,
    mode       TEXT NOT NULL CHECK (mode IN ('off', 'watch', 'ask', 'auto')),
    go_live_ms INTEGER,
    settings   TEXT NOT NULL CHECK (json_valid(settings))
) STRICT, WITHOUT ROWID;
CREATE TABLE bucket (
    connection_id TEXT NOT NULL REFERENCES connection (id),
    name          TEXT NOT NULL,
    state         TEXT NOT NULL,
    PRIMARY KEY (connection_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE choice (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id),
    choices  TEXT NOT NULL CHECK (json_valid(choices))
) STRICT;
CREATE TABLE connection (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    platform          TEXT NOT NULL,
    account_remote_id TEXT NOT NULL,
    removed           INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    config            TEXT CHECK (config IS NULL OR json_valid(config)),
    CHECK ((removed = 1) = (config IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE customer_choice (
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    -- The account's id of whom is meant; NULL: a new one is made.
    remote_id     TEXT,
    always        INTEGER NOT NULL CHECK (always IN (0, 1)),
    -- Who it is here and there, for people; empty once the buyer's data is gone.
    name          TEXT NOT NULL,
    theirs        TEXT NOT NULL,
    -- The order it was said about.
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, customer),
    CHECK (remote_id IS NOT NULL OR always = 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE customer_review (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    candidates    TEXT NOT NULL CHECK (json_valid(candidates)),
    asked_at_ms   INTEGER NOT NULL
) STRICT;
CREATE TABLE customer_written (
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    fields        TEXT NOT NULL CHECK (json_valid(fields)),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, customer)
) STRICT, WITHOUT ROWID;
CREATE TABLE effect (
    id               INTEGER PRIMARY KEY,
    key              TEXT NOT NULL,
    order_id         INTEGER REFERENCES orders (id),
    connection_id    TEXT NOT NULL,
    kind             TEXT NOT NULL,
    automation       TEXT NOT NULL,
    sentence         TEXT NOT NULL,
    -- zstd of the intent's JSON.
    intent           BLOB NOT NULL,
    state            TEXT NOT NULL CHECK ((state = 'asked' OR state = 'pending' OR state = 'running' OR state = 'unknown' OR state = 'done' OR state = 'refused' OR state = 'skipped')),
    ship_by_ms       INTEGER,
    created_at_ms    INTEGER NOT NULL,
    not_before_ms    INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    first_sent_at_ms INTEGER,
    settled_at_ms    INTEGER,
    refusal          TEXT,
    receipt          TEXT,
    -- It held at the platform before we asked.
    already          INTEGER NOT NULL DEFAULT 0 CHECK (already IN (0, 1)),
    skip_reason      TEXT,
    due_ms           INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(ship_by_ms, 9223372036854775807)) VIRTUAL, ticket TEXT, urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)), last_sent_at_ms INTEGER, subject TEXT CHECK ((subject IS NULL) = (order_id IS NOT NULL)), subject_name TEXT CHECK ((subject IS NULL) = (subject_name IS NULL)),
    CHECK ((state IN ('done', 'skipped')) = (settled_at_ms IS NOT NULL)),
    CHECK ((state = 'done') = (receipt IS NOT NULL)),
    CHECK ((state = 'skipped') = (skip_reason IS NOT NULL)),
    CHECK (state NOT IN ('refused', 'unknown') OR refusal IS NOT NULL),
    CHECK (state NOT IN ('running', 'unknown') OR first_sent_at_ms IS NOT NULL),
    CHECK (state <> 'running' OR attempts > 0),
    CHECK (state <> 'asked' OR first_sent_at_ms IS NULL)
) STRICT;
CREATE TABLE effect_tally (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, kind, state)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    id            INTEGER PRIMARY KEY,
    order_id      INTEGER REFERENCES orders (id),
    connection_id TEXT,
    at_ms         INTEGER NOT NULL,
    author        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    detail        TEXT
) STRICT;
CREATE TABLE finding (
    id               INTEGER PRIMARY KEY,
    owner            TEXT NOT NULL CHECK ((owner = 'decision' OR owner = 'reading' OR owner = 'account')),
    order_id         INTEGER REFERENCES orders (id),
    connection_id    TEXT,
    effect_id        INTEGER REFERENCES effect (id),
    cause            TEXT NOT NULL,
    about            TEXT NOT NULL,
    sentence         TEXT NOT NULL,
    said             TEXT,
    state            TEXT NOT NULL CHECK ((state = 'open' OR state = 'snoozed' OR state = 'resolved')),
    opened_at_ms     INTEGER NOT NULL,
    last_seen_at_ms  INTEGER NOT NULL,
    count            INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
    snoozed_until_ms INTEGER,
    resolved_at_ms   INTEGER,
    resolved_by      TEXT CHECK (resolved_by IN ('itself', 'person')), assignee TEXT NOT NULL DEFAULT '',
    CHECK (order_id IS NOT NULL OR connection_id IS NOT NULL),
    CHECK ((state = 'snoozed') = (snoozed_until_ms IS NOT NULL)),
    CHECK ((state = 'resolved') = (resolved_at_ms IS NOT NULL)),
    CHECK ((state = 'resolved') = (resolved_by IS NOT NULL))
) STRICT;
CREATE TABLE forgotten (
    order_id    INTEGER PRIMARY KEY REFERENCES orders (id),
    asked_at_ms INTEGER NOT NULL,
    -- NULL: it is open, and is forgotten as soon as it is closed.
    done_at_ms  INTEGER
) STRICT;
CREATE TABLE forgotten_mark (
    mark        BLOB PRIMARY KEY CHECK (length(mark) = 32),
    asked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE hub_key (
    key      TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK ((kind = 'order' OR kind = 'hub_order' OR kind = 'parcel' OR kind = 'stock' OR kind = 'product' OR kind = 'return')),
    remote_id     TEXT NOT NULL,
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    PRIMARY KEY (connection_id, kind, remote_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE notification (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    topic   TEXT NOT NULL,
    title   TEXT NOT NULL,
    body    TEXT NOT NULL,
    -- Where a click leads, JSON.
    target  TEXT,
    orders  INTEGER NOT NULL DEFAULT 0 CHECK (orders >= 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('shown', 'held_back', 'failed')),
    why     TEXT,
    CHECK ((outcome = 'shown') = (why IS NULL))
) STRICT;
CREATE TABLE open_tally (
    connection_id TEXT NOT NULL,
    paid          INTEGER NOT NULL CHECK (paid IN (0, 1)),
    -- placed_at_ms / 3600000.
    hour          INTEGER NOT NULL,
    waits_code    TEXT NOT NULL,
    currency      TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    minor         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, paid, hour, waits_code, currency)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE order_search USING fts5 (
    number, customer, email, sku, tracking, place, remote, tag, country,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE 'order_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'order_search_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'order_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'order_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE order_tag (
    tag            TEXT NOT NULL,
    id             INTEGER NOT NULL,
    due_ms         INTEGER NOT NULL,
    placed_at_ms   INTEGER NOT NULL,
    total_minor    INTEGER NOT NULL,
    units          INTEGER NOT NULL,
    number_rank    INTEGER NOT NULL,
    waits_since_ms INTEGER NOT NULL,
    customer       TEXT NOT NULL COLLATE NOCASE,
    connection_id  TEXT NOT NULL,
    country        TEXT NOT NULL,
    stage_rank     INTEGER,
    PRIMARY KEY (tag, id)
) STRICT, WITHOUT ROWID;
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
    stage            TEXT CHECK ((stage = 'unpaid' OR stage = 'to_send' OR stage = 'sending' OR stage = 'packing' OR stage = 'held' OR stage = 'partly_shipped' OR stage = 'telling' OR stage = 'shipped' OR stage = 'cancelled' OR stage = 'nothing_to_ship' OR stage = 'ignored')),
    waits_code       TEXT,
    waits_sentence   TEXT,
    waits_icon       TEXT,
    waits_tone       TEXT CHECK ((waits_tone = 'neutral' OR waits_tone = 'info' OR waits_tone = 'success' OR waits_tone = 'warning' OR waits_tone = 'danger' OR waits_tone = 'hold')),
    waits_since_ms   INTEGER,
    action           TEXT,
    ship_by_ms       INTEGER,
    hub_state        TEXT NOT NULL DEFAULT '',
    look_again_at_ms INTEGER,
    -- Maintained by the database, so that no code can disagree with the stage.
    open             INTEGER NOT NULL GENERATED ALWAYS AS (
                         ifnull((stage = 'unpaid' OR stage = 'to_send' OR stage = 'sending' OR stage = 'packing' OR stage = 'held' OR stage = 'partly_shipped' OR stage = 'telling'), 0)
                     ) STORED,
    paid             INTEGER NOT NULL GENERATED ALWAYS AS (payment IN ('paid', 'partially_refunded')) VIRTUAL,
    -- Orders without a deadline come last.
    due_ms           INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(ship_by_ms, 9223372036854775807)) VIRTUAL, sold_as TEXT, personal_days INTEGER, stage_rank INTEGER GENERATED ALWAYS AS (
    CASE stage
        WHEN 'unpaid' THEN 0 WHEN 'to_send' THEN 1 WHEN 'sending' THEN 2 WHEN 'packing' THEN 3 WHEN 'held' THEN 4
        WHEN 'partly_shipped' THEN 5 WHEN 'telling' THEN 6 WHEN 'shipped' THEN 7 WHEN 'cancelled' THEN 8
        WHEN 'nothing_to_ship' THEN 9 WHEN 'ignored' THEN 10
    END
) VIRTUAL,
    CHECK ((stage IS NULL) = (waits_code IS NULL)),
    CHECK ((stage IS NULL) = (waits_sentence IS NULL)),
    CHECK ((stage IS NULL) = (waits_icon IS NULL)),
    CHECK ((stage IS NULL) = (waits_tone IS NULL)),
    CHECK ((stage IS NULL) = (waits_since_ms IS NULL))
) STRICT;
CREATE TABLE proof (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    connection_id TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('asked', 'held', 'missing')),
    ask_at_ms     INTEGER NOT NULL
) STRICT;
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
CREATE TABLE record (
    id            INTEGER PRIMARY KEY,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK ((kind = 'order' OR kind = 'hub_order' OR kind = 'parcel' OR kind = 'stock' OR kind = 'product' OR kind = 'return')),
    remote_id     TEXT NOT NULL,
    -- First 16 bytes of BLAKE3 over the JSON body as it was read.
    hash          BLOB NOT NULL CHECK (length(hash) = 16),
    remote_at_ms  INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    -- zstd of the model's JSON.
    body          BLOB NOT NULL,
    -- zstd of the platform's own text; NULL once retention took it.
    raw           BLOB
, live INTEGER CHECK (live IN (0, 1))) STRICT;
CREATE TABLE refund_quote (
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    about         TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    ask           TEXT NOT NULL CHECK (json_valid(ask)),
    quote         TEXT CHECK (quote IS NULL OR json_valid(quote)),
    refused       TEXT,
    -- NULL once the store said it, ms UTC.
    ask_at_ms     INTEGER,
    PRIMARY KEY (order_id, about),
    CHECK (quote IS NULL OR ask_at_ms IS NULL)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_run (
    schedule   TEXT NOT NULL,
    due_ms     INTEGER NOT NULL,
    made_at_ms INTEGER NOT NULL,
    file       TEXT,
    trouble    TEXT,
    PRIMARY KEY (schedule, due_ms),
    CHECK ((file IS NULL) <> (trouble IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_trace (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    at_ms    INTEGER NOT NULL,
    trace    TEXT NOT NULL CHECK (json_valid(trace)),
    PRIMARY KEY (order_id, at_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
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
CREATE TABLE tally (
    connection_id TEXT NOT NULL,
    stage         TEXT NOT NULL,
    waits_code    TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, stage, waits_code)
) STRICT, WITHOUT ROWID;
CREATE TABLE trail (
    n        INTEGER PRIMARY KEY CHECK (n > 0),
    at_ms    INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('events', 'effects', 'attempts', 'blanked', 'purged', 'note')),
    -- Of a page: its rows lie from here to there.
    first_id INTEGER,
    last_id  INTEGER CHECK (last_id >= first_id),
    -- Rows of a page, or rows that an entry is about.
    held     INTEGER NOT NULL CHECK (held >= 0),
    -- Of an entry: what was done.
    body     TEXT CHECK (body IS NULL OR json_valid(body)),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    link     BLOB NOT NULL CHECK (length(link) = 32),
    CHECK ((kind IN ('events', 'effects', 'attempts')) = (first_id IS NOT NULL)),
    CHECK ((first_id IS NULL) = (last_id IS NULL)),
    CHECK ((kind IN ('events', 'effects', 'attempts')) = (body IS NULL))
) STRICT;
CREATE TABLE trail_attempt (
    id        INTEGER PRIMARY KEY,
    effect_id INTEGER NOT NULL,
    n         INTEGER NOT NULL
) STRICT;
CREATE TABLE trail_gone (
    kind   TEXT NOT NULL CHECK (kind IN ('events', 'effects')),
    id     INTEGER NOT NULL,
    whole  INTEGER NOT NULL CHECK (whole IN (0, 1)),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- The entry that says so.
    entry  INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE trail_salt (
    page  INTEGER PRIMARY KEY REFERENCES trail (n),
    salts BLOB NOT NULL
) STRICT;
CREATE TABLE "waiting_link" (
    waits_for     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('hub_order', 'parcel', 'return')),
    remote_id     TEXT NOT NULL,
    PRIMARY KEY (waits_for, connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_answer ON attempt (answer_id) WHERE answer_id IS NOT NULL;
CREATE UNIQUE INDEX connection_account ON connection (platform, account_remote_id)
    WHERE removed = 0 AND account_remote_id <> '';
CREATE INDEX customer_review_customer ON customer_review (connection_id, customer);
CREATE INDEX customer_review_order ON customer_review (order_id);
CREATE INDEX customer_written_order ON customer_written (order_id);
CREATE INDEX effect_due ON effect (connection_id, urgent DESC, due_ms, id, kind, not_before_ms, order_id)
    WHERE state = 'pending';
CREATE UNIQUE INDEX effect_key ON effect (key);
CREATE INDEX effect_label ON effect (connection_id, settled_at_ms) WHERE kind IN ('buy_label', 'return_label') AND state = 'done';
CREATE INDEX effect_next ON effect (connection_id, not_before_ms, id) WHERE state IN ('pending', 'unknown');
CREATE INDEX effect_order ON effect (order_id, id);
CREATE INDEX effect_parked ON effect (state, connection_id, kind, id)
    WHERE (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused');
CREATE INDEX effect_subject ON effect (subject, connection_id, id, state) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX effect_subject_open ON effect (subject, connection_id)
    WHERE subject IS NOT NULL AND (state = 'asked' OR state = 'pending' OR state = 'running' OR state = 'unknown');
CREATE INDEX effect_ticket ON effect (connection_id, created_at_ms) WHERE ticket IS NOT NULL;
CREATE INDEX effect_urgent ON effect (connection_id, not_before_ms, id) WHERE urgent = 1 AND state IN ('pending', 'unknown');
CREATE INDEX event_order ON event (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX finding_account ON finding (connection_id, owner) WHERE state <> 'resolved' AND connection_id IS NOT NULL;
CREATE INDEX finding_by_cause ON finding (cause, id, state, order_id, opened_at_ms, last_seen_at_ms) WHERE state <> 'resolved';
CREATE INDEX finding_count ON finding (connection_id, about) WHERE owner = 'decision' AND order_id IS NULL;
CREATE INDEX finding_customer ON finding (about, order_id, id) WHERE substr(about, 1, 9) = 'customer:';
CREATE INDEX finding_lasting ON finding (id) WHERE state <> 'resolved';
CREATE UNIQUE INDEX finding_once ON finding (ifnull(order_id, connection_id), cause, about, owner) WHERE state <> 'resolved';
CREATE INDEX finding_order ON finding (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX finding_over ON finding (resolved_at_ms, resolved_by) WHERE state = 'resolved';
CREATE INDEX finding_snoozed ON finding (snoozed_until_ms) WHERE state = 'snoozed';
CREATE INDEX forgotten_due ON forgotten (order_id) WHERE done_at_ms IS NULL;
CREATE INDEX link_order ON link (order_id);
CREATE INDEX order_tag_connection ON order_tag (tag, connection_id, due_ms, id);
CREATE INDEX order_tag_country ON order_tag (tag, country, due_ms, id);
CREATE INDEX order_tag_customer ON order_tag (tag, customer, id);
CREATE INDEX order_tag_due ON order_tag (tag, due_ms, id);
CREATE INDEX order_tag_number ON order_tag (tag, number_rank, id);
CREATE INDEX order_tag_placed ON order_tag (tag, placed_at_ms, id);
CREATE INDEX order_tag_stage ON order_tag (tag, stage_rank, due_ms, id);
CREATE INDEX order_tag_total ON order_tag (tag, total_minor, id);
CREATE INDEX order_tag_units ON order_tag (tag, units, id);
CREATE INDEX order_tag_waits ON order_tag (tag, waits_since_ms, id);
CREATE INDEX orders_found ON orders (id, open, stage_rank, due_ms);
CREATE INDEX orders_look_again ON orders (look_again_at_ms) WHERE look_again_at_ms IS NOT NULL;
CREATE INDEX orders_open ON orders (id) WHERE open = 1;
CREATE INDEX orders_open_cause_due ON orders (waits_code, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_connection_due ON orders (connection_id, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_country_due ON orders (country, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_customer ON orders (customer COLLATE NOCASE, id) WHERE open = 1;
CREATE INDEX orders_open_due ON orders
    (due_ms, id, country, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer COLLATE NOCASE,
     connection_id, stage_rank)
    WHERE open = 1;
CREATE INDEX orders_open_number ON orders (number_rank, id) WHERE open = 1;
CREATE INDEX orders_open_placed ON orders (placed_at_ms, id, connection_id, waits_code, paid, total_minor, currency, due_ms, country, stage)
    WHERE open = 1;
CREATE INDEX orders_open_stage_due ON orders (stage_rank, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_total ON orders (total_minor, id) WHERE open = 1;
CREATE INDEX orders_open_units ON orders (units, id) WHERE open = 1;
CREATE INDEX orders_open_waits ON orders (waits_since_ms, id) WHERE open = 1;
CREATE INDEX orders_personal ON orders (id) WHERE personal_days IS NOT NULL AND blanked_at_ms IS NULL;
CREATE INDEX orders_personal_account ON orders (connection_id, personal_days) WHERE personal_days IS NOT NULL;
CREATE INDEX orders_placed ON orders (placed_at_ms, id, connection_id);
CREATE UNIQUE INDEX orders_remote ON orders (connection_id, remote_id);
CREATE INDEX orders_sold_as ON orders (sold_as, id) WHERE sold_as IS NOT NULL;
CREATE INDEX proof_due ON proof (connection_id, ask_at_ms) WHERE state = 'asked';
CREATE UNIQUE INDEX record_name ON record (connection_id, kind, remote_id);
CREATE INDEX record_parcels ON record (remote_at_ms, id, live, connection_id, remote_id) WHERE kind = 'parcel';
CREATE INDEX refund_quote_due ON refund_quote (connection_id, ask_at_ms) WHERE ask_at_ms IS NOT NULL;
CREATE INDEX stock_count_look ON stock_count (connection_id, look_at_ms) WHERE look_at_ms IS NOT NULL;
CREATE INDEX stock_count_sku ON stock_count (sku);
CREATE INDEX stock_differs ON stock (sku) WHERE differs = 1;
CREATE INDEX stock_look ON stock (look_at_ms) WHERE look_at_ms IS NOT NULL;
CREATE INDEX stock_order_left ON stock_order (sku, left_at_ms) WHERE left_at_ms IS NOT NULL;
CREATE INDEX stock_order_open ON stock_order (sku) WHERE open > 0;
CREATE INDEX stock_order_placed ON stock_order (sku, placed_at_ms, units);
CREATE INDEX stock_warned ON stock (sku) WHERE warning IS NOT NULL;
CREATE INDEX trail_attempt_of ON trail_attempt (effect_id, n);
CREATE INDEX trail_page ON trail (kind, last_id);
