"""Who may have what accepted: yes, no with a reason, or "ask these people first"; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.entities import Actor


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
    """What a team allows: today, its budgets."""

    budgets: Budgets

    def decide(self, ask: Ask, spent: Spent) -> Decision:
        """Decide on everything that is asked for at once; what is free is never refused for money."""
        for code, limit, used in (
            ("member budget", self.budgets.member, spent.member),
            ("guild budget", self.budgets.guild, spent.guild),
        ):
            if ask.amount and used + ask.amount > limit:
                return Refused(code, {"amount": ask.amount, "limit": limit, "left": max(0, limit - used)})
        return Allowed()
