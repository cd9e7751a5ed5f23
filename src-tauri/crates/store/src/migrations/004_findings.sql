-- What needs a person, what happened, and what was said about it.

-- The exceptions list. `owner` says who raises and closes it by itself: the
-- decision about the order, the reading of records, or the state of the account.
CREATE TABLE finding (
    id               INTEGER PRIMARY KEY,
    owner            TEXT NOT NULL CHECK (owner IN ('decision', 'reading', 'account')),
    order_id         INTEGER REFERENCES orders (id),
    connection_id    TEXT,
    effect_id        INTEGER REFERENCES effect (id),
    cause            TEXT NOT NULL,
    about            TEXT NOT NULL,
    sentence         TEXT NOT NULL,
    said             TEXT,
    state            TEXT NOT NULL CHECK (state IN ('open', 'snoozed', 'resolved')),
    opened_at_ms     INTEGER NOT NULL,
    last_seen_at_ms  INTEGER NOT NULL,
    count            INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
    snoozed_until_ms INTEGER,
    resolved_at_ms   INTEGER,
    resolved_by      TEXT CHECK (resolved_by IN ('itself', 'person')),
    CHECK (order_id IS NOT NULL OR connection_id IS NOT NULL),
    CHECK ((state = 'snoozed') = (snoozed_until_ms IS NOT NULL)),
    CHECK ((state = 'resolved') = (resolved_at_ms IS NOT NULL)),
    CHECK ((state = 'resolved') = (resolved_by IS NOT NULL))
) STRICT;

-- A condition that repeats is one entry with a count.
CREATE UNIQUE INDEX finding_once ON finding (ifnull(order_id, connection_id), cause, about, owner) WHERE state <> 'resolved';
CREATE INDEX finding_lasting ON finding (id) WHERE state <> 'resolved';
CREATE INDEX finding_by_cause ON finding (cause, id) WHERE state <> 'resolved';
CREATE INDEX finding_account ON finding (connection_id, owner) WHERE state <> 'resolved' AND connection_id IS NOT NULL;
CREATE INDEX finding_over ON finding (resolved_at_ms, resolved_by) WHERE state = 'resolved';
CREATE INDEX finding_snoozed ON finding (snoozed_until_ms) WHERE state = 'snoozed';
CREATE INDEX finding_order ON finding (order_id, id) WHERE order_id IS NOT NULL;

-- The timeline and the history.
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
CREATE INDEX event_order ON event (order_id, id) WHERE order_id IS NOT NULL;

-- What was said on the desktop, or held back.
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
