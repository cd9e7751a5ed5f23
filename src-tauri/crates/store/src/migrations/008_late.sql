-- What is late, in any order: the index over deadlines holds what the queue can be sorted by, so that the page is
-- found without fetching every late row.
DROP INDEX orders_open_due;
CREATE INDEX orders_open_due ON orders (due_ms, id, country, placed_at_ms, total_minor, units, number_rank, waits_since_ms)
    WHERE open = 1;
