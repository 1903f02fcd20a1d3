"""Where Discord's face begins: the client that loads the cogs, how it stays connected, how it says what went wrong."""
