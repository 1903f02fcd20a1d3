"""What came of a job of each kind, as it is told and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.domain.entities import Comparison, Enrichment, FineTune, Generation, Job, Picture, Training, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A generation that is over, with its fine-tune and its pictures, if it has any."""

    generation: Generation
    fine_tune: FineTune | None
    pictures: Sequence[tuple[Picture, Path]] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether what came out of it is still there."""
        return bool(self.pictures)

    @property
    def job(self) -> Generation:
        """Give the job that this came of."""
        return self.generation


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

    @property
    def is_whole(self) -> bool:
        """Tell whether what came out of it is still there."""
        return True

    @property
    def job(self) -> Training:
        """Give the job that this came of."""
        return self.training


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison that is over, with its generations in the order of the sheet, and the sheet if one came out."""

    comparison: Comparison
    cells: Sequence[Painted]
    sheet: Path | None

    @property
    def is_whole(self) -> bool:
        """Tell whether what came out of it is still there."""
        return self.sheet is not None

    @property
    def job(self) -> Comparison:
        """Give the job that this came of."""
        return self.comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """An enrichment that is over; its row has all there is to tell."""

    enrichment: Enrichment

    @property
    def is_whole(self) -> bool:
        """Tell whether what came out of it is still there."""
        return True

    @property
    def job(self) -> Enrichment:
        """Give the job that this came of."""
        return self.enrichment


class Outcome(Protocol):
    """What there is to tell of a job of any kind that is over."""

    @property
    def is_whole(self) -> bool:
        """Tell whether what came out of it is still there."""
        ...

    @property
    def job(self) -> Job:
        """Give the job that this came of."""
        ...
