-- find
SELECT * FROM {table} WHERE id = :it

-- request_cancel
UPDATE {table} SET cancel_requested = 1 WHERE id = :it AND state IN {open}

-- unfinished
SELECT * FROM {table}
WHERE (state IN {open} OR delivered = '') AND created_at < :before AND {asked_for}
ORDER BY created_at

-- watched
SELECT * FROM {table} WHERE watch_until > :now AND (remote_id IS NOT NULL OR state NOT IN {open})

-- undecided
SELECT * FROM {table} WHERE state IN {open} AND intent_at IS NOT NULL AND remote_id IS NULL

-- of_member
SELECT * FROM {table}
WHERE guild_id = :guild AND owner_id = :user AND {asked_for}
ORDER BY state NOT IN {open}, delivered != 'kept', created_at DESC
LIMIT :limit

-- of_fine_tune
SELECT * FROM {table} WHERE fine_tune_id = :it AND state IN {open}

-- count
SELECT count(*) AS n FROM {table} WHERE fine_tune_id = :it

-- of_guild
SELECT * FROM {table} WHERE guild_id = :guild AND state IN {open} AND {asked_for} ORDER BY created_at
