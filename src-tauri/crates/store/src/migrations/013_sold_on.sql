-- Orders that were sold elsewhere than where they were read: by which number, and what the place of the sale wants done
-- with the buyer's data.
-- Letters and digits of that number, small; NULL: sold where it was read.
ALTER TABLE orders ADD COLUMN sold_as TEXT;
-- So many days after delivery the buyer's data must be gone, whatever the channel's own rule is.
ALTER TABLE orders ADD COLUMN personal_days INTEGER;
CREATE INDEX orders_sold_as ON orders (sold_as, id) WHERE sold_as IS NOT NULL;
CREATE INDEX orders_personal ON orders (id) WHERE personal_days IS NOT NULL AND blanked_at_ms IS NULL;
CREATE INDEX orders_personal_account ON orders (connection_id, personal_days) WHERE personal_days IS NOT NULL;
