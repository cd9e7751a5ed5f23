-- Numbers that screens ask for all the time, kept instead of counted: they cost the same at a thousand orders and at a
-- million.

-- Open orders by the hour they were placed in: how many wait longer than some moment, on what, and what they are worth.
-- Only hours that have any.
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

INSERT INTO open_tally (connection_id, paid, hour, waits_code, currency, n, minor)
    SELECT connection_id, paid, placed_at_ms / 3600000, waits_code, currency, count(*),
           sum(max(-10000000000000, min(10000000000000, total_minor)))
    FROM orders WHERE open = 1 GROUP BY 1, 2, 3, 4, 5;

-- An absurd amount (beyond ten million million) counts as that: a sum that does not fit must not stop an order.
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

-- Effects by where they stand: how deep the line in front of each account is.
CREATE TABLE effect_tally (
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (connection_id, kind, state)
) STRICT, WITHOUT ROWID;

INSERT INTO effect_tally (connection_id, kind, state, n)
    SELECT connection_id, kind, state, count(*) FROM effect GROUP BY 1, 2, 3;

CREATE TRIGGER effect_tally_born AFTER INSERT ON effect
BEGIN
    INSERT INTO effect_tally (connection_id, kind, state, n) VALUES (new.connection_id, new.kind, new.state, 1)
        ON CONFLICT (connection_id, kind, state) DO UPDATE SET n = n + 1;
END;
-- Effects stay for good, so births and steps are all that counts.
CREATE TRIGGER effect_tally_step AFTER UPDATE OF state ON effect WHEN old.state <> new.state
BEGIN
    UPDATE effect_tally SET n = n - 1
        WHERE connection_id = old.connection_id AND kind = old.kind AND state = old.state;
    INSERT INTO effect_tally (connection_id, kind, state, n) VALUES (new.connection_id, new.kind, new.state, 1)
        ON CONFLICT (connection_id, kind, state) DO UPDATE SET n = n + 1;
END;

-- Orders per account since a moment are counted without fetching a row each.
DROP INDEX orders_placed;
CREATE INDEX orders_placed ON orders (placed_at_ms, id, connection_id);

-- Exceptions are counted by cause every minute, and everywhere: the index holds what that asks for.
DROP INDEX finding_by_cause;
CREATE INDEX finding_by_cause ON finding (cause, id, state, order_id, opened_at_ms, last_seen_at_ms) WHERE state <> 'resolved';
