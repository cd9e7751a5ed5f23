-- What a store said giving money of a return back would come to. It is asked before anything is planned, once for each set of
-- units; what it refused to say is asked again later.
CREATE TABLE refund_quote (
    order_id      INTEGER NOT NULL REFERENCES orders (id),
    about         TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    ask           TEXT NOT NULL CHECK (json_valid(ask)),
    quote         TEXT CHECK (quote IS NULL OR json_valid(quote)),
    refused       TEXT,
    -- NULL once the store said it, ms UTC.
    ask_at_ms     INTEGER,
    PRIMARY KEY (order_id, about),
    CHECK (quote IS NULL OR ask_at_ms IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_quote_due ON refund_quote (connection_id, ask_at_ms) WHERE ask_at_ms IS NOT NULL;
