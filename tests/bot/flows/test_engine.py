"""What the engine tries again, and what it does not."""

import errno
import sqlite3

import pytest

from bot.errors import RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.flows import engine


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (OSError(errno.ENOSPC, "the disk is full"), engine.ATTEMPTS),
        (OSError(errno.EIO, "the disk fails"), engine.ATTEMPTS),
        (ConnectionResetError(), engine.ATTEMPTS),
        (sqlite3.OperationalError("database is locked"), engine.ATTEMPTS),
        (RemoteUnclear("no answer"), engine.ATTEMPTS),
        (RemoteThrottled("later", 1.0), engine.ATTEMPTS),
        (OSError(errno.ENOENT, "a file of ours is gone"), 1),
        (OSError(errno.ENOTDIR, "a folder of ours is a file"), 1),
        (OSError(errno.EISDIR, "a file of ours is a folder"), 1),
        (OSError(errno.EACCES, "a file of ours is not to be read"), 1),
        (RemoteRefused(422, "no"), 1),
        (ValueError("a bug"), 1),
    ],
    ids=repr,
)
async def test_only_what_passes_is_tried_again(error: Exception, tries: int) -> None:
    tried: list[int] = []

    async def fails() -> None:
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        await engine.retrying(fails)
    assert len(tried) == tries
