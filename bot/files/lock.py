"""One process for one data folder: two would paint and pay for the same jobs."""

import asyncio
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import AtelierError

LOOK = 5.0  # seconds between two looks whether the folder is still where it was


class AlreadyRunning(AtelierError):
    """Another process works with this data folder."""


class Held:
    """A data folder that is ours for as long as it stays where it is."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def lost(self, look: float = LOOK) -> None:
        """Return once the folder, or the database in it, is another one: what is put there is no longer held by us."""
        first = self._identity()
        while self._identity() == first:  # noqa: ASYNC110 - no file system tells, everywhere, that it was renamed
            await asyncio.sleep(look)

    def _identity(self) -> Sequence[tuple[int, int] | None]:
        return [_inode(path) for path in (self._data, self._data / "atelier.db")]


@contextmanager
def sole_owner(data: Path) -> Generator[Held]:
    """Hold a data folder, made where it is missing; raises AlreadyRunning.

    The system lets go of it when the process ends, however it ends. What is locked is the folder itself, which nobody
    removes unnoticed, and the file `lock`, which is all that older versions know.
    """
    handles: list[int] = []
    try:
        _open(data, handles)
        for handle in handles:
            _lock(handle, data)
        yield Held(data)
    finally:
        for handle in handles:
            os.close(handle)


def _open(data: Path, handles: list[int]) -> None:
    """Make a folder where it is missing, and add what is to be locked; raises AtelierError for one of no use."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform != "win32":
            handles.append(os.open(data, os.O_RDONLY | os.O_DIRECTORY))
            handles.append(os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise AtelierError(
            f"{data} cannot be used ({error.strerror}). Set ATELIER_DATA_DIR to a folder that this user may write to."
        ) from error


def _lock(handle: int, data: Path) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyRunning(
            f"Another Atelier is running with {data}. Stop it first, or set ATELIER_DATA_DIR to another folder."
        ) from error
    except OSError as error:  # network file systems, mostly
        raise AtelierError(
            f"{data} cannot be locked ({error.strerror}), so a second bot could do its jobs once more. "
            "Set ATELIER_DATA_DIR to a folder on a disk of this machine."
        ) from error


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None
