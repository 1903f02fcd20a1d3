-- newest_first
SELECT rowid AS place, * FROM {table} WHERE owner_id = :owner AND {waits} ORDER BY rowid DESC

-- generations_among
SELECT id FROM generations WHERE id IN (SELECT value FROM json_each(:ids))

-- state_of
SELECT id, state IN {open} AS runs FROM {table} WHERE id IN (SELECT value FROM json_each(:ids))

-- pictures_of_these
SELECT generation_id, path FROM pictures WHERE generation_id IN (SELECT value FROM json_each(:ids))

-- batches_with
SELECT id, wishes FROM batches WHERE instr(wishes, :it)

-- page
SELECT prompts.rowid AS number, generations.*
FROM prompts CROSS JOIN gallery ON gallery.number = prompts.rowid
CROSS JOIN generations ON generations.id = gallery.generation_id
WHERE prompts MATCH :match AND prompts.rowid {beyond} :place AND generations.state = 'succeeded'
ORDER BY prompts.rowid {direction} LIMIT :limit
