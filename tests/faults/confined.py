"""The real bot, with few files that it may have open at once: as on a small machine whose limits nobody raised."""

import resource
import sys

FILES = 256


def main() -> int:
    """Run the bot."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    from bot.__main__ import main as run

    return run(["run"])


if __name__ == "__main__":
    sys.exit(main())
