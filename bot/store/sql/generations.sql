-- shown_in
SELECT * FROM generations WHERE message_id = :it ORDER BY created_at DESC

-- parts_of
SELECT * FROM generations WHERE parent_id = :it ORDER BY id

-- pictures_of
SELECT * FROM pictures WHERE generation_id = :it ORDER BY number

-- picture_paths
SELECT path FROM pictures

-- remove_pictures
DELETE FROM pictures WHERE generation_id = :it
