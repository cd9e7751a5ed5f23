-- What a column may hold was said as a list, and SQLite builds a table of the list each time it looks: one of eleven stages
-- for each order written, twice where a trigger looks before. Comparisons are as strict and cost nothing to build. The
-- definitions are changed in place, as SQLite's manual describes it for constraints: they accept what they accepted
-- before, so no row changes, and a database of a million orders is as quick as an empty one.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    'stage IN (''unpaid'', ''to_send'', ''sending'', ''packing'', ''held'', ''partly_shipped'',
                                           ''telling'', ''shipped'', ''cancelled'', ''nothing_to_ship'', ''ignored'')',
    '(stage = ''unpaid'' OR stage = ''to_send'' OR stage = ''sending'' OR stage = ''packing'' OR stage = ''held'' OR stage = ''partly_shipped'' OR stage = ''telling'' OR stage = ''shipped'' OR stage = ''cancelled'' OR stage = ''nothing_to_ship'' OR stage = ''ignored'')'),
    'waits_tone IN (''neutral'', ''info'', ''success'', ''warning'', ''danger'', ''hold'')',
    '(waits_tone = ''neutral'' OR waits_tone = ''info'' OR waits_tone = ''success'' OR waits_tone = ''warning'' OR waits_tone = ''danger'' OR waits_tone = ''hold'')'),
    'stage IN (''unpaid'', ''to_send'', ''sending'', ''packing'', ''held'', ''partly_shipped'', ''telling'')',
    '(stage = ''unpaid'' OR stage = ''to_send'' OR stage = ''sending'' OR stage = ''packing'' OR stage = ''held'' OR stage = ''partly_shipped'' OR stage = ''telling'')')
WHERE type = 'table' AND name = 'orders';
UPDATE sqlite_schema SET sql = replace(sql,
    'state IN (''asked'', ''pending'', ''running'', ''unknown'', ''done'', ''refused'', ''skipped'')',
    '(state = ''asked'' OR state = ''pending'' OR state = ''running'' OR state = ''unknown'' OR state = ''done'' OR state = ''refused'' OR state = ''skipped'')')
WHERE type = 'table' AND name = 'effect';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''order'', ''hub_order'', ''parcel'', ''stock'', ''product'', ''return'')',
    '(kind = ''order'' OR kind = ''hub_order'' OR kind = ''parcel'' OR kind = ''stock'' OR kind = ''product'' OR kind = ''return'')')
WHERE type = 'table' AND name = 'record';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''order'', ''hub_order'', ''parcel'', ''stock'', ''product'', ''return'')',
    '(kind = ''order'' OR kind = ''hub_order'' OR kind = ''parcel'' OR kind = ''stock'' OR kind = ''product'' OR kind = ''return'')')
WHERE type = 'table' AND name = 'link';
UPDATE sqlite_schema SET sql = replace(sql,
    'outcome IN (''done'', ''already'', ''waits'', ''refused'', ''unknown'', ''skipped'')',
    '(outcome = ''done'' OR outcome = ''already'' OR outcome = ''waits'' OR outcome = ''refused'' OR outcome = ''unknown'' OR outcome = ''skipped'')')
WHERE type = 'table' AND name = 'attempt';
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'owner IN (''decision'', ''reading'', ''account'')',
    '(owner = ''decision'' OR owner = ''reading'' OR owner = ''account'')'),
    'state IN (''open'', ''snoozed'', ''resolved'')',
    '(state = ''open'' OR state = ''snoozed'' OR state = ''resolved'')')
WHERE type = 'table' AND name = 'finding';
PRAGMA writable_schema = RESET;

DROP INDEX effect_parked;
CREATE INDEX effect_parked ON effect (state, connection_id, kind, id)
    WHERE (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused');

DROP TRIGGER effect_steps;
CREATE TRIGGER effect_steps BEFORE UPDATE OF state ON effect WHEN NOT (
       (old.state = 'asked'   AND (new.state = 'asked' OR new.state = 'pending' OR new.state = 'skipped'))
    OR (old.state = 'pending' AND (new.state = 'pending' OR new.state = 'running' OR new.state = 'skipped'))
    OR (old.state = 'running' AND (new.state = 'pending' OR new.state = 'done' OR new.state = 'refused' OR new.state = 'unknown' OR new.state = 'skipped'))
    OR (old.state = 'unknown' AND (new.state = 'unknown' OR new.state = 'pending' OR new.state = 'done' OR new.state = 'refused' OR new.state = 'skipped'))
    OR (old.state = 'refused' AND new.state IN ('pending', 'skipped'))
    OR old.state IN ('done', 'skipped')
)
BEGIN
    SELECT raise(ABORT, 'an effect cannot take this step');
END;

-- An order that was not open has no tags to take out; where they would be was asked all the same.
DROP TRIGGER orders_tags;
CREATE TRIGGER orders_tags
AFTER UPDATE OF stage, tags ON orders
WHEN ((old.open = 1 AND old.tags <> '[]') OR (new.open = 1 AND new.tags <> '[]'))
    AND (old.open, old.tags) IS NOT (new.open, new.tags)
BEGIN
    DELETE FROM order_tag WHERE old.open = 1 AND (tag, id) IN (SELECT value, old.id FROM json_each(old.tags));
    INSERT OR IGNORE INTO order_tag
        SELECT value, new.id, new.due_ms, new.placed_at_ms, new.total_minor, new.units, new.number_rank, new.waits_since_ms,
               new.customer, new.connection_id, new.country, new.stage_rank
        FROM json_each(new.tags) WHERE new.open = 1;
END;
