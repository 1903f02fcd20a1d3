"""Forgetting: what a fine-tune has at Replicate is deleted, then its rows; the job's id is the fine-tune's."""

import asyncio
import logging
from collections.abc import Sequence

from bot.errors import RemoteRefused, RemoteThrottled
from bot.flows.engine import retrying
from bot.flows.services import Services

logger = logging.getLogger(__name__)

TRIES = 6  # Replicate deletes versions in its own time, and a model only after them
PAUSE = 1.0  # seconds between the first two; each pause is twice the one before


class Forgetting:
    """Deletes the versions and the model of a fine-tune that its owner deleted; costs nothing, and nobody is told."""

    name = "forget"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self, job_id: str) -> None:
        """Delete what is at Replicate, then the rows that remember where it was."""
        await retrying(self._delete_versions, job_id)
        await retrying(self._delete_model, job_id)
        await retrying(self._services.store.fine_tunes.remove, int(job_id))

    async def fail(self, job_id: str, error_id: str) -> None:
        """Leave it hidden: the next look tries again."""
        logger.error("fine-tune %s is hidden but not yet deleted at Replicate (error %s)", job_id, error_id)

    async def unfinished(self, before: float) -> Sequence[str]:
        """List the fine-tunes that Replicate still has to forget."""
        return [str(fine_tune_id) for fine_tune_id in await self._services.store.fine_tunes.deleted()]

    async def _delete_versions(self, job_id: str) -> None:
        if await self._model(job_id) is None:
            return
        for version in await self._services.store.fine_tunes.versions(int(job_id)):
            try:
                await self._services.remote.delete_version(version.remote)
            except RemoteThrottled:
                raise  # the step comes again later
            except RemoteRefused as error:
                logger.error("Replicate keeps %s; delete it by hand: %s", version.remote, error.detail)

    async def _delete_model(self, job_id: str) -> None:
        model = await self._model(job_id)
        for attempt in range(TRIES if model else 0):
            try:
                return await self._services.remote.delete_model(model or "")
            except RemoteRefused as error:
                logger.info("Replicate keeps the model of fine-tune %s for now: %s", job_id, error.detail)
                await asyncio.sleep(PAUSE * 2**attempt)
        if model:
            logger.error("Replicate keeps the model %s; delete it by hand", model)
        return None

    async def _model(self, job_id: str) -> str | None:
        """Find the model that is ours to delete; what was adopted is not."""
        fine_tune = await self._services.store.fine_tunes.by_id(int(job_id))
        return fine_tune.destination if fine_tune and not fine_tune.adopted else None
