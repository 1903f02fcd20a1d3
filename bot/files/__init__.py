"""What lies on disk beside the database: the folder and its lock, how much room there is, pictures."""
