-- The outbox: every intended change in the outside world, and every try.

CREATE TABLE effect (
    id               INTEGER PRIMARY KEY,
    key              TEXT NOT NULL,
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    connection_id    TEXT NOT NULL,
    kind             TEXT NOT NULL,
    automation       TEXT NOT NULL,
    sentence         TEXT NOT NULL,
    -- zstd of the intent's JSON.
    intent           BLOB NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('asked', 'pending', 'running', 'unknown', 'done', 'refused', 'skipped')),
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
    due_ms           INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(ship_by_ms, 9223372036854775807)) VIRTUAL,
    CHECK ((state IN ('done', 'skipped')) = (settled_at_ms IS NOT NULL)),
    CHECK ((state = 'done') = (receipt IS NOT NULL)),
    CHECK ((state = 'skipped') = (skip_reason IS NOT NULL)),
    CHECK (state NOT IN ('refused', 'unknown') OR refusal IS NOT NULL),
    CHECK (state NOT IN ('running', 'unknown') OR first_sent_at_ms IS NOT NULL),
    CHECK (state <> 'running' OR attempts > 0),
    CHECK (state <> 'asked' OR first_sent_at_ms IS NULL)
) STRICT;

-- The idempotency key: planning twice is planning once.
CREATE UNIQUE INDEX effect_key ON effect (key);
CREATE INDEX effect_order ON effect (order_id, id);
-- The line in front of each account, deadlines first.
CREATE INDEX effect_due ON effect (connection_id, due_ms, id, kind, not_before_ms, order_id) WHERE state = 'pending';
-- When to wake for it.
CREATE INDEX effect_next ON effect (connection_id, not_before_ms, id) WHERE state IN ('pending', 'unknown');
-- Everything else that is not settled.
CREATE INDEX effect_parked ON effect (state, connection_id, kind, id) WHERE state IN ('asked', 'running', 'unknown', 'refused');

CREATE TRIGGER effect_born BEFORE INSERT ON effect WHEN new.state NOT IN ('asked', 'pending')
BEGIN
    SELECT raise(ABORT, 'an effect begins as asked or pending');
END;
CREATE TRIGGER effect_end_state BEFORE UPDATE OF state ON effect WHEN old.state IN ('done', 'skipped')
BEGIN
    SELECT raise(ABORT, 'the end state of an effect is written once');
END;
CREATE TRIGGER effect_steps BEFORE UPDATE OF state ON effect WHEN NOT (
       (old.state = 'asked'   AND new.state IN ('asked', 'pending', 'skipped'))
    OR (old.state = 'pending' AND new.state IN ('pending', 'running', 'skipped'))
    OR (old.state = 'running' AND new.state IN ('pending', 'done', 'refused', 'unknown', 'skipped'))
    OR (old.state = 'unknown' AND new.state IN ('unknown', 'pending', 'done', 'refused', 'skipped'))
    OR (old.state = 'refused' AND new.state IN ('pending', 'skipped'))
    OR old.state IN ('done', 'skipped')
)
BEGIN
    SELECT raise(ABORT, 'an effect cannot take this step');
END;
CREATE TRIGGER effect_key_is_permanent BEFORE UPDATE OF key, order_id, connection_id, kind ON effect
BEGIN
    SELECT raise(ABORT, 'key, order, account and kind of an effect never change');
END;
CREATE TRIGGER effect_stays BEFORE DELETE ON effect
BEGIN
    SELECT raise(ABORT, 'effects are never deleted');
END;

CREATE TABLE attempt (
    effect_id   INTEGER NOT NULL REFERENCES effect (id),
    n           INTEGER NOT NULL CHECK (n > 0),
    at_ms       INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    -- 1: the platform was asked whether it holds; 0: it was sent.
    looked      INTEGER NOT NULL CHECK (looked IN (0, 1)),
    outcome     TEXT NOT NULL CHECK (outcome IN ('done', 'already', 'waits', 'refused', 'unknown', 'skipped')),
    refusal     TEXT,
    request_id  TEXT,
    PRIMARY KEY (effect_id, n),
    CHECK (outcome NOT IN ('refused', 'unknown') OR refusal IS NOT NULL)
) STRICT, WITHOUT ROWID;
