-- The queue by store, by country and by stage, what leaves first on top within each.

-- Stages in the order an order goes through them, as the program lists them.
ALTER TABLE orders ADD COLUMN stage_rank INTEGER GENERATED ALWAYS AS (
    CASE stage
        WHEN 'unpaid' THEN 0 WHEN 'to_send' THEN 1 WHEN 'sending' THEN 2 WHEN 'packing' THEN 3 WHEN 'held' THEN 4
        WHEN 'partly_shipped' THEN 5 WHEN 'telling' THEN 6 WHEN 'shipped' THEN 7 WHEN 'cancelled' THEN 8
        WHEN 'nothing_to_ship' THEN 9 WHEN 'ignored' THEN 10
    END
) VIRTUAL;

-- One index serves the filter by a stage and the sort by all of them.
DROP INDEX orders_open_stage_due;
CREATE INDEX orders_open_stage_due ON orders (stage_rank, due_ms, id) WHERE open = 1;
CREATE INDEX orders_open_country_due ON orders (country, due_ms, id) WHERE open = 1;

-- Deadlines in any order the queue knows: it holds all sort columns.
DROP INDEX orders_open_due;
CREATE INDEX orders_open_due ON orders
    (due_ms, id, country, placed_at_ms, total_minor, units, number_rank, waits_since_ms, customer COLLATE NOCASE,
     connection_id, stage_rank)
    WHERE open = 1;
