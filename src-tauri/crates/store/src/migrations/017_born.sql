-- A new order is written once, with the stage of its first decision. It entered undecided before and was changed at once:
-- every index twice, and four triggers.
DROP TRIGGER orders_enter_undecided;

-- No `DO UPDATE` and no function in here: both may fail in a way of their own, and SQLite would keep a copy of each page
-- for that (`Tx::enter`).
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

-- A return may be read before its order, too.
CREATE TABLE waiting (
    waits_for     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('hub_order', 'parcel', 'return')),
    remote_id     TEXT NOT NULL,
    PRIMARY KEY (waits_for, connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
INSERT INTO waiting SELECT waits_for, connection_id, kind, remote_id FROM waiting_link;
DROP TABLE waiting_link;
ALTER TABLE waiting RENAME TO waiting_link;
