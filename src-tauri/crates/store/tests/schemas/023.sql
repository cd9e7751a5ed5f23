-- A database of schema 23: tests/upgrades.rs. Never edited, never written again.
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
CREATE TABLE tally (
    connection_id TEXT NOT NULL,
    stage         TEXT NOT NULL,
    waits_code    TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, stage, waits_code)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK ((kind = 'order' OR kind = 'hub_order' OR kind = 'parcel' OR kind = 'stock' OR kind = 'product' OR kind = 'return')),
    remote_id     TEXT NOT NULL,
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    PRIMARY KEY (connection_id, kind, remote_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE hub_key (
    key      TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE choice (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id),
    choices  TEXT NOT NULL CHECK (json_valid(choices))
) STRICT;
CREATE VIRTUAL TABLE order_search USING fts5 (
    number, customer, email, sku, tracking, place, remote, tag, country,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
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
CREATE TABLE proof (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    connection_id TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('asked', 'held', 'missing')),
    ask_at_ms     INTEGER NOT NULL
) STRICT;
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
CREATE TABLE rule_trace (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    at_ms    INTEGER NOT NULL,
    trace    TEXT NOT NULL CHECK (json_valid(trace)),
    PRIMARY KEY (order_id, at_ms)
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
CREATE TABLE effect_tally (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, kind, state)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE "waiting_link" (
    waits_for     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('hub_order', 'parcel', 'return')),
    remote_id     TEXT NOT NULL,
    PRIMARY KEY (waits_for, connection_id, kind, remote_id)
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
CREATE TABLE answer (
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- What was heard, oldest first: compressed JSON.
    body  BLOB NOT NULL
) STRICT;
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
CREATE TABLE trail_salt (
    page  INTEGER PRIMARY KEY REFERENCES trail (n),
    salts BLOB NOT NULL
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
CREATE TABLE trail_attempt (
    id        INTEGER PRIMARY KEY,
    effect_id INTEGER NOT NULL,
    n         INTEGER NOT NULL
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
CREATE TABLE customer_review (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    candidates    TEXT NOT NULL CHECK (json_valid(candidates)),
    asked_at_ms   INTEGER NOT NULL
) STRICT;
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
CREATE TABLE customer_written (
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    fields        TEXT NOT NULL CHECK (json_valid(fields)),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, customer)
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" (key, value) VALUES ('forgotten.in_index', '1');
INSERT INTO "meta" (key, value) VALUES ('forgotten.key', '0505050505050505050505050505050505050505050505050505050505050505');
INSERT INTO "connection" (id, name, platform, account_remote_id, removed, config) VALUES ('harbour-goods', 'The harbour-goods', 'shop', 's1', 0, '{"id":"harbour-goods","name":"The harbour-goods","platform":"shop","way":"token","fields":{"shop":"harbour"},"base_url":null,"account":{"remote_id":"s1","name":"Harbour Goods","time_zone":null,"currency":null,"admin_url":null,"abilities":[],"facts":{"own_links":"[]"},"expires_at_ms":null,"performs":null,"streams":null},"settings":{},"paused":false,"created_at_ms":1700000000000}');
INSERT INTO "connection" (id, name, platform, account_remote_id, removed, config) VALUES ('warehouse', 'The warehouse', 'hub', 'h1', 0, '{"id":"warehouse","name":"The warehouse","platform":"hub","way":"token","fields":{"shop":"harbour"},"base_url":null,"account":{"remote_id":"h1","name":"Harbour Goods","time_zone":null,"currency":null,"admin_url":null,"abilities":[],"facts":{"own_links":"[]"},"expires_at_ms":null,"performs":null,"streams":null},"settings":{},"paused":false,"created_at_ms":1700000000000}');
INSERT INTO "stream" (connection_id, name, cursor, next_at_ms, last_ok_at_ms, last_try_at_ms, failures, idle_streak, refusal, interval_s, read_total) VALUES ('harbour-goods', 'orders', '"c-17"', 0, NULL, NULL, 0, 0, NULL, NULL, 0);
INSERT INTO "bucket" (connection_id, name, state) VALUES ('harbour-goods', 'graphql', '{"left":17,"name":"graphql"}');
INSERT INTO "setting" (key, value) VALUES ('theme', '"dark"');
INSERT INTO "automation" (id, mode, go_live_ms, settings) VALUES ('orders_to_hub', 'auto', 1699913600000, '{"hub":"warehouse"}');
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (1, 'harbour-goods', 'order', 'gid://shop/Order/5000000001', X'36F2822C2AA565196A8C272AF7779664', 1699996401000, 1700000000000, X'28B52FFD63FE5D5B049308E50E0013CE2D574C4CCD0CDE5DE9A563C9B121D5A01C0A662C194444EC806E9CA41C0A4E3324181AD2CAE567E679B2995230A41318241E1CEB8B1387A6444203124D8F1910F5025B3CEB537D157150C031994834322811CAEA41438AE184984C241A197042C09021C5745C80C3A4E382123BEB0B8E22C764B268C00802E298725EB94821B999928DE80A7B20D19C4C30A41A1703439269C15D4C8C753291463833346ED8830F1987821114A027DEE15AEB25E629FFFFF319E7FD3F5F8C6DFC941302BA29893022844CBB10662C9577F4FB723F15800480031955250CEA4E3981AA6BBB428CE26BE6E10A4EFFC2282A3D003896D0A29201D3AC78FA5B1DC760EED26161BB514ADEE3131CCD6089FE5BD24F0F1A55E72B553C97E5056090FA306F8BC29E94DC0DAFC1A9844BE6E72242E0069B6BE40AC0E859501F377C957828E13BFE87AC63441316C62E89EF21CD6667B58B63F86F01F3545471F3488433FF66D324E57C9F6693819395166609892C456A959CCFCDE3AF884A38A09664B69B80751F7F806A4298FB1483950A097325F208D9DDDF0B20F142BAB26A0563BAA80511AF88A26C9C0D52C1FE07452013F9AEDA551B4528D5C5EAB8B10CD847C1ED78441513D41FC87C8585A0BB5FF42CB84DE3BCA8B1F10E4932712CF86518C70A', X'28B52FFD63FE5D5B040603B5050003C511E8F1BCEB6262AC938934C299A171C31E7CC89811FADC8821C1F09821CDC0905C2EAF60C890623A374C3EA28E0B4AAAD20C752342992E068624D3826BB9915EE7AE93A70F8F8B1125FCCA3A2986B2B2FB3AD4ABB4113737A7D86AB33B89AB0F1066CD79DD1A00CE7E49561E90C73F843C25F6B6D7A058D1A79A3855D961969AEA552C4DA1B5B9ED0F418E7EB85893502F8E24F2F213D9A565FA2904EFB2FC7F4ADC5040268B9DA0E6942E9E39886D7E2F5CD6F7', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (2, 'harbour-goods', 'order', 'gid://shop/Order/5000000002', X'02B7C512F8BDFDDA01CB8F2DB6E90A46', 1699996402000, 1700000000000, X'28B52FFD63FE5D5B049708BD0E00E3CE30574C4CCD0CDE955E3A961C1B520D0A75284014CC58328988D911853E2A872838CD906068482B979F99E7C9664AC1904E60907870AC2F4E1C9A12090D48343D6640D40B6CF1AC4FF555C44101C76422D1C8A04428AB070D2986136232916864C00901438614D301DD3849E9B8A08412A16A7E585F70143926934503461010C794F3CA850C17D8C5944E26181A1957D80389E6648221D5C01818924C0B104D302519D4CCE084610FA5982F4610052328404FBCC3B5D64BCC53FEFF6734CEFB7FBE18681667FC981302BA69893022846CBB106A2C957BF4FB723F1580048053C82415AB7164E14712B6FE7105A77F651595AE003828F0A22656F0956B14CCF537BC1CC9E4A57B1AEE361BBD476D38D2C18AFFB8A49F1E34AA7E6FFA36876AC5BC5A8B3F896D87CFC2D3FA4D661126A2B183E9D5E815FCE8699008777CA9882BE3FF3D10D535220D6D0B5EC61E36C7E97F0FC8DD512BCFA3F06773DF6FE212C15DCF09C1CDCADAB3845C96B2E4C44F28D7315874259C504B329B0B1A9BBEF214087DAD821032211531A21A420200F78308BE8FBEAC52C186246A4BEC952B94176F8334F8F510E3334A3EAA79D54C194AB9ACEEC62D437653709D27AD9F03FB03C9572DE42F5226DBCF588D093824C044E1E03FE89D2B', X'28B52FFD63FE5D5B040503B50500334512E8F1BC0B4D302519D4CCE084610FA5982F4666843E376248303C664833302497CB2B1832A498EBDC30F9883A2E28A94A33D48D0865C21818924C0BB0E5467A9DBB4E9E3E3C2E069A0524FCC93A2586B2A2FB3AD4A3B4C12101576CD1864ED2810E90F2731E640D002EBF24150FF8E31C423C137BEB6A50B8E8B34ADC51E161A29E1A84D2ACD64627FD2DC28181C29A2EF5224602333F8B5D5A543F85402ACB2FA2C4ED0F48A7D5D3CBC5210F82C0EF6D518C1E', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (3, 'harbour-goods', 'order', 'gid://shop/Order/5000000003', X'D6832B1516DDAD232E2931D8037DAF0A', 1699996403000, 1700000000000, X'28B52FFD63FE5D5B048B08A50E00F30D2D574C4CCD0CDE65E9A563C9B121D5A050870214CC58328A88DAB961F2115DA2E0344382A121AD5C7E669E279B2905433A8141E2C1B1BE3871684A243420D1F49801512FB0C5B33ED5571107051C938944238312A1AC1E34A4184E88C944A2910127040C19524C4714FAA8745C5062697DC151E4984C160D1841401C53CE2B17A21BF7C3C4833E902A1728C7BAC21E483427130CA946A669864403100786342351308282444FBCC3B5D64BCC53FEFFE734CEFB7F0E6BFC8C1302BAA9883022840CBB105E2C956FF4FB723F158004802317D5E468BA4FBE646A184DC1ACD81A0BB80ED6976312D59BFFF312525466253CAE2F5A5CFE2BFED60673C95D5E1BBBB83B06BD7F11ACFE5F4B86E88D87E18DA695F9AA56ED355ECC499C5EF88C300D3F32636122722F98668D58C14ACF81A472BB178B8ED2FDD57B289022F250B4C865E2616D5CFD37806C05B5E43C0E0E0C7FCE4A0C9CDA642D492439331E96A47F25FE8410D8A9858B15250627932AC16025CEF5117866C681EA0B12654D8A0CD230D5FB05EFCEEEEEE2A267552698288ABA7078150BE5AFDB2095FCDE182492D4A003F2E5C4AB56C1506A6D752A6E19BC9A8213789EFF1CE21E486E158AA03B9E2AB3E072B354B5C6881DB230D133F0BF531314', X'28B52FFD63FE5D5B04010375050043C40EE8F1BC2B4D33241A803830A41933429F1B3124181E33A4191892CBE5150C1952CC756E987C441D179454A519EA46843265CB8DF43A779D3C7D780426FCC53A1586B262FB3AD483B4113737B7D86A4B3B89AB0F1066CD79DD1A00CE7E49561E90C73F843C25F6B6D7A058D1A79A3855D961969AEA8A3136696D24F537938E0C61D644A91781116C9B5F87F959EDD252D11682D05A7E7D26EE484F9B88D5F451FD2EB63C4804FCDE968A6401', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (4, 'harbour-goods', 'order', 'gid://shop/Order/5000000010', X'12AC91A1FD64A980EF611320C4AEB22A', 1699996410000, 1700000000000, X'28B52FFD63FE5D5B04BC089D0F00C3CF33574C4CCD8C0B65C5904C9C1E3330346098A8100A0C181A5078577AE924C7865483421D0A662C1944BCEB88421F953B149C66483034A495CBCFCCF36433A560482730483C38D617270E4D898406249A1E3320EA05B678D6A7FA2AE2A0806332916864502294D5838614C3093199483432E0848021438AE9806E9CA4745C5042899CF505479163325934600401714C39AF5C8C6ED8954E34A51BC7B1AEB00712CDC90443AA6177766198483F6A72D0074E18F6508AF96204052328B0F4C43B5C6BBDC4BC53FEFFE7E3BCFFE78B6167016CFCBD1302BAB98B30DA8494BC084708C64C18489246BA7FB84BB9231188168F42E0942AC22F27193E6B7883C15CA28D616670B94FE4186D3A817D13D8E81064C0A579D4A6FC239CDD4900531A8B7EF5986DADEF904FDE9678FAC04BE6EBEE198B9D8456F99B5B173AE6D08E881354543E29C72B4C04478459D4301614F4460838077D8ED4A9E7176488687CC406B12B5FF63FFC8ECD7F1898FDA58A9E07A30DB348984F2239F20340199E595CB4962CA5A51CAA7811E92A368BAE0FE7D449624371E3F29F1178C2AD761F35642BAAA02A64A79FEF2BF01D6D5BD28F520B368CC26D5815E7EE552094FFB5412AEFAB3348705B833EC89714AE5A5843A9CDD509973238660ACEA9433A389019121E6626A5FEF6635E8D211D2265A24BE007A58621', X'28B52FFD63FE5D5B040903AD0500138511E8F1BCCB2E0C13E9474D0EFAC009C31E4A315F8CCC087D6EC4906078CC906660482E975730644831D7B961F211755C50529566A81B11CA64772D37D2EBDC75F2F4E17131EC2C25FCCB3A3586B2E2FB3AD461DAE094803BB668CF4FD2990A4859751E640D0097DF24D507FCF117219E1A7BEB3728ECE8B32EEEA82C3151550D8A7196D746A7FF1609C110864D977BD118C59C1F889F0997D6CBBB1010ADE5F73371FB8C28C6F5CCB918FB20B7F93D98CECC02', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (5, 'harbour-goods', 'order', 'gid://shop/Order/5000000005', X'5FCF1FFC5F32A0C7CC9727487B12523A', 1699996405000, 1700000000000, X'28B52FFD63FE5D5B049708C50E00434E2E574C4CCD0CDE955E3A961C1B520D0A75285814CC58328C88DC01DD3849B945C169860443435AB9FCCC3C4F36176A0686740283C483637D71E2D094486840A2E93103A25E608B677DAAAF220E0A3826138946062542593D6848319C1093894423034E081832A4988E0B7098745C5062D6171C458EC964D1801104C431E5BC7251C3CE54F3050DE9C31CEB0A7B20D19C4C30A41ABBA432EC81070DC9051C920CCC8944B2281841C1A227DEE15AEB25E629FFFFF31AE7FD3FAF5969FC981302BA69893022846CBB106A2C957BF4FB723F15800480231AD54469BACA9760354A59708EC2C6165CA7D617B28A6A14E06C0F5EB4A515EE728D6ABB7EBE96333679A95EC39D74A3F7200C6FD160BE1F97A4A7EB6746A04AB5FAE5B920A8A5B2C16B4FF993983B7C763CADDB6416142232AC8C05E61B1AF4CA1DDF2A27CAF87F0F44E91A7143DA82976D0F9B63FADF03E6EEA892E7A1C8C71896384923C2AFD7C95065FB19B4C46496B27BE27F28D76F5874311C5161B01BE834CE5909024F2B4270BD42B619095B84ECFAF77E07BDF71DB708E9B0AA156CEBA2FE3C5EDD42996B364828FD6E0689743448907CB9E4AA592C947AB3BA2CB00CABB5E0043CB81710760F64B71A4A821EDB4F7D5863228758303133F8DF8D980C', X'28B52FFD63FE5D5B040603A50500E30411E8F1BC6B4965D8030F1A920B3824199813896446E873238604C3638634034372B9BC8221438AB9CE0D938FA8E38292AA3443DD8850A66DB9915EE7AE93A70F8F8BB1660125FCCA3A2986B2B2FB3AD4ABB4C12101A7D8A2D99DA4AB0F90B2E63CC81A002E7F492A0FF8E31F423C25F6D66B5058D1674DDC51D961A29A1A14D32CAD8D4EFD2DD28121CC9A2EF5A23182C93C6582F9897669A9680BC1692D7F3E13F7CD0831AE879D8BB50F729BDF8329CA2C', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (6, 'warehouse', 'hub_order', '900001', X'E0A3B718830201DD2141484C206E5BFF', 1700000000000, 1700000000000, X'28B52FFD63FE5D5B04A500CD030003430B574C4CCDCC714C39AF5CA490DC4CC94674853D90684E2618528D8B89B14E26D2086786C60D7BF02183749D19041AFCA60B82A8C275B16BFE4BF51A0B5E9779A394496E26FCD137BA2AA7587F7D463BE8032134095055D7EF3078E63AAA40C3EB0CEA497D4B53CFB36726FD4CC5DAEC7CE6C11F08736B', X'28B52FFD23FE5D5B04129100007B226F726465724964223A3930303030317D', NULL);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (7, 'warehouse', 'parcel', 'label:1', X'68BA1B08F3312588B5D8E31554E5C385', 1700000000001, 1700000000000, X'28B52FFD63FE5D5B04B900250300330104FF6DD54C4D89A6072542B59C8DF5E3021FFC0005AD02F2EDE93099B466C0278FBB1DB0A1A3BA25F6E07903FE2396267D5BF44A97DCBB3C17A8368EE741718EA77F157220344524C6B8DA26E6A81AC4CB87D7C35C3272165A97B6D831C14FD97B68', X'28B52FFD23FE5D5B04108100007B22736869706D656E744964223A317D', 1);
INSERT INTO "record" (id, connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live) VALUES (8, 'harbour-goods', 'order', 'gid://shop/Order/5000000020', X'42D7C37D5D7E9CD054CCAF830D82C8FE', 1699996420000, 1700000000000, X'28B52FFD63FE5D5B04D4071D0C00C3C91D574C4CCD0CDE955E3AD4A160C69241C4C38E0B70981CA2E0344382A121AD5C7E669E279B2D9EF5A9BE8A3828E0984C241A19940865F5A021C570424C26128D0C382160C890623A374C3EA28E0B4AAC2F388A1C93C9A201230848860B28118A42C1080A4C3DF10ED75A2F310F95FFFF1939EFFFF962185A65FCD51202BA397D30428454B510A72B95B8F3FB723F95802480E6E8D41C63D619B970422C49F3B23F5CF8EBC243C8595FA0E314D4E77CB89C8354DE35AA73D6091198422662A4B4C4F915185B6BD22123B62DD1F40B91CC5ADD3F66B061D498AADA745C78BD81F6CA4D504BF2F51BEFDC013857A0BBD28BFEB9573EC8ED1ADA785B69926CE42F48FF43BCDF0F14791E284B74CF930D175C018838FD8205E9CFE29091442D24E5508C682E17228AC0850651EA48FFE17472F8A5A17B9D3C86F91E8F53737307764461945495F77A4510CA7E6C908AF76B0C9239A3C10DF239C5AB068CA19473750E6E1902330567EA901C1C480C89872A93567FFB41AFC64A87B8325125F0831AC110', NULL, NULL);
INSERT INTO "quarantine" (connection_id, kind, remote_id, number, why, raw, at_ms) VALUES ('harbour-goods', 'order', 'gid://shop/Order/99', '#1099', 'lines: not a list', X'28B52FFD23FE5D5B04021100007B7D', 1700000000000);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (1, 'harbour-goods', 'gid://shop/Order/5000000001', 1700000000000, 7706011982258122791, '#1001', 1001, 1699913601000, 1699996401000, 1700000000000, 'Björn Castell1', 'Lyon', 'FR', 2, 3, 13821, 'EUR', 'Express 24 h', '[]', 'paid', 0, NULL, -6179019130540313987, 'packing', 'packing', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (2, 'harbour-goods', 'gid://shop/Order/5000000002', 1700000000000, 7524666365888452548, '#1002', 1002, 1699913602000, 1699996402000, 1700000000000, 'Chloé Dubois2', 'Bristol', 'GB', 2, 3, 13822, 'EUR', 'Express 24 h', '[]', 'paid', 0, NULL, 3078215983799804080, 'sending', 'sending', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (3, 'harbour-goods', 'gid://shop/Order/5000000003', 1700000000000, -6718942991773825403, '#1003', 1003, 1699913603000, 1699996403000, 1700000000000, 'Dai Evans3', 'Gdańsk', 'PL', 2, 3, 13823, 'EUR', 'Express 24 h', '[]', 'paid', 0, NULL, 7658112293704382408, 'sending', 'sending', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (4, 'harbour-goods', 'gid://shop/Order/5000000010', 1700000000000, -9049500511782258960, '#1010', 1010, 1699913610000, 1699996410000, 1700000000000, 'Chloé Łukasz10', 'Porto', 'PT', 2, 3, 13830, 'EUR', 'Express 24 h', '["vip","spring sale"]', 'paid', 0, NULL, 6078218649056401833, 'to_send', 'to_send', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (5, 'harbour-goods', 'gid://shop/Order/5000000005', 1700000000000, -704324998377503444, '#1005', 1005, 1699913605000, 1699996405000, 1700000000000, 'Fatima García5', 'Aarhus', 'DK', 2, 3, 13825, 'EUR', 'Express 24 h', '[]', 'paid', 0, NULL, -5530162025471047255, 'sending', 'sending', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "orders" (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test, blanked_at_ms, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms, sold_as, personal_days) VALUES (6, 'harbour-goods', 'gid://shop/Order/5000000020', 1700000000000, 1243390576437747514, '#1020', 1020, 1699913620000, 1699996420000, 1700000000000, '', '', 'GB', 2, 3, 13840, 'EUR', 'Express 24 h', '[]', 'paid', 0, 1700000000000, 9221196448932466351, 'shipped', 'shipped', 'In the warehouse since {since}, waits for packing', 'clock', 'neutral', 1700000000000, NULL, NULL, '', NULL, NULL, NULL);
INSERT INTO "tally" (connection_id, stage, waits_code, n) VALUES ('harbour-goods', 'packing', 'packing', 1);
INSERT INTO "tally" (connection_id, stage, waits_code, n) VALUES ('harbour-goods', 'sending', 'sending', 3);
INSERT INTO "tally" (connection_id, stage, waits_code, n) VALUES ('harbour-goods', 'shipped', 'shipped', 1);
INSERT INTO "tally" (connection_id, stage, waits_code, n) VALUES ('harbour-goods', 'to_send', 'to_send', 1);
INSERT INTO "link" (connection_id, kind, remote_id, order_id) VALUES ('warehouse', 'hub_order', '900001', 1);
INSERT INTO "link" (connection_id, kind, remote_id, order_id) VALUES ('warehouse', 'parcel', 'label:1', 1);
INSERT INTO "hub_key" (key, order_id) VALUES ('q-1', 1);
INSERT INTO "hub_key" (key, order_id) VALUES ('q-2', 2);
INSERT INTO "hub_key" (key, order_id) VALUES ('q-3', 3);
INSERT INTO "hub_key" (key, order_id) VALUES ('q-4', 4);
INSERT INTO "hub_key" (key, order_id) VALUES ('q-5', 5);
INSERT INTO "choice" (order_id, choices) VALUES (1, '{"hold":null,"push_anyway":false,"over":null,"resend_ms":null,"ship_anyway":false,"address":{"name":"Élodie Fischer4","company":"","line1":"Kaistraße 5","line2":"","line3":"","city":"Porto","region":"","postcode":"10004","country":"PT","phone":"+49 40 0000004"},"skus":{},"service":null,"split":null,"not_this":[],"same_as":[],"settled":{},"goods":[],"replaced":[],"to_shelve":[]}');
REPLACE INTO "order_search_data" (id, block) VALUES (1, X'08080E1540010E0B1508');
REPLACE INTO "order_search_data" (id, block) VALUES (10, X'00000000FF00000101080A000801010101010101010201010202000001030101030300000104010104040000010501010505000001060101060600000107010107070101010801010808000001');
REPLACE INTO "order_search_data" (id, block) VALUES (137438953473, X'000001E90230310106010304020430303031010601050304013101020201013201060103080105626A6F726E0106010102020575796572310106010202070C6D61696C316578616D706C650106010203010863617374656C6C3101060101030102667201060108020102686701080103020603046D75673101060103050305726F7065320106010309010C696435303030303030303031010601060201046C796F6E0106010502010C6D61696C316578616D706C6501060102040202756701060103030104726F7065010601030701147A717768323531393763376431643965373938320106010702051063313931616632366138643933626436010601070300033131300108020105030102626A010601010202017501080102020301026361010601010301026672010601080201026867010C01030205030501026964010601060201026C79010601050201026D61010601020402017501060103030102726F010601030701027A710108010702030004323130300108020105030103626A6F01060101020202757901080102020301036361730106010103010368676D010601030503017201060103090103696435010601060201036C796F010601050201036D616901060102040202756701060103030103726F70010601030701037A717701080107020304080B06080C0C130F090A0B0C130B13090B1B170B090909090C09090908090A0C0A0A0A0A080A0A0A090A');
REPLACE INTO "order_search_data" (id, block) VALUES (274877906945, X'000001F106303130303032020601050304013202020201013202060103040101330206010308010762726973746F6C0206010502020575796572320206010202070C6D61696C326578616D706C650206010203010563686C6F65020601010201076475626F6973320206010103010267620206010802010268670208010302060305726F706532020601030503057361696C330206010309010C6964353030303030303030320206010602010C6D61696C326578616D706C6502060102040104726F7065020601030301047361696C020601030701147A7177683235313937633764316439653739383202060107020510633139316166323661386439336264360206010703000331313002080201050301026272020601050202017502080102020301026368020601010201026475020601010301026762020601080201026867020C01030205030501026964020601060201026D6102060102040102726F020601030301027361020601030701027A710208010702030004323130300208020105030103627269020601050202027579020801020203010363686C0206010102010364756202060101030103686772020601030503017302060103090103696435020601060201036D616902060102040103726F7002060103030103736169020601030701037A7177020801070203040C0608080E0C130C0E090A0C0C13130B0B1B170B09090909090C090909090A0C0A0A0A0A0A080A0A0A0A');
REPLACE INTO "order_search_data" (id, block) VALUES (412316860417, X'000001F00630313030303303060105030401330302020101330306010304010134030601030801066275796572330306010202070C6D61696C336578616D706C6503060102030103646169030601010201066576616E7333030601010301066764616E736B03060105020102686703080103020603056C616D7034030601030903057361696C330306010305010C696435303030303030303033030601060201046C616D700306010307010C6D61696C336578616D706C6503060102040102706C030601080201047361696C030601030301147A717768323531393763376431643965373938320306010702051063313931616632366138643933626436030601070300033131300308020105030102627503080102020301026461030601010201026576030601010301026764030601050201026867030C01030205030501026964030601060201026C61030601030701026D6103060102040102706C030601080201027361030601030301027A710308010702030004323130300308020105030103627579030801020203010364616903060101020103657661030601010301036764610306010502010368676C030601030903017303060103050103696435030601060201036C616D030601030701036D616903060102040103736169030601030301037A7177030801070203040C0608080D130A0D0D0A0C0C130B13090B1B170B0A0909090C09090909090A0C0B0A0A0A0A080A0A0A0A');
REPLACE INTO "order_search_data" (id, block) VALUES (549755813889, X'0000029D033031300406010304030330313004060105030302313004020202013104060103080107627579657231300406010202080D6D61696C31306578616D706C650406010203010563686C6F650406010102010268670408010302060306726F70653130040601030503067361696C31310406010309010C6964353030303030303031300406010602010D6D61696C31306578616D706C6504060102040105706F72746F040601050202017404060108020104726F7065040601030301047361696C040601030703026C65040601070702057072696E670406010706011374616731363537653839336364343830326533040601070504106436393434363634633933366333646204060107080103766970040601070401147A71776832353139376337643164396537393832040601070205106331393161663236613864393362643604060107030109C582756B61737A313004060101030003313130040E0201030401050302013104060103080102627504080102020301026368040601010201026867040C01030205030501026964040601060201026D6104060102040102706F040601050202017404060108020102726F040601030301027361040C01030701070702017004060107060102746104080107050501027669040601070401027A710408010702030103C58275040601010300043231303004060105030301310402020103627579040801020203010363686C04060101020103686772040601030503017304060103090103696435040601060201036D616904060102040103706F7204060105020103726F7004060103030103736169040601030703016C040601070702027072040601070601037461670408010705050103766970040601070401037A71770408010702030104C582756B040601010304090A07080E140C0A0D0D13140C080B0B090C1A170A1B17100E080A090C09090908090C080A090A0A0B060B0A0A080A0A0A0A0A08090B0A0B');
REPLACE INTO "order_search_data" (id, block) VALUES (687194767361, X'000001EF063031303030350506010503040135050202010135050601030401013605060103080106616172687573050601050201066275796572350506010202070C6D61696C356578616D706C6505060102030102646B05060108020106666174696D61050601010201076761726369613505060101030102686705080103020603046D75673505060103050305726F7065360506010309010C6964353030303030303030350506010602010C6D61696C356578616D706C6505060102040202756705060103030104726F7065050601030701147A71776832353139376337643164396537393832050601070205106331393161663236613864393362643605060107030003313130050802010503010261610506010502010262750508010202030102646B050601080201026661050601010201026761050601010301026867050C01030205030501026964050601060201026D61050601020402017505060103030102726F050601030701027A710508010702030004323130300508020105030103616172050601050201036275790508010202030103666174050601010201036761720506010103010368676D050601030503017205060103090103696435050601060201036D616905060102040202756705060103030103726F70050601030701037A7177050801070203040C0608080D0D13090D0E0A0B0C1313090B1B170B090A0909090C090908090A0C0A0B0A0A0A080A0A090A');
REPLACE INTO "order_search_data" (id, block) VALUES (824633720833, X'000002610230310106010304020430303031010601050304013101020202057A30303031010601040201013201060103080105626A6F726E0106010102020575796572310106010202070C6D61696C316578616D706C650106010203010863617374656C6C3101060101030102667201060108020102686701080103020603046D75673101060103050305726F706532010601030901036964310106010605030A3530303030303030303101060106020306393030303031010601060303027131010601060401046C796F6E0106010502010C6D61696C316578616D706C6501060102040202756701060103030104726F7065010601030701147A716361626331623963396531643834393334380106010704031277683235313937633764316439653739383201060107020510633139316166323661386439336264360106010703000331313001080201050302017A01060104020102626A010601010202017501080102020301026361010601010301026672010601080201026867010C01030205030501026964010C01060203030301026C79010601050201026D61010601020402017501060103030102726F010601030701027A71010A010702030300043231303001080201050302027A3001060104020103626A6F01060101020202757901080102020301036361730106010103010368676D010601030503017201060103090103696431010601060503013501060106020301390106010603030171010601060401036C796F010601050201036D616901060102040202756701060103030103726F70010601030701037A7163010601070403017701080107020304080B060C080C0C130F090A0B0C0A110D090B13090B1B19170B08090909090C0C090908090B0C090A0A0A0A080A0808080A0A090A0A');
REPLACE INTO "order_search_data" (id, block) VALUES (962072674305, X'0000020D063031303032300606010503030232300602020102323006060103040201310606010308010762726973746F6C060601050202067579657232300606010202080D6D61696C32306578616D706C6506060102030106656C6F64696506060101020102676206060108020102686706080103020603066C616D703230060601030503056D756732310606010309010C6964353030303030303032300606010602010A6B6F77616C736B693230060601010301046C616D700606010303010D6D61696C32306578616D706C65060601020402027567060601030701147A7177683235313937633764316439653739383206060107020510633139316166323661386439336264360606010703000331313006080201050301023230060601030402013106060103080102627206060105020201750608010202030102656C060601010201026762060601080201026867060C01030205030501026964060601060201026B6F060601010301026C61060601030301026D610606010204020175060601030701027A71060801070203000432313030060601050303013206020201036272690606010502020275790608010202030103656C6F0606010102010368676C060601030503016D06060103090103696435060601060201036B6F77060601010301036C616D060601030301036D6169060601020402027567060601030701037A7177060801070203040C0709080E0D140D090A0D0C13110B14091B170B0908090909090C09090909080A0B060A0A0A0A080A0A0A0A09');
REPLACE INTO "order_search_data" (id, block) VALUES (1099511627777, X'0000012205303130323006020201023230060601030402013106060103080102676206060108020102686706080103020603066C616D703230060601030503056D756732310606010309010C696435303030303030303230060601060201046C616D70060601030301036D7567060601030701147A7177686331393161663236613864393362643606060107020003313130060202010232300606010304020131060601030801026762060601080201026867060C01030205030501026964060601060201026C61060601030301026D75060601030701027A710606010702000432313032060202010368676C060601030503016D06060103090103696435060601060201036C616D060601030301036D7567060601030701037A7177060601070204090908090A0D0C130B0A1B080908090C09090909090A080A0A0A');
REPLACE INTO "order_search_data" (id, block) VALUES (9007336693694464, X'04000000000000010000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
REPLACE INTO "order_search_data" (id, block) VALUES (9008161327415296, X'04000000000000010000000000000000000000000000000000000000000000000000000600000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (1, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (2, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (3, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (4, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (5, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (6, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (7, X'', 2);
REPLACE INTO "order_search_idx" (segid, term, pgno) VALUES (8, X'', 2);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (1, X'010203080102040301', 6);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (2, X'010203080002010201', 2);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (3, X'010203080002010201', 3);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (4, X'010203080002010701', 4);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (5, X'010203080002010201', 5);
REPLACE INTO "order_search_docsize" (id, sz, origin) VALUES (6, X'010000080000010101', 8);
REPLACE INTO "order_search_config" (k, v) VALUES ('version', 4);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (1, 'put/1', 1, 'warehouse', 'put_hub_order', 'orders_to_hub', 'Send #1001 to the warehouse: 2 lines', X'28B52FFD63FE5D5B04970475090083CA222E3D3A5FE8FDE21D1E7A1E620774E324E52E3F33CF93CD9482219DC020F1E0585F9C383425121A90687ACC80A817D8E2A9F5ABD5838614C3093199483432E0848021438A9121B9008749C70525765F701439269345034610D0C5C090645A70C731E5BC7291427233251BD115F640A239996048352E26C63A9948239C191A37ECC1878C33CEFB7FBECE0C023AFCD3D9EC9B40FDC208BDBBC3EB4B30CFD54F1D14293B509BCAAA52FD81B6678AED96EDF589BD6FCBA897CC5E3B453E3B11D954B1BA8EEB75AEA10C59568D6200193D11F1E39EAB923031D4D43D83A7B64577532286CCF89E4B13D7FEA1DB932116D0BC0DA4ADB5ECDB5372D4C47E6E7FE3D15D01A8EECCF3DD0496F7F157AB26ACBA4F71A17CA88431513FEB759EAEE9A7F00884EE4D763F627CE918240B03', 'done', 1700003600000, 1700000000000, 1700000000000, 1, 1700000000000, 1700000000000, NULL, '{"remote_id":"77","request_id":null,"note":null}', 0, NULL, NULL, 0, 1700000000000, NULL, NULL);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (2, 'put/2', 2, 'warehouse', 'put_hub_order', 'orders_to_hub', 'Send #1002 to the warehouse: 2 lines', X'28B52FFD63FE5D5B049C049D0900F34A242E3D3A5FE8FDE21DA2E7617644A18FCA5D7E669E279B2905433A8141E2C1B1BE3871684A243420D1F49801512FB0C553EB57AB070D2986136232916864C00901438614234302DD3849E9B8A0C4F00B8E22C764B268C00802C21818924C0BD0428E29E7950B192EB08B299D4C303432AEB00712CDC90443AA618229C9A06606270C7B28C57C3182C679FFCF6617033B33083BFC73DAECA0407DC508BD3BC6EB4B70D0D5EF1D143D3B909CCAFA52FDC1B76794EDD6EEF589D16FCB3D9798723B121F010859F6D8037CEDEB1024AB5F4319F843EF449E1C75A1E44F585CF59DE0BDED6F712A9121D7B8E7A6C9BEFD87DC33512C52161DE89A6BD920B62C6D6C2B0BC31ECADD6AA47B45B2BA21E3CB72AEF8CAC9835DE24A58F8C57A7D28F573990E8C0DFE30FE975DA3FBF1C64BBB738D12', 'unknown', NULL, 1700000000000, 1700086400000, 1, 1700000000000, NULL, '{"cause":"outcome_unknown","sentence":"The platform works on it.","said":null,"request_id":null,"status":null,"about":null}', NULL, 0, NULL, 'feed 7', 0, 1700000000000, NULL, NULL);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (3, 'put/3', 3, 'warehouse', 'put_hub_order', 'orders_to_hub', 'Send #1003 to the warehouse: 2 lines', X'28B52FFD63FE5D5B0494044D0900538A212E3D3A5FE8FDE21D267A1E6AE786C94774979F99E7C9664AC1904E60907870AC2F4E1C9A12090D48343D6640D40B6CF1D4FAD5EA41438AE184984C241A197042C09021C5C89044A18F4AC70525965F7014392693450346105026C794F3CA85E886DD0F130FFA40AA5CA01CEB0A7B20D19C4C30A41A699A21D100C48121CD48E3BCFFE7ECCC203CFC73D9EC98407DC108BD3BC2EB4B70CED5EF1C141D3B909ACA7A52FDC1B56784EDD6ECF589B16FCBA597CC523B45BE13115556D9E37A6DEB2840565543187846EF43FE38E6A2E44C181DF5CDE09D6DD1DA548221C7F8CE49139FFD83DA93312C8059F0A08DB5DCF15A5AEF81E71278CAA787746A67D1E88E7BA5EECBFF58122FF855C8997B25F81F13F5037EC7A9996E2A46E8942A60D1FD34F1D23D5DA304', 'refused', NULL, 1700000000000, 1700000000000, 1, 1700000000000, NULL, '{"cause":"address_refused","sentence":"The postcode is not valid.","said":null,"request_id":null,"status":null,"about":null}', NULL, 0, NULL, NULL, 0, 1700000000000, NULL, NULL);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (4, 'put/4', 4, 'warehouse', 'put_hub_order', 'orders_to_hub', 'Send #1010 to the warehouse: 2 lines', X'28B52FFD63FE5D5B04B7041D0A0083CC282E94154332717ACCC0D08061A24228306068D0A3F385DE2FDE617A1EDE7544A18FCA5D7E669E279B2905433A8141E2C1B1BE3871684A243420D1F49801512FB0C553EB57AB070D2986136232916864C0090143861463D701DD3849E9B8A08412B92F388A1C93C9A2012308C8EEECCCCC8C63CA79E56274C3AE74A229DD388E75853D90684E2618528D0BC344FA5193833E70C2B08752CC1723C779FFCF767631B433833AFCD3DDECBB407D6F69442F86F274FD9C7455B807AD6BC7A2A7BEBCA92E78EE25D2761CBE5E4EF9076BF63188DCB5FB516169C370F7307522768E9395AC010DBCD06B91334EBBBCF2142EC5FA5AF0EA563913681EDBDD0B4079E62E76BBC531660AA60F72EFB5BA215B1FE087B6D9A4BA2B225DCCDD9286D237CCD110D4857DF23EF3B2E17FA0EDA17E72D2D1F2D1A5E01CB9E7AAFB51E2A57BD23F0A', 'asked', NULL, 1700000000000, 1700000000000, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (5, 'put/5', 5, 'warehouse', 'put_hub_order', 'orders_to_hub', 'Send #1005 to the warehouse: 2 lines', X'28B52FFD63FE5D5B049B049D0900530A222E3D3A5FE8FDE21D2E7A1E720774E324E52E3F33CF93CD9482219DC020F1E0585F9C383425121A90687ACC80A817D8E2A9F5ABD5838614C3093199483432E0848021438A9121B9008749C70525F605479163325934600401ED724C39AF5CD4B033D57C4143FA30C7BAC21E483427130CA906A90C7BE041437201872403732291AC71DEFFF37666103DFC53DAEC9F40FDC408BDBBC5EB4B30D0D5CF1D14393B509CCAEA52FD81B76792ED96EEF589CD6FCBAC97CC6E3B453E3B11D954B1BA8EEB75AFA11C59568D6400193D13F1E3A6AB92303154D53D83E7B64587532286D4F81ED993783B21B98DA7D8567DF678CFB5BE115B10E085D452CEE6D45E09E56222D248F75A7D891CCD3E6B482558515B11F67825542BD1521B045604D48F661D713FDC8332FF097DEDA42A9897BE85E927', 'pending', NULL, 1700000000000, 1700000000000, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO "effect" (id, key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms, created_at_ms, not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, urgent, last_sent_at_ms, subject, subject_name) VALUES (6, 'c-7:1:set_stock:0', NULL, 'harbour-goods', 'set_stock', 'stock', 'Set LAMP-1 at Harbour Goods from 9 to 7', X'28B52FFD23FE5D5B04769D0200F3430ED765B2685092A1425E84AAAC130F0B8C201615D22294152303520C0C8906242A843A8A6A8ABACE0D938FE84684FAC1E3078FD2C9E4C5C9320506FC3D377086D6E2E032733A53D6F5F00C9C5C9A852BF9', 'asked', NULL, 1700000000000, 1700000000000, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, '7:1', 'LAMP-1');
INSERT INTO "attempt" (effect_id, n, at_ms, duration_ms, looked, outcome, refusal, request_id, answer_id) VALUES (1, 1, 1700000000000, 120, 0, 'done', NULL, NULL, 1);
INSERT INTO "attempt" (effect_id, n, at_ms, duration_ms, looked, outcome, refusal, request_id, answer_id) VALUES (2, 1, 1700000000000, 120, 0, 'unknown', '{"cause":"outcome_unknown","sentence":"The platform works on it.","said":null,"request_id":null,"status":null,"about":null}', NULL, NULL);
INSERT INTO "attempt" (effect_id, n, at_ms, duration_ms, looked, outcome, refusal, request_id, answer_id) VALUES (3, 1, 1700000000000, 120, 0, 'refused', '{"cause":"address_refused","sentence":"The postcode is not valid.","said":null,"request_id":null,"status":null,"about":null}', NULL, NULL);
INSERT INTO "finding" (id, owner, order_id, connection_id, effect_id, cause, about, sentence, said, state, opened_at_ms, last_seen_at_ms, count, snoozed_until_ms, resolved_at_ms, resolved_by, assignee) VALUES (1, 'reading', NULL, 'harbour-goods', NULL, 'unreadable', 'order/gid://shop/Order/99', 'Order #1099 came in a form Quayside does not understand (lines: not a list). It was set aside with its raw text; everything else was read.', NULL, 'open', 1700000000000, 1700000000000, 1, NULL, NULL, NULL, '');
INSERT INTO "finding" (id, owner, order_id, connection_id, effect_id, cause, about, sentence, said, state, opened_at_ms, last_seen_at_ms, count, snoozed_until_ms, resolved_at_ms, resolved_by, assignee) VALUES (2, 'decision', 4, NULL, NULL, 'address_refused', 'postcode', 'The postcode of #1010 is not valid.', NULL, 'open', 1700000000000, 1700000000000, 1, NULL, NULL, NULL, '');
INSERT INTO "finding" (id, owner, order_id, connection_id, effect_id, cause, about, sentence, said, state, opened_at_ms, last_seen_at_ms, count, snoozed_until_ms, resolved_at_ms, resolved_by, assignee) VALUES (3, 'decision', NULL, 'harbour-goods', NULL, 'content_refused', '7:1', 'The store keeps no count of LAMP-1.', NULL, 'open', 1700000000000, 1700000000000, 1, NULL, NULL, NULL, '');
INSERT INTO "event" (id, order_id, connection_id, at_ms, author, kind, sentence, detail) VALUES (1, 1, 'warehouse', 1700000000000, 'quayside', 'effect_done', 'Done: Send #1001 to the warehouse: 2 lines', '{"effect":1,"receipt":{"note":null,"remote_id":"77","request_id":null}}');
INSERT INTO "event" (id, order_id, connection_id, at_ms, author, kind, sentence, detail) VALUES (2, 2, 'warehouse', 1700000000000, 'quayside', 'effect_under_way', 'The platform works on it: Send #1002 to the warehouse: 2 lines. The platform works on it.', '{"effect":2,"ticket":"feed 7"}');
INSERT INTO "event" (id, order_id, connection_id, at_ms, author, kind, sentence, detail) VALUES (3, 3, 'warehouse', 1700000000000, 'quayside', 'effect_refused', 'Refused: Send #1003 to the warehouse: 2 lines. The postcode is not valid.', '{"effect":3,"refusal":{"about":null,"cause":"address_refused","request_id":null,"said":null,"sentence":"The postcode is not valid.","status":null}}');
INSERT INTO "event" (id, order_id, connection_id, at_ms, author, kind, sentence, detail) VALUES (4, 1, 'harbour-goods', 1700000000000, 'quayside', 'received', 'Read from Harbour Goods.', NULL);
INSERT INTO "event" (id, order_id, connection_id, at_ms, author, kind, sentence, detail) VALUES (5, 6, NULL, 1700000000000, 'person', 'person', 'Personal data was removed on 2023-11-14; what stood here went with it.', NULL);
INSERT INTO "notification" (id, at_ms, topic, title, body, target, orders, outcome, why) VALUES (1, 1700000000000, 'late', '1 order is late', '#1001', '{"screen":"queue"}', 1, 'shown', NULL);
INSERT INTO "proof" (effect_id, connection_id, state, ask_at_ms) VALUES (1, 'warehouse', 'asked', 1700000000000);
INSERT INTO "sku_alias" (store, kind, name, theirs, parts, changed_at_ms) VALUES ('', 'sku', 'lamp-set', 'LAMP-SET', '[{"sku":"HG-LAMP-1","quantity":2}]', 1700000000000);
INSERT INTO "rule_trace" (order_id, at_ms, trace) VALUES (4, 1700000000000, '[{"rule":"r1","name":"Express first","fired":true,"why":"service is Express 24 h","did":["Adds the tag express."]}]');
INSERT INTO "report_run" (schedule, due_ms, made_at_ms, file, trouble) VALUES ('monday', 1700000000000, 1700000000005, 'monday.csv', NULL);
INSERT INTO "open_tally" (connection_id, paid, hour, waits_code, currency, n, minor) VALUES ('harbour-goods', 1, 472198, 'packing', 'EUR', 1, 13821);
INSERT INTO "open_tally" (connection_id, paid, hour, waits_code, currency, n, minor) VALUES ('harbour-goods', 1, 472198, 'sending', 'EUR', 3, 41470);
INSERT INTO "open_tally" (connection_id, paid, hour, waits_code, currency, n, minor) VALUES ('harbour-goods', 1, 472198, 'to_send', 'EUR', 1, 13830);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('harbour-goods', 'set_stock', 'asked', 1);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'asked', 1);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'done', 1);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'pending', 1);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'refused', 1);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'running', 0);
INSERT INTO "effect_tally" (connection_id, kind, state, n) VALUES ('warehouse', 'put_hub_order', 'unknown', 1);
INSERT INTO "order_tag" (tag, id, due_ms, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer, connection_id, country, stage_rank) VALUES ('spring sale', 4, 9223372036854775807, 1699913610000, 13830, 3, 1010, 1700000000000, 'Chloé Łukasz10', 'harbour-goods', 'PT', 1);
INSERT INTO "order_tag" (tag, id, due_ms, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer, connection_id, country, stage_rank) VALUES ('vip', 4, 9223372036854775807, 1699913610000, 13830, 3, 1010, 1700000000000, 'Chloé Łukasz10', 'harbour-goods', 'PT', 1);
INSERT INTO "waiting_link" (waits_for, connection_id, kind, remote_id) VALUES ('number/4711', 'warehouse', 'hub_order', 'label:2');
INSERT INTO "stock_count" (connection_id, remote_id, sku, theirs, bundle, item_id, location_id, location_name, available, changed_at_ms, read_at_ms, agreed, agreed_at_ms, look_at_ms) VALUES ('harbour-goods', '7:1', 'lamp-1', 'LAMP-1', 0, '7', '1', 'Main', 9, 1700000000000, 1700000000000, NULL, NULL, NULL);
INSERT INTO "stock_order" (order_id, sku, connection_id, hub_id, hub_since_ms, placed_at_ms, units, open, left_at_ms) VALUES (1, 'lamp-1', 'harbour-goods', NULL, NULL, 1699913601000, 2, 2, NULL);
INSERT INTO "stock" (sku, says, differs, warning, look_at_ms) VALUES ('lamp-1', '{"sku":"LAMP-1","truth":{"connection":"warehouse","place":"","remote_id":"","units":9,"read_at_ms":1700000000000,"changed_at_ms":1700000000000},"held":null,"available":null,"why":null,"sides":[],"per_day_hundredths":null,"days_left_tenths":null,"warning":null}', 0, NULL, NULL);
INSERT INTO "answer" (id, at_ms, body) VALUES (1, 1700000000000, X'28B52FFD23FE5D5B04344D0100C3010697CB75758B5055C8A62AC9800A3143D30CE90B1E412CEA2603FC99D1EDA1409721FDBA4AC42D');
INSERT INTO "trail" (n, at_ms, kind, first_id, last_id, held, body, digest, link) VALUES (1, 1700000000000, 'events', 1, 5, 5, NULL, X'2D6A619B26632A3B3465B42CB548A3BA3BE20E33C33C3668DF19887179FBBEA5', X'6F6101FB9CC76E79DF6A4E622BAE9C60DBD9B38A0F0F913E70875D1341B49817');
INSERT INTO "trail" (n, at_ms, kind, first_id, last_id, held, body, digest, link) VALUES (2, 1700000000000, 'effects', 1, 6, 6, NULL, X'5F6BA139AAC2E575E4C72925BA1725ABBE402AEF40EA43D80FFA9771C6097F88', X'E7CD2CAAB3C4D9812E30CDA744ABF11A23810C6A78464B257FE7E50210FE66E8');
INSERT INTO "trail" (n, at_ms, kind, first_id, last_id, held, body, digest, link) VALUES (3, 1700000000000, 'attempts', 1, 3, 3, NULL, X'034D369CDD924AA00E4D2FF14DBBE7D9AFA9F03ECF77D22E29DC28DCF2FE6A25', X'5CA174D6F86F9A527B8570344D1C8A6E0E23519E04BC70494524281E02ADD979');
INSERT INTO "trail" (n, at_ms, kind, first_id, last_id, held, body, digest, link) VALUES (4, 1700000000000, 'blanked', NULL, NULL, 1, '{"attempts":[],"effects":[],"events":[5],"order":6}', X'7F48655D32224763B9DF1DD3E3EB5F8412D6C2F9AB4CB795E39ACC482F258EDF', X'CA4C5679B6400FB2C4C3D22F81C18568B72574FC23C068B9D028F356E9D6B78D');
INSERT INTO "trail_salt" (page, salts) VALUES (1, X'0100000000000000865E697E08C1666084CF97024EECE7FD0200000000000000F605580750BD9DAABB18B7D3FBF004A903000000000000001055D7783C5F49D7B6F0F469A20C49330400000000000000CD0D71CC49FC3147AC3DC9D3E56B0DA6050000000000000000000000000000000000000000000000');
INSERT INTO "trail_salt" (page, salts) VALUES (2, X'0100000000000000050904E33441B525781845AB6B3E9CBE020000000000000075F3881677A35229B31FA76FF3FD3BDE0300000000000000116E993A7A4B065611483D502D5F1B100400000000000000A5051F7B31B95DCC1CDF6BE1667CCED105000000000000008EFBBF681383A2AC48739471312BE5E606000000000000006CD3D3A975954F63CD03FABA71162CF0');
INSERT INTO "trail_gone" (kind, id, whole, digest, entry) VALUES ('events', 5, 0, X'56DA3A68DA954B117390BFF7CB29A9C5BA61C26F0C0C2F437B1B450FB93B8C69', 4);
INSERT INTO "trail_attempt" (id, effect_id, n) VALUES (1, 1, 1);
INSERT INTO "trail_attempt" (id, effect_id, n) VALUES (2, 2, 1);
INSERT INTO "trail_attempt" (id, effect_id, n) VALUES (3, 3, 1);
INSERT INTO "forgotten" (order_id, asked_at_ms, done_at_ms) VALUES (1, 1700000000000, NULL);
INSERT INTO "forgotten" (order_id, asked_at_ms, done_at_ms) VALUES (6, 1700000000000, 1700000000000);
INSERT INTO "forgotten_mark" (mark, asked_at_ms) VALUES (X'8E5DB1BF29E7B459FD6D2103888E09E819F4D0A56C029D1DBBCC55B68524E34A', 1700000000000);
INSERT INTO "refund_quote" (order_id, about, connection_id, ask, quote, refused, ask_at_ms) VALUES (4, 'return/1', 'harbour-goods', '{"order_remote_id":"gid://shop/Order/5000000010","lines":[],"shipping_max_minor":0,"total_minor":null,"currency":"EUR"}', NULL, NULL, 1700000000000);
INSERT INTO "attempt_said" (effect_id, n, salt, sent, refused, entry) VALUES (1, 1, X'2FE0507EC88B07FE3FD4AD98475CFDE1', X'61261E81F3707D05EE2D243190F26895736392C77AE6076726ED2409D309A014', X'5E106CFD568C6E1189F08884DCC96F9ED24C696A1A4F7F83BE2C40E1F67EDAEE', NULL);
INSERT INTO "attempt_said" (effect_id, n, salt, sent, refused, entry) VALUES (2, 1, X'C40AD1A7939D354E9F4BF8EB22F2F2BC', X'D3A90C8BF82E9EF70DCB76A5401964F3EC66139BFE54771E51B7FF69C3E86E44', X'8385EBF16CB2C5E17D3618415CCC7E29D78A6C9700F43D12EF2635D93D8D8D90', NULL);
INSERT INTO "attempt_said" (effect_id, n, salt, sent, refused, entry) VALUES (3, 1, X'31FFCAFAA5DE5E8309A4318824482D07', X'3E4BF9AEEE8C5A6705CD1DF6A20E77A4652F57922A829D6249DAFB45A4869374', X'E4A80F15BE46A1181D7C6D39A558C7A7F77ABC474B58F67A7B12CD2304C4291C', NULL);
INSERT INTO "customer_review" (effect_id, order_id, connection_id, customer, candidates, asked_at_ms) VALUES (1, 1, 'warehouse', 'customer-1f', '[{"remote_id":"cus_1","by":"phone","facts":[["name","Björn Castell"]],"url":null},{"remote_id":"cus_2","by":"phone","facts":[["name","Björn Castell"]],"url":null}]', 1700000000000);
INSERT INTO "customer_choice" (connection_id, customer, remote_id, always, name, theirs, order_id, at_ms) VALUES ('warehouse', 'customer-2f', 'cus_3', 1, 'Björn Castell', 'B. Castell', 1, 1700000000000);
INSERT INTO "customer_written" (connection_id, customer, fields, order_id, at_ms) VALUES ('warehouse', 'customer-1', '{"Email":"5f1c0a"}', 1, 1700000000000);
CREATE UNIQUE INDEX connection_account ON connection (platform, account_remote_id)
    WHERE removed = 0 AND account_remote_id <> '';
CREATE UNIQUE INDEX record_name ON record (connection_id, kind, remote_id);
CREATE UNIQUE INDEX orders_remote ON orders (connection_id, remote_id);
CREATE INDEX orders_look_again ON orders (look_again_at_ms) WHERE look_again_at_ms IS NOT NULL;
CREATE INDEX orders_open ON orders (id) WHERE open = 1;
CREATE INDEX orders_open_placed ON orders (placed_at_ms, id, connection_id, waits_code, paid, total_minor, currency, due_ms, country, stage)
    WHERE open = 1;
CREATE INDEX orders_open_total ON orders (total_minor, id) WHERE open = 1;
CREATE INDEX orders_open_units ON orders (units, id) WHERE open = 1;
CREATE INDEX orders_open_number ON orders (number_rank, id) WHERE open = 1;
CREATE INDEX orders_open_waits ON orders (waits_since_ms, id) WHERE open = 1;
CREATE INDEX orders_open_cause_due ON orders (waits_code, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_connection_due ON orders (connection_id, due_ms, id) WHERE open = 1;
CREATE TRIGGER orders_tally_decided AFTER UPDATE OF stage, waits_code ON orders
WHEN old.stage IS NOT new.stage OR old.waits_code IS NOT new.waits_code
BEGIN
    UPDATE tally SET n = n - 1
        WHERE connection_id = old.connection_id AND stage = old.stage AND waits_code = old.waits_code;
    INSERT INTO tally (connection_id, stage, waits_code, n)
        SELECT new.connection_id, new.stage, new.waits_code, 1 WHERE new.stage IS NOT NULL
        ON CONFLICT (connection_id, stage, waits_code) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'orders are never deleted, only blanked');
END;
CREATE INDEX link_order ON link (order_id);
CREATE UNIQUE INDEX effect_key ON effect (key);
CREATE INDEX effect_order ON effect (order_id, id);
CREATE INDEX effect_next ON effect (connection_id, not_before_ms, id) WHERE state IN ('pending', 'unknown');
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
CREATE UNIQUE INDEX finding_once ON finding (ifnull(order_id, connection_id), cause, about, owner) WHERE state <> 'resolved';
CREATE INDEX finding_lasting ON finding (id) WHERE state <> 'resolved';
CREATE INDEX finding_account ON finding (connection_id, owner) WHERE state <> 'resolved' AND connection_id IS NOT NULL;
CREATE INDEX finding_over ON finding (resolved_at_ms, resolved_by) WHERE state = 'resolved';
CREATE INDEX finding_snoozed ON finding (snoozed_until_ms) WHERE state = 'snoozed';
CREATE INDEX finding_order ON finding (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX event_order ON event (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX effect_ticket ON effect (connection_id, created_at_ms) WHERE ticket IS NOT NULL;
CREATE INDEX proof_due ON proof (connection_id, ask_at_ms) WHERE state = 'asked';
CREATE INDEX orders_open_customer ON orders (customer COLLATE NOCASE, id) WHERE open = 1;
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
CREATE INDEX orders_placed ON orders (placed_at_ms, id, connection_id);
CREATE INDEX finding_by_cause ON finding (cause, id, state, order_id, opened_at_ms, last_seen_at_ms) WHERE state <> 'resolved';
CREATE INDEX effect_due ON effect (connection_id, urgent DESC, due_ms, id, kind, not_before_ms, order_id)
    WHERE state = 'pending';
CREATE INDEX effect_urgent ON effect (connection_id, not_before_ms, id) WHERE urgent = 1 AND state IN ('pending', 'unknown');
CREATE INDEX orders_sold_as ON orders (sold_as, id) WHERE sold_as IS NOT NULL;
CREATE INDEX orders_personal ON orders (id) WHERE personal_days IS NOT NULL AND blanked_at_ms IS NULL;
CREATE INDEX orders_personal_account ON orders (connection_id, personal_days) WHERE personal_days IS NOT NULL;
CREATE INDEX orders_open_stage_due ON orders (stage_rank, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_country_due ON orders (country, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_due ON orders
    (due_ms, id, country, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer COLLATE NOCASE,
     connection_id, stage_rank)
    WHERE open = 1;
CREATE INDEX orders_found ON orders (id, open, stage_rank, due_ms);
CREATE INDEX order_tag_due ON order_tag (tag, due_ms, id);
CREATE INDEX order_tag_placed ON order_tag (tag, placed_at_ms, id);
CREATE INDEX order_tag_total ON order_tag (tag, total_minor, id);
CREATE INDEX order_tag_units ON order_tag (tag, units, id);
CREATE INDEX order_tag_number ON order_tag (tag, number_rank, id);
CREATE INDEX order_tag_waits ON order_tag (tag, waits_since_ms, id);
CREATE INDEX order_tag_customer ON order_tag (tag, customer, id);
CREATE INDEX order_tag_connection ON order_tag (tag, connection_id, due_ms, id);
CREATE INDEX order_tag_country ON order_tag (tag, country, due_ms, id);
CREATE INDEX order_tag_stage ON order_tag (tag, stage_rank, due_ms, id);
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
CREATE INDEX record_parcels ON record (remote_at_ms, id, live, connection_id, remote_id) WHERE kind = 'parcel';
CREATE INDEX effect_parked ON effect (state, connection_id, kind, id)
    WHERE (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused');
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
CREATE INDEX effect_subject ON effect (subject, connection_id, id, state) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX effect_subject_open ON effect (subject, connection_id)
    WHERE subject IS NOT NULL AND (state = 'asked' OR state = 'pending' OR state = 'running' OR state = 'unknown');
CREATE TRIGGER effect_subject_is_permanent BEFORE UPDATE OF subject, subject_name ON effect
BEGIN
    SELECT raise(ABORT, 'what a change is about never changes');
END;
CREATE INDEX finding_count ON finding (connection_id, about) WHERE owner = 'decision' AND order_id IS NULL;
CREATE INDEX stock_count_sku ON stock_count (sku);
CREATE INDEX stock_count_look ON stock_count (connection_id, look_at_ms) WHERE look_at_ms IS NOT NULL;
CREATE INDEX stock_order_open ON stock_order (sku) WHERE open > 0;
CREATE INDEX stock_order_placed ON stock_order (sku, placed_at_ms, units);
CREATE INDEX stock_order_left ON stock_order (sku, left_at_ms) WHERE left_at_ms IS NOT NULL;
CREATE INDEX stock_look ON stock (look_at_ms) WHERE look_at_ms IS NOT NULL;
CREATE INDEX stock_warned ON stock (sku) WHERE warning IS NOT NULL;
CREATE INDEX stock_differs ON stock (sku) WHERE differs = 1;
CREATE INDEX attempt_answer ON attempt (answer_id) WHERE answer_id IS NOT NULL;
CREATE INDEX trail_page ON trail (kind, last_id);
CREATE TRIGGER trail_grows BEFORE INSERT ON trail WHEN new.n <> (SELECT ifnull(max(n), 0) + 1 FROM trail)
BEGIN
    SELECT raise(ABORT, 'the trail grows at its end only');
END;
CREATE TRIGGER trail_holds BEFORE UPDATE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never changed');
END;
CREATE TRIGGER trail_stays BEFORE DELETE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never shortened');
END;
CREATE TRIGGER trail_of_attempts AFTER INSERT ON attempt
BEGIN
    INSERT INTO trail_attempt (effect_id, n) VALUES (new.effect_id, new.n);
END;
CREATE INDEX forgotten_due ON forgotten (order_id) WHERE done_at_ms IS NULL;
CREATE INDEX effect_label ON effect (connection_id, settled_at_ms) WHERE kind IN ('buy_label', 'return_label') AND state = 'done';
CREATE INDEX refund_quote_due ON refund_quote (connection_id, ask_at_ms) WHERE ask_at_ms IS NOT NULL;
CREATE INDEX trail_attempt_of ON trail_attempt (effect_id, n);
CREATE INDEX customer_review_customer ON customer_review (connection_id, customer);
CREATE INDEX customer_review_order ON customer_review (order_id);
CREATE INDEX finding_customer ON finding (about, order_id, id) WHERE substr(about, 1, 9) = 'customer:';
CREATE INDEX customer_written_order ON customer_written (order_id);
PRAGMA user_version = 23;
