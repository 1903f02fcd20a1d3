"""A server's money and whether it is paused, as its leads see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.entities import Job
from bot.domain.policy import Budgets
from bot.domain.team import Team


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMoney:
    """What may be spent in a server this month, and what was; amounts are micro-dollars."""

    month: str
    team: Team
    budget: int
    """Of the whole server."""
    usual: Budgets
    """The operator's: what a member has of whom nothing else is said, and the ceiling of the server."""
    spent: Mapping[int, int]
    """By member, who spent most first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """What became of a server's jobs when it was paused."""

    reason: str
    cancelled: int
    """How many had not been sent yet; their money is free again."""
    running: Sequence[Job]
    """What Replicate works on, and is paid for."""
