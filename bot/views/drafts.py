"""What waits for *Start*, as its owner sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.dataset.report import Report
from bot.domain.entities import Dataset, FineTune
from bot.domain.training_advice import Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A vetted dataset that waits for Start."""

    dataset: Dataset
    report: Report
    contact_sheet: Path | None
    """None for an import, which has no pictures."""
    seconds: float
    """How long the training will probably take."""
    basis: str = ""
    """What the estimate is made of, for people."""
    version: int
    """The number that the version will have: 1 for a new fine-tune."""
    is_new: bool = True
    """Whether there is no fine-tune of this name yet, so that its visibility can still be chosen."""
    public: bool = False
    """Whether everybody at Replicate will see it."""
    advice: Sequence[Advice] = ()
    rivals: Sequence[FineTune] = ()
    """What else its owner may use that has this trigger word, or one that holds it."""
    by_name: bool = False
    """Whether others will have to name the fine-tune, as its trigger is of ordinary words only."""
    notices: Sequence[str] = ()
    """What the operator has this copied to, as sentences."""
    gave_way: Sequence[str] = ()
    """The names of drafts of the same owner that had to go, as they were too many: the oldest."""
