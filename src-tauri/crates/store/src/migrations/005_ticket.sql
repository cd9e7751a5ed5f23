-- What the platform calls an effect while it works on it (the id of a file or a job), so that a restart can ask for
-- it by name. Set by the answer that took the effect in; cleared when the effect goes back into the line.
ALTER TABLE effect ADD COLUMN ticket TEXT;
-- Found by account, for the few that have one.
CREATE INDEX effect_ticket ON effect (connection_id, created_at_ms) WHERE ticket IS NOT NULL;
