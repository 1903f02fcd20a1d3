"""What flows tell people, and the protocol of whoever tells it; flows know nothing of Discord."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from bot.domain.entities import Comparison, Enrichment, FineTune, Generation, Picture, Progress, Training, Version

Place = Literal["message", "direct message", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A generation that is over, with its fine-tune and its pictures, if it has any."""

    generation: Generation
    fine_tune: FineTune | None
    pictures: Sequence[tuple[Picture, Path]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A training that is over; version is None unless it succeeded."""

    training: Training
    fine_tune: FineTune
    version: Version | None
    samples: Sequence[Painted] = ()
    """The pictures of the fixed-seed sheet, row by row."""
    sheet: Path | None = None
    """All of them on one labelled picture."""
    votes: Mapping[float, int] = field(default_factory=dict[float, int])
    """How many votes each LoRA scale of the sheet has; empty where there is nothing to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison that is over, with its generations in the order of the sheet, and the sheet if one came out."""

    comparison: Comparison
    cells: Sequence[Painted]
    sheet: Path | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a result went; "kept" means that only /jobs shows it."""

    place: Place
    message_id: int | None = None


class Announcer(Protocol):
    """Tells people in their channel; raises nothing for what Discord refuses for good."""

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        """Post a training's status message, or edit it; returns the message's id.

        With look_first, a message that an earlier process may have posted is looked for before a new one is posted.
        """
        ...

    async def training_over(self, outcome: Trained, *, look_first: bool) -> Delivery:
        """Close the status message and post the model card, or what went wrong, to the owner."""
        ...

    async def generation_over(self, outcome: Painted, *, look_first: bool) -> Delivery:
        """Put the pictures, or what went wrong, into the generation's message; a new message where that is gone."""
        ...

    async def comparison_over(self, outcome: Compared, *, look_first: bool) -> Delivery:
        """Post the sheet, or what went wrong."""
        ...

    async def enrichment_over(self, enrichment: Enrichment) -> Delivery:
        """Show its owner the new prompt where they wait for it; "kept" when they have to press *Show*."""
        ...
