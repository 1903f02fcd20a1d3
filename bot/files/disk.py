"""The room on the disk of the data directory: never the last of it is taken, and what still comes in is counted."""

import logging
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import UserError

logger = logging.getLogger(__name__)

GIB = 1 << 30
FOR_RESULTS = GIB // 4
"""Kept free for the databases, and for the results of what is under way: nothing is begun below it."""
FOR_PICTURES = GIB
"""Kept free where pictures come in, so that whoever only brings files leaves room to paint."""
FOR_UPLOADS = 2 * GIB
FULL = (
    "Atelier's disk is full. *Cancel* uploads that you will not start and *Delete* pictures that you do not need, tell "
    "the person who runs Atelier, and try again."
)


class Disk:
    """Says no before anything is written that there is no room for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coming = 0

    @contextmanager
    def room(self, size: int, keep_free: int) -> Generator[None]:
        """Hold room for so many bytes that come in; raises UserError where less than `keep_free` would be left."""
        self.check(size + keep_free)
        self._coming += size
        try:
            yield
        finally:
            self._coming -= size

    def check(self, needed: int = FOR_RESULTS) -> None:
        """Raise UserError where less is free."""
        free = shutil.disk_usage(self._folder).free - self._coming
        if free < needed:
            logger.error("%s has %s MiB free of %s: make room on its disk", self._folder, free >> 20, needed >> 20)
            raise UserError(FULL)
