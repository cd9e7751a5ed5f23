-- A customer whom somebody enters at a hub by hand is one entry, whichever of their orders it stands at: found by its name.
CREATE INDEX finding_customer ON finding (about, order_id, id) WHERE substr(about, 1, 9) = 'customer:';

-- What was last put into fields of customers of an account: by field a word that tells the value from any other, so that
-- what people changed there since is known for theirs. The word is not readable, but guessable by who has this file, which is
-- encrypted, and the customer's id. It goes with the personal data of the order that
-- wrote last.
CREATE TABLE customer_written (
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    fields        TEXT NOT NULL CHECK (json_valid(fields)),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_written_order ON customer_written (order_id);
