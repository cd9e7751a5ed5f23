-- Labels that were bought, by when: what the day's limit is counted from.
CREATE INDEX effect_label ON effect (connection_id, settled_at_ms) WHERE kind IN ('buy_label', 'return_label') AND state = 'done';
