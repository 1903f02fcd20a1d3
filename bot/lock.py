"""One process for one data directory: two would paint and pay for the same jobs."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import AtelierError


class AlreadyRunning(AtelierError):
    """Another process works with this data directory."""


@contextmanager
def sole_owner(data: Path) -> Generator[None]:
    """Hold a data directory; raises AlreadyRunning. The system lets go of it when the process ends, however it ends."""
    with (data / "lock").open("a") as file:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 - not on Windows

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunning(
                    f"Another Atelier is running with {data}. Stop it first, or set ATELIER_DATA_DIR to another folder."
                ) from error
        yield
