-- budgets
SELECT * FROM team_budgets WHERE guild_id = :guild AND month IN ('', :month) ORDER BY whom, whom_id, month

-- remove_budget
DELETE FROM team_budgets WHERE guild_id = :guild AND whom = :whom AND whom_id = :it AND month = ''

-- pause
SELECT * FROM pauses WHERE guild_id = :guild

-- resume
DELETE FROM pauses WHERE guild_id = :guild
