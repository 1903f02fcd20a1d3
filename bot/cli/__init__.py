"""What the command line does: run the bot, examine it, register its commands, copy what it keeps."""
