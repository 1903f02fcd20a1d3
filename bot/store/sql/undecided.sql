-- find
SELECT * FROM {table} WHERE id = :it

-- all
SELECT * FROM {table} WHERE {waits}

-- old
SELECT * FROM {table} WHERE created_at < :before AND {waits}

-- remove
DELETE FROM {table} WHERE id = :it AND {waits}

-- discard_dataset
DELETE FROM datasets WHERE id = :it AND consent_at IS NULL RETURNING id

-- remove_batch
DELETE FROM batches WHERE id = :it

-- change_wishes
UPDATE batches SET wishes = :wishes WHERE id = :it
