"""What the leads of a server do for all of it: give budgets, stop everything, and see who spends what."""

from typing import Any

from bot.domain import access
from bot.domain.entities import Actor, Job
from bot.domain.money import read_dollars
from bot.domain.team import Pause, TeamBudget, Whom
from bot.errors import UserError
from bot.flows.kind import Kind
from bot.flows.registry import KINDS
from bot.flows.services import Services
from bot.store.ledger import month_of
from bot.views.team import Paused, TeamMoney

NOT_A_LEAD = "Only who leads this server may do this: ask a member with the permission *Manage Server*."
DEFAULT = "default"
AMOUNT = "An amount is in US dollars, such as 20 or 7.50; 0 stops, and *default* removes what was set."


class Leading:
    """Checked for every deed: who asks leads the server from which they ask, and no other."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def money(self, actor: Actor) -> TeamMoney:
        """Say what may be spent this month, and what was; raises UserError."""
        _check_lead(actor)
        store, policy = self._services.store, self._services.policy
        month = month_of(self._services.now())
        team = await store.teams.get(actor.guild_id, month)
        return TeamMoney(
            month=month,
            team=team,
            budget=policy.budgets_of(actor, team).guild,
            usual=policy.budgets,
            spent=await store.spent_by_members(actor.guild_id, month),
        )

    async def set_budget(self, actor: Actor, whom: Whom, whom_id: int, amount: str) -> TeamMoney:
        """Set what the server, each member with a role, or a member may spend every month; raises UserError."""
        _check_lead(actor)
        store = self._services.store
        if amount.strip().lower() == DEFAULT:
            await store.teams.remove_budget(actor.guild_id, whom, whom_id)
        else:
            budget = TeamBudget(guild_id=actor.guild_id, whom=whom, whom_id=whom_id, amount=_amount(amount))
            await store.teams.set_budget(budget)
        return await self.money(actor)

    async def add_once(self, actor: Actor, whom: Whom, whom_id: int, amount: str) -> TeamMoney:
        """Give more for this month alone; raises UserError."""
        _check_lead(actor)
        month = month_of(self._services.now())
        budget = TeamBudget(guild_id=actor.guild_id, whom=whom, whom_id=whom_id, month=month, amount=_amount(amount))
        await self._services.store.teams.add_once(budget)
        return await self.money(actor)

    async def pause(self, actor: Actor, reason: str) -> Paused:
        """Accept nothing new, and cancel what has not been sent; raises UserError."""
        _check_lead(actor)
        pause = Pause(
            guild_id=actor.guild_id, user_id=actor.user_id, reason=reason.strip(), paused_at=self._services.now()
        )
        await self._services.store.teams.pause(pause)
        jobs = [(kind, job) for kind in KINDS if kind.is_listed for job in await self._open(kind, actor.guild_id)]
        unsent = [(kind, job) for kind, job in jobs if job.intent_at is None and job.remote_id is None]
        for kind, job in unsent:
            await self._services.store.jobs(kind.entity).request_cancel(job.id)
        running = [job for kind, job in jobs if (kind, job) not in unsent]
        return Paused(reason=pause.reason, cancelled=len(unsent), running=running)

    async def resume(self, actor: Actor) -> None:
        """Accept what members ask for again; raises UserError."""
        _check_lead(actor)
        await self._services.store.teams.resume(actor.guild_id)

    async def _open(self, kind: type[Kind[Any]], guild_id: int) -> list[Job]:
        return list(await self._services.store.jobs(kind.entity).of_guild(guild_id))


def _check_lead(actor: Actor) -> None:
    if not access.leads(actor):
        raise UserError(NOT_A_LEAD)


def _amount(text: str) -> int:
    try:
        return read_dollars(text)
    except ValueError as error:
        raise UserError(f"{AMOUNT} Change `{text[:20].replace('`', '')}` and run the command again.") from error
