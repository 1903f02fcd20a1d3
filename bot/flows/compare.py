"""The flow of a comparison: paint its pictures side by side, draw the sheet, settle the money, tell once."""

import asyncio
import logging
from collections.abc import Sequence

from bot.domain import outcomes
from bot.domain.entities import Comparison, Generation, JobState
from bot.flows import sheets
from bot.flows.announcing import Announcer
from bot.flows.engine import Step
from bot.flows.gathering import compared
from bot.flows.generate import GenerateFlow
from bot.flows.services import Services
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)


class CompareFlow:
    """Brings comparisons to their end."""

    def __init__(self, services: Services, announcer: Announcer, painter: GenerateFlow) -> None:
        self._services = services
        self._announcer = announcer
        self._painter = painter
        self._told: set[str] = set()

    async def run(self, step: Step, job_id: str) -> None:
        """Paint, draw, and tell."""
        cells = await self._services.store.samples(job_id)
        await step("paint cells", self._painter.paint_all, [cell.id for cell in cells])
        await step("draw sheet", self._draw, job_id)
        await step("settle", self._settle, job_id)
        await step("announce", self._announce, job_id)

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a comparison whose flow broke, and tell."""
        cells = await self._services.store.samples(job_id)
        await asyncio.gather(*(self._painter.end_broken(cell.id) for cell in cells))
        cost = sum(cell.cost or 0 for cell in await self._services.store.samples(job_id))
        error = outcomes.BROKEN.format(id=error_id)
        await self._services.conclude(self._jobs, job_id, JobState.FAILED, cost, error)
        await self._announce(job_id)

    async def _draw(self, job_id: str) -> None:
        outcome = await compared(self._services.store, self._services.data, await self._jobs.read(job_id))
        if any(cell.pictures for cell in outcome.cells):
            await self._services.keeper.draw(job_id, sheets.labelled(outcome))

    async def _settle(self, job_id: str) -> None:
        """End it as its pictures ended: one that came out is enough."""
        cells = await self._services.store.samples(job_id)
        state, error = _end_of(cells)
        await self._services.conclude(self._jobs, job_id, state, sum(cell.cost or 0 for cell in cells), error)

    async def _announce(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        if job.delivered:
            return
        outcome = await compared(self._services.store, self._services.data, job)
        boots = {cell.generation.intent_boot for cell in outcome.cells}
        again = boots != {self._services.boot} or job_id in self._told
        self._told.add(job_id)
        delivery = await self._announcer.comparison_over(outcome, look_first=again)
        await self._jobs.update(job_id, delivered=delivery.place, message_id=delivery.message_id)
        logger.info("job %s is delivered: %s", job_id, delivery.place)
        self._told.discard(job_id)

    @property
    def _jobs(self) -> Jobs[Comparison]:
        return self._services.store.comparisons


def _end_of(cells: Sequence[Generation]) -> tuple[JobState, str | None]:
    states = [cell.state for cell in cells]
    for state in (JobState.SUCCEEDED, JobState.CANCELED):
        if state in states:
            return state, None
    return JobState.FAILED, next((cell.error for cell in cells if cell.error), None)
