"""The FLUX trainers by version, with the rules that each has."""

from dataclasses import dataclass

from bot.domain.catalog.fields import Field, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A version of a trainer and its own rules."""

    version: str
    steps: Field
    ranks: tuple[int, ...]
    needs_zip_name: bool = False
    """Whether the address of the photos must end in .zip, which that of an uploaded file does not."""


TRAINER = "ostris/flux-dev-lora-trainer"
PINNED_TRAINER = "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2"
"""The newest version known (mid 2025): what is used when Replicate cannot be asked."""
ARTICLE_TRAINER = "4ffd32160efd92e956d39c5338a9b8fbafca58e03f791f6d8011f3e20e8ea6fa"
"""The version that the article names (source of 2024-08-19)."""
TRAIN_STEPS = (3, 6000)
"""The fewest and the most that any version takes."""
STEPS = 1000
"""What all versions take for granted, and what suits 10 to 30 photos."""
RANKS = tuple(range(1, 129))


def trainer(version: str) -> Trainer:
    """Give the rules of a trainer's version; an unknown one is taken for the newest."""
    if version == ARTICLE_TRAINER:
        return Trainer(
            version=version, steps=whole("steps", 10, 6000, STEPS), ranks=(16, 32, 64, 128), needs_zip_name=True
        )
    return Trainer(version=version, steps=whole("steps", *TRAIN_STEPS, STEPS), ranks=RANKS)
