"""Who may have what accepted: yes, no with a reason, or "ask these people first"; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.entities import Actor
from bot.domain.team import NOTHING_SETTLED, Team, Whom


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What may be spent in a calendar month (UTC), in micro-dollars."""

    member: int
    guild: int


class Spent(NamedTuple):
    """What a member, and their guild, have spent or reserved in a month, in micro-dollars."""

    member: int
    guild: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody wants to be accepted, all of it or nothing."""

    actor: Actor
    kinds: Mapping[str, int]
    """How many jobs of each kind, by their tables; those that belong to another one are not counted."""
    amount: int
    """What all of it is estimated to cost, in micro-dollars."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No: a code for the reason, with the values that a sentence about it needs."""

    code: str
    values: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class AskFirst:
    """Not before one of these roles has said yes."""

    roles: frozenset[int]


Decision = Allowed | Refused | AskFirst


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed: by the operator, and by the leads of a server within that."""

    budgets: Budgets
    """The operator's: what a member has where no lead says otherwise, and the ceiling of every server."""

    def budgets_of(self, actor: Actor, team: Team) -> Budgets:
        """Say what a member and their server may spend this month.

        A member's own amount goes before those of their roles, of which the largest counts.
        """
        me, here = (actor.user_id,), (actor.guild_id,)
        own, by_role = team.monthly(Whom.MEMBER, me), team.monthly(Whom.ROLE, actor.roles)
        monthly = next((amount for amount in (own, by_role) if amount is not None), self.budgets.member)
        guild = team.monthly(Whom.GUILD, here)
        more = team.once(Whom.MEMBER, me) + team.once(Whom.ROLE, actor.roles)
        settled = self.budgets.guild if guild is None else guild + team.once(Whom.GUILD, here)
        return Budgets(member=monthly + more, guild=min(settled, self.budgets.guild))

    def decide(self, ask: Ask, spent: Spent, team: Team = NOTHING_SETTLED) -> Decision:
        """Decide on everything that is asked for at once; what is free is never refused for money."""
        if team.pause:
            return Refused("paused", {"reason": team.pause.reason})
        budgets = self.budgets_of(ask.actor, team)
        for code, limit, used in (
            ("member budget", budgets.member, spent.member),
            ("guild budget", budgets.guild, spent.guild),
        ):
            if ask.amount and used + ask.amount > limit:
                return Refused(code, {"amount": ask.amount, "limit": limit, "left": max(0, limit - used)})
        return Allowed()
