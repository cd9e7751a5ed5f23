-- What a person clicked on goes before what automations planned, and may use the calls that are kept for a click.
-- Cleared when the platform answered that it will not do it now: the click was served, what follows is routine.
ALTER TABLE effect ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1));

-- The line in front of each account: clicks first, then deadlines.
DROP INDEX effect_due;
CREATE INDEX effect_due ON effect (connection_id, urgent DESC, due_ms, id, kind, not_before_ms, order_id)
    WHERE state = 'pending';
-- Whether there is any: asked between two pages of a long reading.
CREATE INDEX effect_urgent ON effect (connection_id, not_before_ms, id) WHERE urgent = 1 AND state IN ('pending', 'unknown');
