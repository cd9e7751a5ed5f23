-- What happened cannot be changed unseen: a chain of digests over the timeline, the changes and their tries, made in
-- quiet moments (`trail.rs`). And who asked to be forgotten (`forgotten.rs`).

-- The chain. A page stands for a run of rows of one table, an entry for something that was done to such rows.
CREATE TABLE trail (
    n        INTEGER PRIMARY KEY CHECK (n > 0),
    at_ms    INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('events', 'effects', 'attempts', 'blanked', 'purged', 'note')),
    -- Of a page: its rows lie from here to there.
    first_id INTEGER,
    last_id  INTEGER CHECK (last_id >= first_id),
    -- Rows of a page, or rows that an entry is about.
    held     INTEGER NOT NULL CHECK (held >= 0),
    -- Of an entry: what was done.
    body     TEXT CHECK (body IS NULL OR json_valid(body)),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    link     BLOB NOT NULL CHECK (length(link) = 32),
    CHECK ((kind IN ('events', 'effects', 'attempts')) = (first_id IS NOT NULL)),
    CHECK ((first_id IS NULL) = (last_id IS NULL)),
    CHECK ((kind IN ('events', 'effects', 'attempts')) = (body IS NULL))
) STRICT;
CREATE INDEX trail_page ON trail (kind, last_id);

CREATE TRIGGER trail_grows BEFORE INSERT ON trail WHEN new.n <> (SELECT ifnull(max(n), 0) + 1 FROM trail)
BEGIN
    SELECT raise(ABORT, 'the trail grows at its end only');
END;
CREATE TRIGGER trail_holds BEFORE UPDATE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never changed');
END;
CREATE TRIGGER trail_stays BEFORE DELETE ON trail
BEGIN
    SELECT raise(ABORT, 'the trail is never shortened');
END;

-- Which rows a page holds, and what was mixed into the digest of each row's text: id and salt, one behind the other. The
-- salt goes with the text: without it nobody can try what stood there.
CREATE TABLE trail_salt (
    page  INTEGER PRIMARY KEY REFERENCES trail (n),
    salts BLOB NOT NULL
) STRICT;

-- What stands in for a row whose text was taken out (digest of the text), or that was deleted in time (digest of the row).
CREATE TABLE trail_gone (
    kind   TEXT NOT NULL CHECK (kind IN ('events', 'effects')),
    id     INTEGER NOT NULL,
    whole  INTEGER NOT NULL CHECK (whole IN (0, 1)),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- The entry that says so.
    entry  INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Tries in the order in which they were written down: they have no number of their own.
CREATE TABLE trail_attempt (
    id        INTEGER PRIMARY KEY,
    effect_id INTEGER NOT NULL,
    n         INTEGER NOT NULL
) STRICT;
INSERT INTO trail_attempt (effect_id, n) SELECT effect_id, n FROM attempt ORDER BY at_ms, effect_id, n;
CREATE TRIGGER trail_of_attempts AFTER INSERT ON attempt
BEGIN
    INSERT INTO trail_attempt (effect_id, n) VALUES (new.effect_id, new.n);
END;

-- Orders of buyers who asked to be forgotten.
CREATE TABLE forgotten (
    order_id    INTEGER PRIMARY KEY REFERENCES orders (id),
    asked_at_ms INTEGER NOT NULL,
    -- NULL: it is open, and is forgotten as soon as it is closed.
    done_at_ms  INTEGER
) STRICT;
CREATE INDEX forgotten_due ON forgotten (order_id) WHERE done_at_ms IS NULL;

-- Keyed hashes of what they were found by: their older orders may be read later than they were forgotten.
CREATE TABLE forgotten_mark (
    mark        BLOB PRIMARY KEY CHECK (length(mark) = 32),
    asked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
