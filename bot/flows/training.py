"""Trainings: photos are uploaded, the trainer runs, its version is kept, and a sheet of samples painted with it."""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain import catalog, outcomes
from bot.domain.entities import FineTune, JobState, Progress, Setting, Training, Version
from bot.domain.samples import sample_sheet
from bot.errors import RemoteError, RemoteRefused, RemoteThrottled
from bot.files.places import photos_of, remove_photos
from bot.flows import costs, gathering, sheets
from bot.flows.engine import retrying
from bot.flows.gathering import fine_tune_of
from bot.flows.kind import Kind
from bot.outside.hugging_face import NotPrivate
from bot.replicate_api import Run, RunState
from bot.replicate_api.progress import read_progress
from bot.store import Store
from bot.views.outcomes import Trained

logger = logging.getLogger(__name__)

DEADLINE = 4 * 3600.0  # seconds; 6,000 steps take about two hours
DATA = "data:application/zip;base64,"
MOST_DATA = 9_900_000  # bytes; Replicate refuses long requests, and its own npm client puts ten million into one
TrainingStep = Callable[[Training], Coroutine[Any, Any, None]]
BETWEEN_EDITS = 4.0  # seconds; Discord allows five edits in five seconds for a whole channel


class TrainingKind(Kind[Training]):
    """One run of the trainer, with the samples that show what came of it."""

    name = "train"
    entity = Training
    runs = "trainings"
    cost = staticmethod(costs.of_training)
    keeps_status = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._edited: dict[str, float] = {}
        """When a status message was last edited, on the monotonic clock."""
        self._begun: set[str] = set()
        """Whose status message this process has tried to post."""

    @staticmethod
    async def outcome(store: Store, data: Path, job: Training) -> Trained:
        """Gather its version, if it made one, and its samples."""
        return await gathering.trained(store, data, job)

    @staticmethod
    def is_of(job: Training, run: Run) -> bool:
        """Recognise it by its photos, also when they are gone here: by their address or their sum."""
        if job.plan.pretrained:
            return run.input.get("autocaption_suffix") == job.id
        told = run.input.get("input_images")
        if job.photos_url:
            return told == job.photos_url
        if not isinstance(told, str) or not told.startswith(DATA):
            return False
        try:
            photos = base64.b64decode(told.removeprefix(DATA), validate=True)
        except ValueError:  # of somebody else's making
            return False
        return hashlib.sha256(photos).hexdigest() == job.sha256

    @staticmethod
    def deleted(job: Training) -> str:
        """Say that its fine-tune is gone."""
        return f"**{job.plan.name}** is deleted. Train it again with /train."

    async def work(self, job_id: str) -> None:
        """Train, and paint the samples: step by step, for as long as it is not over."""
        training = (
            self._show_status,
            self._choose_trainer,
            self._prepare,
            self._submit,
            self._follow,
            self._order_samples,
        )
        try:
            if await self._go(training, job_id):
                await self.work_on_parts(job_id)
                await self._go((self._draw_sheet, self._succeed), job_id)
        finally:
            self.services.progress.pop(job_id, None)
            self._edited.pop(job_id, None)

    async def _go(self, steps: Sequence[TrainingStep], job_id: str) -> bool:
        """Take steps one after the other, for as long as the job is not over; tells whether all were taken."""
        for step in steps:
            if not await retrying(self._take, step, job_id):
                return False
        return True

    async def _take(self, step: TrainingStep, job_id: str) -> bool:
        """Take a step of a job as its row is now; tells whether there was one to take."""
        job = await self.jobs.get(job_id)
        if not job.state.is_over:
            await step(job)
        return not job.state.is_over

    async def clean_up(self, job: Training) -> None:
        """Delete the photos."""
        remove_photos(self.services.data, job.id)

    async def _choose_trainer(self, job: Training) -> None:
        """Settle on the trainer's version: the operator's, or the newest, or the newest that we know."""
        if job.remote_id:
            return
        name, _, version = (job.plan.trainer or self.services.trainer).partition(":")
        if not version:
            try:
                version = await self.services.remote.newest_version(name)
            except RemoteError as error:
                logger.warning("the newest version of %s cannot be looked up (%s); using the pinned one", name, error)
                version = catalog.find_trainer(name).version
        if job.plan.trainer != f"{name}:{version}":
            await self.jobs.update(job.id, plan=replace(job.plan, trainer=f"{name}:{version}"))

    async def _prepare(self, job: Training) -> None:
        """Have the private model and the photos at Replicate, unless a request has left already."""
        if job.intent_at is not None:
            return
        if job.cancel_requested:
            await self.end(job, JobState.CANCELED, 0, outcomes.CANCELED)
            return
        if not (job.photos_url or job.plan.pretrained or self._photos(job.id).exists()):
            await self.end(job, JobState.FAILED, 0, outcomes.PHOTOS_GONE)
            return
        fine_tune = await fine_tune_of(self.services.store, job)
        about = "A FLUX.1 fine-tune made with Atelier"
        try:
            await self.services.remote.ensure_model(fine_tune.destination, about, public=fine_tune.public)
            if not job.photos_url and not job.plan.pretrained and not _rules(job).needs_zip_name:
                url = await self.services.remote.upload(self._photos(job.id), f"{job.id}.zip")
                await self.jobs.update(job.id, photos_url=url)
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self.end(job, JobState.FAILED, 0, outcomes.refusal(error.status, error.detail))

    async def _submit(self, job: Training) -> None:
        """Have the training at Replicate."""
        if job.remote_id:
            return
        fine_tune = await fine_tune_of(self.services.store, job)
        name, _, version = job.plan.trainer.partition(":")
        settings, unique = await self._input(job, fine_tune, _rules(job))
        await self.submit(
            job,
            lambda: self.services.remote.create_training(
                name, version, destination=fine_tune.destination, training_input=settings
            ),
            lambda run: run.input.get(unique) == settings[unique] or run.destination == fine_tune.destination,
        )

    async def _input(
        self, job: Training, fine_tune: FineTune, rules: catalog.Trainer
    ) -> tuple[dict[str, Setting], str]:
        """Build what the trainer gets, and name the field by which the run is recognised: Replicate repeats it."""
        if job.plan.pretrained:
            return rules.import_input(job.plan, job.id), "autocaption_suffix"
        settings = rules.training_input(job.plan, job.photos_url or _as_data(self._photos(job.id)))
        name = fine_tune.destination.partition("/")[2]
        for copy in self.services.copies:
            if rules.takes(copy.needs) and await self._is_private(job, copy.repository(name)):
                settings |= copy.settings(name)
        return settings, "input_images"

    async def _is_private(self, job: Training, repository: str | None) -> bool:
        """Have the repository of a copy private, so that nobody else sees it; without that there is no copy."""
        if repository is None:
            return True
        try:
            await self.services.hub.ensure_private(repository)
        except NotPrivate as error:
            logger.warning("job %s is not copied to Hugging Face: %s", job.id, error)
            await self.jobs.update(job.id, note=(outcomes.NOT_COPIED,))
            return False
        return True

    async def _follow(self, job: Training) -> None:
        """Wait for the end; on success keep the version."""
        if await self._version(job):
            return  # Replicate may have forgotten by now what came of the run

        async def on_change(run: Run) -> None:
            await self._show(job.id, read_progress(run.logs))

        run = await self.follow(job, DEADLINE, on_change)
        cost = self.charge(job, run)
        if run.state is RunState.SUCCEEDED and run.trained:
            await self.jobs.update(job.id, cost=cost)
            at, fine_tunes = self.services.now(), self.services.store.fine_tunes
            await fine_tunes.add_version(job, run.trained, at, weights=run.weights)
        elif run.state in (RunState.CANCELED, RunState.ABORTED):
            await self.end_canceled(job, cost)
        else:
            why = outcomes.import_failure if job.plan.pretrained else outcomes.training_failure
            await self.end(job, JobState.FAILED, cost, why(run.error))

    async def _version(self, job: Training) -> Version | None:
        versions = await self.services.store.fine_tunes.versions(job.fine_tune_id or 0)
        return next((version for version in versions if version.training_id == job.id), None)

    async def _order_samples(self, job: Training) -> None:
        """Keep the generations of the sample sheet."""
        version = await self._version(job)
        if version is None:
            raise LookupError(f"training {job.id} has lost its version")
        for sample in sample_sheet(job, version, self.services.prices, self.services.now()):
            await self.services.store.generations.add_part(sample)
        await self._show(job.id, Progress(phase="Painting the sample sheet"), at_once=True)

    async def _draw_sheet(self, job: Training) -> None:
        found = await self.outcome(self.services.store, self.services.data, job)
        await self.services.keeper.draw(job.id, sheets.by_prompt(found.samples))

    async def _succeed(self, job: Training) -> None:
        await self.end(job, JobState.SUCCEEDED, (job.cost or 0) + await self.cost_of_parts(job.id))

    async def _show_status(self, job: Training) -> None:
        """Post the status message, once."""
        if job.message_id is None:
            again = job.id in self._begun or self.services.now() - job.created_at > BETWEEN_EDITS
            self._begun.add(job.id)
            await self._post_status(job, None, look_first=again)

    async def _show(self, job_id: str, progress: Progress, *, at_once: bool = False) -> None:
        """Show progress, at most every few seconds and only where it moved."""
        moved = self.services.progress.get(job_id) != progress
        self.services.progress[job_id] = progress
        due = time.monotonic() - self._edited.get(job_id, 0.0) >= BETWEEN_EDITS
        if at_once or (moved and due):
            self._edited[job_id] = time.monotonic()
            await self._post_status(await self.jobs.get(job_id), progress, look_first=False)

    async def _post_status(self, job: Training, progress: Progress | None, *, look_first: bool) -> None:
        """Post or edit the status message; a new one, as the old one may be deleted, is remembered over a restart."""
        message_id = await self.announcer.training_status(job, progress, look_first=look_first)
        if message_id != job.message_id:
            await self.jobs.update(job.id, message_id=message_id)

    def _photos(self, job_id: str) -> Path:
        return photos_of(self.services.data, job_id)


def _rules(job: Training) -> catalog.Trainer:
    """Find what the trainer takes that was settled on."""
    return catalog.find_trainer(job.plan.trainer)


def _as_data(photos: Path) -> str:
    """Write the photos as a data: address, whose media type makes the trainer see a name that ends in .zip."""
    return DATA + base64.b64encode(photos.read_bytes()).decode()
