-- What a search finds lies anywhere in the file: whether it is open and when it is due stands together, so that only the
-- rows of the page are fetched.
CREATE INDEX orders_found ON orders (id, open, stage_rank, due_ms);

-- Open orders of a tag by store, by country and by stage as well: without an index, as many rows as have no such tag
-- were fetched and thrown away.
DROP TRIGGER orders_tags;
DROP TRIGGER orders_tags_sorted;
DROP TABLE order_tag;

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

INSERT OR IGNORE INTO order_tag
    SELECT t.value, o.id, o.due_ms, o.placed_at_ms, o.total_minor, o.units, o.number_rank, o.waits_since_ms, o.customer,
           o.connection_id, o.country, o.stage_rank
    FROM orders o, json_each(o.tags) t WHERE o.open = 1 AND o.tags <> '[]';

-- Tags that came or went, orders that opened or closed.
CREATE TRIGGER orders_tags
AFTER UPDATE OF stage, tags ON orders
WHEN ((old.open = 1 AND old.tags <> '[]') OR (new.open = 1 AND new.tags <> '[]'))
    AND (old.open, old.tags) IS NOT (new.open, new.tags)
BEGIN
    DELETE FROM order_tag WHERE (tag, id) IN (SELECT value, old.id FROM json_each(old.tags));
    INSERT OR IGNORE INTO order_tag
        SELECT value, new.id, new.due_ms, new.placed_at_ms, new.total_minor, new.units, new.number_rank, new.waits_since_ms,
               new.customer, new.connection_id, new.country, new.stage_rank
        FROM json_each(new.tags) WHERE new.open = 1;
END;

-- What they are sorted by: only the indexes of columns that moved are written.
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

-- Whether a parcel goes out and is not voided; NULL: read before this was written down. With it what left is counted
-- without opening a record.
ALTER TABLE record ADD COLUMN live INTEGER CHECK (live IN (0, 1));
DROP INDEX record_parcels;
CREATE INDEX record_parcels ON record (remote_at_ms, id, live, connection_id, remote_id) WHERE kind = 'parcel';

-- When a change was sent last. Some can only be looked at by how long ago that is.
ALTER TABLE effect ADD COLUMN last_sent_at_ms INTEGER;
UPDATE effect SET last_sent_at_ms = first_sent_at_ms WHERE state IN ('pending', 'running', 'unknown');
