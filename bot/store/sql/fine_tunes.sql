-- usable
SELECT * FROM fine_tunes
WHERE guild_id = :guild AND (owner_id = :user OR shared) AND deleted_at IS NULL
ORDER BY owner_id != :user, name

-- nameable
SELECT * FROM fine_tunes
WHERE guild_id = :guild AND deleted_at IS NULL
AND (owner_id = :user OR shared OR EXISTS (SELECT 1 FROM versions WHERE fine_tune_id = fine_tunes.id))
ORDER BY owner_id != :user, name

-- find
SELECT * FROM fine_tunes WHERE id = :it

-- named
SELECT * FROM fine_tunes WHERE guild_id = :guild AND owner_id = :user AND deleted_at IS NULL AND name = :name

-- at
SELECT * FROM fine_tunes WHERE lower(destination) = lower(:it)

-- deleted
SELECT id FROM fine_tunes WHERE deleted_at IS NOT NULL

-- versions
SELECT * FROM versions WHERE fine_tune_id = :it ORDER BY number

-- version_of
SELECT * FROM versions WHERE training_id = :it

-- last_number
SELECT max(number) AS n FROM versions WHERE fine_tune_id = :it

-- choose_scale
UPDATE versions SET chosen_scale = :scale WHERE fine_tune_id = :it AND number = :number

-- remove_votes
DELETE FROM votes WHERE training_id IN (SELECT training_id FROM versions WHERE fine_tune_id = :it)

-- remove_versions
DELETE FROM versions WHERE fine_tune_id = :it

-- remove
DELETE FROM fine_tunes WHERE id = :it

-- count_votes
SELECT scale, count(*) AS votes FROM votes WHERE training_id = :it GROUP BY scale

-- note_winner
UPDATE versions SET voted_scale = :won WHERE training_id = :it
