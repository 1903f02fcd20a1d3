"""Comparisons: pictures are painted side by side and drawn on a sheet."""

from collections.abc import Sequence
from pathlib import Path

from bot.domain.entities import Comparison, Generation, JobState
from bot.domain.notices import Notice
from bot.flows import gathering, sheets
from bot.flows.engine import retrying
from bot.flows.kind import Kind
from bot.store import Store
from bot.views.outcomes import Compared


class ComparisonKind(Kind[Comparison]):
    """One prompt and seed over several models: its parts are generations, and it has no run of its own."""

    name = "compare"
    entity = Comparison
    has_run = False
    ends_its_parts = True

    @staticmethod
    async def outcome(store: Store, data: Path, job: Comparison) -> Compared:
        """Gather its pictures and its sheet."""
        return await gathering.compared(store, data, job)

    @staticmethod
    def deleted(_: Comparison) -> str:
        """Say that its sheet is gone."""
        return "This sheet is deleted. Run /compare anew."

    async def work(self, job_id: str) -> None:
        """Paint, draw, and end."""
        if (await retrying(self.jobs.get, job_id)).state.is_over:
            return
        await self.work_on_parts(job_id)
        await retrying(self._draw, job_id)
        await retrying(self._settle, job_id)

    async def _draw(self, job_id: str) -> None:
        found = await self.outcome(self.services.store, self.services.data, await self.jobs.get(job_id))
        if any(cell.pictures for cell in found.cells):
            await self.services.keeper.draw(job_id, sheets.labelled(found))

    async def _settle(self, job_id: str) -> None:
        """End it as its pictures ended: one that came out is enough."""
        cells = await self.services.store.generations.parts_of(job_id)
        state, error = _end_of(cells)
        await self.end(await self.jobs.get(job_id), state, sum(cell.cost or 0 for cell in cells), error)


def _end_of(cells: Sequence[Generation]) -> tuple[JobState, Notice | None]:
    states = [cell.state for cell in cells]
    for state in (JobState.SUCCEEDED, JobState.CANCELED):
        if state in states:
            return state, None
    return JobState.FAILED, next((cell.error for cell in cells if cell.error), None)
