"""Fine-tunes as members see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.entities import FineTune, Training, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A line of an autocomplete."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A fine-tune with its versions, as its owner or its guild sees it."""

    fine_tune: FineTune
    versions: Sequence[Version]
    generations: int
    mine: bool
    training: Training | None
    """The training that runs for it now."""
    by_name: bool = False
    """Whether others than its owner have to name it, as its trigger is of ordinary words only."""
    rivals: Sequence[FineTune] = ()
    """What else its owner may use that has this trigger word; looked up for what was just adopted."""

    @property
    def default(self) -> Version | None:
        """Give the version that paints when none is named."""
        wanted = self.fine_tune.default_version
        return next((one for one in reversed(self.versions) if wanted in (None, one.number)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Who may see a fine-tune at Replicate."""

    fine_tune: FineTune
    now: str
    """What Replicate says: "public", "private", or empty where there is no model yet or no answer."""
