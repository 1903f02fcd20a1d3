"""The kinds of job, one row each."""

from collections.abc import Mapping
from typing import Any

from bot.domain.entities import Job
from bot.flows.announcing import Announcer
from bot.flows.comparison import ComparisonKind
from bot.flows.engine import Flow
from bot.flows.enrichment import EnrichmentKind
from bot.flows.forgetting import Forgetting
from bot.flows.generation import GenerationKind
from bot.flows.kind import Kind
from bot.flows.services import Services
from bot.flows.training import TrainingKind

KINDS: list[type[Kind[Any]]] = [TrainingKind, GenerationKind, ComparisonKind, EnrichmentKind]
"""What costs money and is told."""


def flows(services: Services, announcer: Announcer) -> Mapping[str, Flow]:
    """Give every kind what it works with; by the names that the engine calls them."""
    kinds: dict[type[Job], Kind[Any]] = {}
    kinds |= {kind.entity: kind(services, announcer, kinds) for kind in KINDS}
    return {kind.name: kind for kind in kinds.values()} | {Forgetting.name: Forgetting(services)}
