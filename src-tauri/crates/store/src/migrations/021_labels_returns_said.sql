-- Labels that were bought, by when: what the day's limit is counted from.
CREATE INDEX effect_label ON effect (connection_id, settled_at_ms) WHERE kind IN ('buy_label', 'return_label') AND state = 'done';

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

-- What each try sent and what was said against it, as digests that are sealed with the try (`trail.rs`). Both may name a
-- person, and are taken out then: the salt goes with them, and an entry of the trail says so. Tries from before have none.
CREATE TABLE attempt_said (
    effect_id INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    -- What was mixed into the digests; NULL: what they are of was taken out.
    salt      BLOB CHECK (salt IS NULL OR length(salt) = 16),
    sent      BLOB NOT NULL CHECK (length(sent) = 32),
    refused   BLOB NOT NULL CHECK (length(refused) = 32),
    -- The entry that says that it was.
    entry     INTEGER,
    PRIMARY KEY (effect_id, n),
    CHECK ((salt IS NULL) = (entry IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX trail_attempt_of ON trail_attempt (effect_id, n);
