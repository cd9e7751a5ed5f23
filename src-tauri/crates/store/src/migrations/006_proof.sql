-- Effects the platform said it did and that no reading has shown since: it is asked by name.
-- 'missing': it does not have them, so they did not happen.
CREATE TABLE proof (
    effect_id     INTEGER PRIMARY KEY REFERENCES effect (id),
    connection_id TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('asked', 'held', 'missing')),
    ask_at_ms     INTEGER NOT NULL
) STRICT;
CREATE INDEX proof_due ON proof (connection_id, ask_at_ms) WHERE state = 'asked';
