"""What the leads of a server have settled: how much who may spend, and whether anything is accepted now; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Whom(StrEnum):
    """Whom a budget is for."""

    GUILD = "guild"  # the server as a whole
    ROLE = "role"  # each member who has the role, not all of them together
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamBudget:
    """An amount a month, in micro-dollars, or some more for one month alone."""

    guild_id: int
    whom: Whom
    whom_id: int
    """The id of the role or member; of a server, its own."""
    month: str = ""
    """The one month, such as 2026-11, for which the amount is added; empty for the amount of every month."""
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Since when, by whom and why nothing new is accepted in a server."""

    guild_id: int
    user_id: int
    reason: str
    paused_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What is settled in one server for one month; nothing is, until a lead says so."""

    budgets: Sequence[TeamBudget] = ()
    pause: Pause | None = None

    def monthly(self, whom: Whom, ids: Collection[int]) -> int | None:
        """Give the largest amount of every month that some of these have; None where none of them has one."""
        return max((one.amount for one in self._of(whom, ids) if not one.month), default=None)

    def once(self, whom: Whom, ids: Collection[int]) -> int:
        """Add up what these have more in this month alone."""
        return sum(one.amount for one in self._of(whom, ids) if one.month)

    def _of(self, whom: Whom, ids: Collection[int]) -> Sequence[TeamBudget]:
        return [one for one in self.budgets if one.whom is whom and one.whom_id in ids]


NOTHING_SETTLED = Team()
