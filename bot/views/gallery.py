"""A page of the gallery."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.entities import FineTune, Search
from bot.views.outcomes import Painted


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A generation in the gallery; mine for whose it is, and its first picture small, as a JPEG, if it can be read."""

    painted: Painted
    mine: bool
    thumbnail: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage:
    """What a search found, newest first; older and newer are where the next pages begin, if there are any."""

    search: Search
    fine_tune: FineTune | None
    """What alone is wanted."""
    finds: Sequence[Find]
    older: str | None
    newer: str | None
