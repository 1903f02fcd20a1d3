"""What members see of their jobs and of their results, and how they cancel them."""

from collections.abc import Sequence

from bot.domain import access
from bot.domain.entities import Actor, Comparison, Generation, JobState, Training
from bot.errors import UserError
from bot.flows import gathering
from bot.flows.announcing import Compared, Painted, Trained
from bot.flows.services import Services
from bot.studio.requests import Allowance, Running

SHOWN = 10
GONE = "This job is no longer there. See /jobs for what runs."


class JobList:
    """The jobs of one member in one guild."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def running(self, actor: Actor) -> Sequence[Running]:
        """List this member's jobs that run, then those whose result could not be posted and the latest that ended."""
        store = self._services.store
        jobs: list[Training | Generation | Comparison] = [
            *await store.trainings.of_member(actor, SHOWN),
            *await store.generations.of_member(actor, SHOWN),
            *await store.comparisons.of_member(actor, SHOWN),
        ]
        jobs.sort(key=lambda job: (job.state.is_over, job.delivered != "kept", -job.created_at))
        known = self._services.progress
        return [Running(job=job, progress=known.get(job.id)) for job in jobs[:SHOWN]]

    async def outcome(self, actor: Actor, job_id: str) -> Painted | Trained | Compared:
        """Gather the result of a job of one's own, to be seen once more; raises UserError."""
        store, data = self._services.store, self._services.data
        found = [await jobs.get(job_id) for jobs in (store.trainings, store.generations, store.comparisons)]
        job = next(filter(None, found), None)
        if job is None or not access.owns(actor, job):
            raise UserError(GONE)
        if not job.state.is_over:
            raise UserError("This is not done yet. See how far it is with /jobs.")
        if isinstance(job, Training):
            try:
                return await gathering.trained(store, data, job)
            except LookupError as error:
                raise UserError(f"**{job.plan.name}** is deleted. Train it again with /train.") from error
        if isinstance(job, Comparison):
            compared = await gathering.compared(store, data, job)
            if job.state is JobState.SUCCEEDED and compared.sheet is None:
                raise UserError("This sheet is deleted. Run /compare anew.")
            return compared
        painted = await gathering.painted(store, data, job)
        if job.state is JobState.SUCCEEDED and not painted.pictures:
            raise UserError("These pictures are deleted. Press *Again* below their message, or run /imagine anew.")
        return painted

    async def cancel(self, actor: Actor, job_id: str) -> Training | Generation | Comparison:
        """Cancel a job of one's own, with all that belongs to it; one that is over stays as it is."""
        store = self._services.store
        for jobs in (store.trainings, store.generations, store.comparisons):
            job = await jobs.get(job_id)
            if job is None or not access.may_see(actor, job):
                continue
            if not access.owns(actor, job):
                raise UserError("Only the person who started this may cancel it.")
            if job.state.is_over:
                raise UserError("This is over already; there is nothing to cancel.")
            job = await jobs.request_cancel(job_id)
            parts = await store.samples(job_id) if isinstance(job, Comparison) else ()
            for part in (job, *[await store.generations.request_cancel(cell.id) for cell in parts]):
                if part.remote_id:
                    self._services.follower.cancel(part.remote_id)
            return job
        raise UserError(GONE)


class Purse:
    """What may still be spent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def allowance(self, actor: Actor) -> Allowance:
        """Say what this month's budgets leave."""
        member, guild = await self._services.store.spent(actor, self._services.now())
        budgets = self._services.budgets
        return Allowance(
            member_spent=member, member_budget=budgets.member, guild_spent=guild, guild_budget=budgets.guild
        )
