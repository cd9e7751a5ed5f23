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
