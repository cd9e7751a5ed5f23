-- Customers of orders whom an account could not tell apart: who could be meant, for a person to say. One row per change that
-- was refused for it; it counts as long as that change stands refused, and goes with the order's personal data.
CREATE TABLE customer_review (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    candidates    TEXT NOT NULL CHECK (json_valid(candidates)),
    asked_at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX customer_review_customer ON customer_review (connection_id, customer);
CREATE INDEX customer_review_order ON customer_review (order_id);

-- Whom people said is meant, for all orders of a customer. What holds only once goes when it is written.
CREATE TABLE customer_choice (
    connection_id TEXT NOT NULL,
    -- Our id of the customer.
    customer      TEXT NOT NULL,
    -- The account's id of whom is meant; NULL: a new one is made.
    remote_id     TEXT,
    always        INTEGER NOT NULL CHECK (always IN (0, 1)),
    -- Who it is here and there, for people; empty once the buyer's data is gone.
    name          TEXT NOT NULL,
    theirs        TEXT NOT NULL,
    -- The order it was said about.
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (connection_id, customer),
    CHECK (remote_id IS NOT NULL OR always = 0)
) STRICT, WITHOUT ROWID;
