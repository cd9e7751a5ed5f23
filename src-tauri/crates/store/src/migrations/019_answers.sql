-- What platforms answered while a change was tried, as they said it: the raw answers of writes.

CREATE TABLE answer (
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- What was heard, oldest first: compressed JSON.
    body  BLOB NOT NULL
) STRICT;

-- Changes that travelled in one call share what was answered. It goes before the try does.
ALTER TABLE attempt ADD COLUMN answer_id INTEGER REFERENCES answer (id) ON DELETE SET NULL;
CREATE INDEX attempt_answer ON attempt (answer_id) WHERE answer_id IS NOT NULL;
