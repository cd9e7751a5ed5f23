-- What the console keeps beside the work itself.

-- Who looks after an exception; empty: nobody in particular.
ALTER TABLE finding ADD COLUMN assignee TEXT NOT NULL DEFAULT '';

-- The queue sorted by customer, letters in either case together.
CREATE INDEX orders_open_customer ON orders (customer COLLATE NOCASE, id) WHERE open = 1;
