"""What members see of their jobs and of their results, and how they cancel them."""

from collections.abc import Sequence
from typing import Any

from bot.domain import access
from bot.domain.entities import Actor, Job, JobState
from bot.errors import UserError
from bot.flows.kind import Kind
from bot.flows.registry import KINDS
from bot.flows.services import Services
from bot.store.jobs import Jobs
from bot.store.ledger import month_of
from bot.views.jobs import Allowance, Running
from bot.views.outcomes import Outcome

SHOWN = 10
GONE = "This job is no longer there. See /jobs for what runs."


class JobList:
    """The jobs of one member in one guild."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kinds = [kind for kind in KINDS if kind.is_listed]

    async def running(self, actor: Actor) -> Sequence[Running]:
        """List this member's jobs that run, then those whose result could not be posted and the latest that ended."""
        jobs = [job for kind in self._kinds for job in await self._jobs(kind).of_member(actor, SHOWN)]
        jobs.sort(key=lambda job: (job.state.is_over, job.delivered != "kept", -job.created_at))
        known = self._services.progress
        return [Running(job=job, progress=known.get(job.id)) for job in jobs[:SHOWN]]

    async def outcome(self, actor: Actor, job_id: str) -> Outcome:
        """Gather the result of a job of one's own, to be seen once more; raises UserError."""
        found = await self._find(job_id)
        if found is None or not access.owns(actor, found[1]):
            raise UserError(GONE)
        kind, job = found
        if not job.state.is_over:
            raise UserError("This is not done yet. See how far it is with /jobs.")
        try:
            outcome = await kind.outcome(self._services.store, self._services.data, job)
        except LookupError as error:
            raise UserError(kind.deleted(job)) from error
        if job.state is JobState.SUCCEEDED and not outcome.is_whole:
            raise UserError(kind.deleted(job))
        return outcome

    async def cancel(self, actor: Actor, job_id: str) -> Job:
        """Cancel a job of one's own, with all that belongs to it; one that is over stays as it is."""
        found = await self._find(job_id)
        if found is None or not access.may_see(actor, found[1]):
            raise UserError(GONE)
        kind, job = found
        if not access.owns(actor, job):
            raise UserError("Only the person who started this may cancel it.")
        if job.state.is_over:
            raise UserError("This is over already; there is nothing to cancel.")
        store = self._services.store
        job = await self._jobs(kind).request_cancel(job_id)
        parts = await store.generations.parts_of(job_id) if kind.ends_its_parts else ()
        for part in (job, *[await store.generations.request_cancel(part.id) for part in parts]):
            if part.remote_id:
                self._services.follower.cancel(part.remote_id)
        return job

    async def _find(self, job_id: str) -> tuple[type[Kind[Any]], Job] | None:
        for kind in self._kinds:
            job = await self._jobs(kind).find(job_id)
            if job is not None:
                return kind, job
        return None

    def _jobs(self, kind: type[Kind[Any]]) -> Jobs[Any]:
        return self._services.store.jobs(kind.entity)


class Spending:
    """What may still be spent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def allowance(self, actor: Actor) -> Allowance:
        """Say what this month's budgets leave."""
        spent = await self._services.store.spent(actor, self._services.now())
        team = await self._services.store.teams.get(actor.guild_id, month_of(self._services.now()))
        budgets = self._services.policy.budgets_of(actor, team)
        return Allowance(
            member_spent=spent.member,
            member_budget=budgets.member,
            guild_spent=spent.guild,
            guild_budget=budgets.guild,
        )
