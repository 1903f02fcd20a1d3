"""The things that Atelier keeps, as frozen values; it knows nothing of where they are kept.

Times are seconds since 1970 (UTC), money is integer micro-dollars, sizes are pixels or bytes as named.
"""

from bot.domain.entities.common import Actor, JobState, Kind, Setting, Variant
from bot.domain.entities.fine_tunes import FineTune, Plan, Version
from bot.domain.entities.jobs import (
    Comparison,
    Enrichment,
    Generation,
    Job,
    LateRun,
    Picture,
    Progress,
    Recipe,
    Training,
)
from bot.domain.entities.waiting import Batch, Dataset, Search, Selection

__all__ = [
    "Actor",
    "Batch",
    "Comparison",
    "Dataset",
    "Enrichment",
    "FineTune",
    "Generation",
    "Job",
    "JobState",
    "Kind",
    "LateRun",
    "Picture",
    "Plan",
    "Progress",
    "Recipe",
    "Search",
    "Selection",
    "Setting",
    "Training",
    "Variant",
    "Version",
]
