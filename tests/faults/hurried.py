"""The real bot, whose longest waits are shortened and nothing else: what takes it an hour takes a second."""

import os
import sys
from importlib import import_module

from sandbox.replicate.faults import LIST_DELAY

WAITS = {
    "bot.flows.generation": {"HOLD": 1},
    # Only where a training is to run into it: on a busy machine one that goes well may take as long.
    "bot.flows.training": {"DEADLINE": float(os.environ.get("HURRIED_TRAINING", "3600"))},
    "bot.flows.submitting": {"AWAY": 0.3, "LISTED": LIST_DELAY},
    "bot.flows.keeping": {"PAUSE": 0.02},
    "bot.flows.following": {"CANCEL_GRACE": 1.0, "MISSING_LOOKS": 6},
    "bot.replicate_api": {"ANSWER": 5.0},
    "bot.replicate_api.breaker": {"OPEN_SECONDS": 1.0},
    "bot.replicate_api.wire": {"LONGEST_WAIT": 1.0},
    "bot.discord_client.connection": {"SHORTEST": 0.05, "LONGEST": 0.2, "GAP": 0.1},
    "bot.flows.engine": {"LOOK": 1.0},
    "bot.store.database": {"BUSY_SECONDS": 0.5},
}


def shorten() -> None:
    """Shorten the waits."""
    for name, waits in WAITS.items():
        module = import_module(name)
        for wait, seconds in waits.items():
            getattr(module, wait)  # one that was renamed would be shortened in vain
            setattr(module, wait, seconds)


def main() -> int:
    """Run the bot."""
    shorten()
    from bot.__main__ import main as run

    return run(["run"])


if __name__ == "__main__":
    sys.exit(main())
