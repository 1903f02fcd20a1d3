"""What members are answered with, with nothing of Discord in it: cogs draw it as messages, and a page may, too."""
