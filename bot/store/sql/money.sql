-- spent_by_guild
SELECT coalesce(sum(coalesce(spent, reserved)), 0) AS sum FROM ledger WHERE guild_id = :guild AND month = :month

-- spent_by_member
SELECT coalesce(sum(coalesce(spent, reserved)), 0) AS sum FROM ledger
WHERE guild_id = :guild AND month = :month AND user_id = :user

-- spent_by_members
SELECT user_id, sum(coalesce(spent, reserved)) AS sum FROM ledger
WHERE guild_id = :guild AND month = :month
GROUP BY user_id ORDER BY sum DESC, user_id

-- settle
UPDATE ledger SET spent = :cost WHERE job_id = :it AND spent IS NULL

-- owner_of_run
SELECT jobs, job_id FROM runs WHERE run_id = :it

-- take_run
INSERT INTO runs (run_id, jobs, job_id) VALUES (:it, :jobs, :job)

-- unsettled_runs
SELECT late_runs.* FROM late_runs JOIN ledger ON ledger.job_id = late_runs.run_id
WHERE ledger.spent IS NULL
ORDER BY found_at

-- charged_without_run
SELECT * FROM {table} WHERE id = :it AND remote_id IS NULL AND cost > 0

-- charge_nothing
UPDATE {table} SET cost = 0 WHERE id = :it

-- take_back
UPDATE ledger SET spent = spent - :cost WHERE job_id = :it AND spent IS NOT NULL

-- lower_cost
UPDATE {table} SET cost = cost - :cost WHERE id = :it AND ended_at IS NOT NULL
