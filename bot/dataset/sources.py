"""Pictures that generations begin with, on their way through the child process; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """An untrusted picture on disk, what the member calls it, and where the clean one goes, without suffix."""

    path: Path
    name: str
    out: Path
    is_mask: bool = False
    """Whether it is the mask of the picture before it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean picture on disk and its pixels."""

    path: Path
    width: int
    height: int
