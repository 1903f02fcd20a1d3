"""The flow of a training: upload, submit, follow, keep the version, paint the sample sheet, settle, tell."""

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.domain import catalog, outcomes
from bot.domain.entities import FineTune, JobState, Progress, Setting, Training
from bot.domain.samples import sample_sheet
from bot.errors import RemoteError, RemoteRefused, RemoteThrottled
from bot.flows import costs, sheets
from bot.flows.announcing import Announcer
from bot.flows.engine import Step
from bot.flows.gathering import fine_tune_of, trained
from bot.flows.generate import GenerateFlow
from bot.flows.services import Services
from bot.flows.submitting import Order
from bot.hugging_face import NotPrivate
from bot.replicate_api import Run, RunState
from bot.replicate_api.progress import read_progress
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)

DEADLINE = 4 * 3600.0  # seconds; 6,000 steps take about two hours
DATA = "data:application/zip;base64,"
BETWEEN_EDITS = 4.0  # seconds; Discord allows five edits in five seconds for a whole channel


class TrainFlow:
    """Brings trainings to their end."""

    def __init__(self, services: Services, announcer: Announcer, painter: GenerateFlow) -> None:
        self._services = services
        self._announcer = announcer
        self._painter = painter
        self._edited: dict[str, float] = {}
        self._told: set[str] = set()

    async def run(self, step: Step, job_id: str) -> None:
        """Train, paint the samples, and tell."""
        await step("status", self._status, job_id)
        try:
            if await self._train(step, job_id):
                samples = await step("order samples", self._order_samples, job_id)
                await step("paint samples", self._painter.paint_all, samples)
                await step("draw sheet", self._draw_sheet, job_id)
                await step("succeed", self._succeed, job_id)
        finally:
            self._services.progress.pop(job_id, None)
            self._edited.pop(job_id, None)
        await step("announce", self._announce, job_id)

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a training whose flow broke, and tell."""
        job = await self._jobs.read(job_id)
        if not job.state.is_over:
            samples = await self._services.store.samples(job_id)
            await asyncio.gather(*(self._painter.end_broken(sample.id) for sample in samples))
            charged = await self._services.charge_broken("trainings", self._jobs, job, self._measure(job))
            cost = charged + await self._cost_of_samples(job_id)
            await self._conclude(job_id, JobState.FAILED, cost, outcomes.BROKEN.format(id=error_id))
        await self._announce(job_id)

    async def _train(self, step: Step, job_id: str) -> bool:
        version = await step("choose trainer", self._choose_trainer, job_id)
        prepared = await step("prepare", self._prepare, job_id, version)
        submitted = prepared and await step("submit", self._submit, job_id, version)
        return bool(submitted) and await step("follow", self._follow, job_id)

    async def _choose_trainer(self, job_id: str) -> str:
        """Choose the trainer's version: the operator's, or the newest, or the newest that we know."""
        name, _, version = self._trainer_of(await self._jobs.read(job_id)).partition(":")
        if version:
            return version
        try:
            return await self._services.remote.newest_version(name)
        except RemoteError as error:
            logger.warning("the newest version of %s cannot be looked up (%s); using the pinned one", name, error)
            return catalog.trainer(name).version

    def _trainer_of(self, job: Training) -> str:
        return job.plan.trainer or self._services.trainer

    def _rules(self, job: Training, version: str) -> catalog.Trainer:
        return catalog.trainer(f"{self._trainer_of(job).partition(':')[0]}:{version}")

    async def _prepare(self, job_id: str, version: str) -> bool:
        """Have the private model and the photos at Replicate; tells whether they are there."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return False
        if job.intent_at is not None:
            return True  # it was prepared before, and may run by now
        if job.cancel_requested:
            await self._conclude(job_id, JobState.CANCELED, 0, outcomes.CANCELED)
            return False
        if not (job.photos_url or job.plan.pretrained or self._archive(job_id).exists()):
            await self._conclude(job_id, JobState.FAILED, 0, outcomes.PHOTOS_GONE)
            return False
        fine_tune = await fine_tune_of(self._services.store, job)
        about = "A FLUX.1 fine-tune made with Atelier"
        try:
            await self._services.remote.ensure_model(fine_tune.destination, about, public=fine_tune.public)
            if not job.photos_url and not job.plan.pretrained and not self._rules(job, version).needs_zip_name:
                url = await self._services.remote.upload(self._archive(job_id), f"{job_id}.zip")
                await self._jobs.update(job_id, photos_url=url)
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self._conclude(job_id, JobState.FAILED, 0, outcomes.refusal(error.status, error.detail))
            return False
        return True

    async def _submit(self, job_id: str, version: str) -> bool:
        """Have the training at Replicate; tells whether it is there."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return False
        fine_tune = await fine_tune_of(self._services.store, job)
        settings, unique = await self._input(job, fine_tune, self._rules(job, version))
        order = Order(
            kind="trainings",
            jobs=self._jobs,
            job_id=job_id,
            send=lambda: self._services.remote.create_training(
                self._trainer_of(job).partition(":")[0],
                version,
                destination=fine_tune.destination,
                training_input=settings,
            ),
            recognise=lambda run: run.input.get(unique) == settings[unique] or run.destination == fine_tune.destination,
            measure=self._measure(job),
        )
        return await self._services.submit(order) is not None

    async def _input(
        self, job: Training, fine_tune: FineTune, rules: catalog.Trainer
    ) -> tuple[dict[str, Setting], str]:
        """Build what the trainer gets, and name the field by which the run is recognised: Replicate repeats it."""
        if job.plan.pretrained:
            return rules.import_input(job.plan, job.id), "autocaption_suffix"
        settings = rules.training_input(job.plan, job.photos_url or _as_data(self._archive(job.id)))
        name = fine_tune.destination.partition("/")[2]
        for copy in self._services.copies:
            if rules.takes(copy.needs) and await self._is_private(job, copy.repository(name)):
                settings |= copy.settings(name)
        return settings, "input_images"

    async def _is_private(self, job: Training, repository: str | None) -> bool:
        """Have the repository of a copy private, so that nobody else sees it; without that there is no copy."""
        if repository is None:
            return True
        try:
            await self._services.hub.ensure_private(repository)
        except NotPrivate as error:
            logger.warning("job %s is not copied to Hugging Face: %s", job.id, error)
            await self._jobs.update(job.id, note=outcomes.NOT_COPIED)
            return False
        return True

    async def _follow(self, job_id: str) -> bool:
        """Wait for the end; on success keep the version, and tell that it is there."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return False

        async def on_change(run: Run) -> None:
            await self._show(job_id, read_progress(run.logs))

        run = await self._services.follower.follow(
            "trainings", job.remote_id or "", within=DEADLINE, cancel=job.cancel_requested, on_change=on_change
        )
        cost = costs.charge(job, run, self._measure(job))
        if run.state is RunState.SUCCEEDED and run.trained:
            await self._jobs.update(job_id, cost=cost)
            await self._services.store.fine_tunes.add_version(
                job, run.trained, self._services.now(), weights=run.weights
            )
            return True
        if run.state in (RunState.CANCELED, RunState.ABORTED):
            wanted = (await self._jobs.read(job_id)).cancel_requested
            await self._conclude(job_id, JobState.CANCELED, cost, outcomes.CANCELED if wanted else outcomes.ENDED)
        else:
            why = outcomes.import_failure if job.plan.pretrained else outcomes.training_failure
            await self._conclude(job_id, JobState.FAILED, cost, why(run.error))
        return False

    def _measure(self, job: Training) -> Callable[[Run], int]:
        return partial(costs.of_training, self._services.prices, job)

    async def _order_samples(self, job_id: str) -> list[str]:
        """Keep the generations of the sample sheet."""
        job = await self._jobs.read(job_id)
        versions = await self._services.store.fine_tunes.versions(job.fine_tune_id or 0)
        version = next(v for v in versions if v.training_id == job_id)
        sheet = sample_sheet(job, version, self._services.prices, self._services.now())
        ids = [(await self._services.store.add_sample(sample)).id for sample in sheet]
        await self._show(job_id, Progress(phase="Painting the sample sheet"), at_once=True)
        return ids

    async def _draw_sheet(self, job_id: str) -> None:
        outcome = await trained(self._services.store, self._services.data, await self._jobs.read(job_id))
        await self._services.keeper.draw(job_id, sheets.by_prompt(outcome.samples))

    async def _succeed(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        cost = (job.cost or 0) + await self._cost_of_samples(job_id)
        await self._conclude(job_id, JobState.SUCCEEDED, cost, None)

    async def _cost_of_samples(self, job_id: str) -> int:
        return sum(sample.cost or 0 for sample in await self._services.store.samples(job_id))

    async def _status(self, job_id: str) -> None:
        """Post the status message, once."""
        job = await self._jobs.read(job_id)
        if job.message_id is None and not job.state.is_over:
            again = job_id in self._told or self._services.now() - job.created_at > BETWEEN_EDITS
            self._told.add(job_id)
            await self._post_status(job, None, look_first=again)

    async def _show(self, job_id: str, progress: Progress, *, at_once: bool = False) -> None:
        """Show progress, at most every few seconds and only where it moved."""
        moved = self._services.progress.get(job_id) != progress
        self._services.progress[job_id] = progress
        due = time.monotonic() - self._edited.get(job_id, 0.0) >= BETWEEN_EDITS
        if at_once or (moved and due):
            self._edited[job_id] = time.monotonic()
            await self._post_status(await self._jobs.read(job_id), progress, look_first=False)

    async def _post_status(self, job: Training, progress: Progress | None, *, look_first: bool) -> None:
        """Post or edit the status message; a new one, as the old one may be deleted, is remembered over a restart."""
        message_id = await self._announcer.training_status(job, progress, look_first=look_first)
        if message_id != job.message_id:
            await self._jobs.update(job.id, message_id=message_id)

    async def _announce(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        if not job.delivered:
            await self._deliver(job)
        self._archive(job_id).unlink(missing_ok=True)
        self._archive(job_id).with_suffix(".jpg").unlink(missing_ok=True)

    async def _deliver(self, job: Training) -> None:
        again = job.intent_boot != self._services.boot or f"{job.id}r" in self._told
        self._told.add(f"{job.id}r")
        outcome = await trained(self._services.store, self._services.data, job)
        delivery = await self._announcer.training_over(outcome, look_first=again)
        await self._jobs.update(job.id, delivered=delivery.place)
        logger.info("job %s is delivered: %s", job.id, delivery.place)

    def _archive(self, job_id: str) -> Path:
        return self._services.data / "datasets" / f"{job_id}.zip"

    async def _conclude(self, job_id: str, state: JobState, cost: int, error: str | None) -> None:
        await self._services.conclude(self._jobs, job_id, state, cost, error)

    @property
    def _jobs(self) -> Jobs[Training]:
        return self._services.store.trainings


def is_of(job: Training, run: Run) -> bool:
    """Recognise a job's run among all others, also when its photos are gone here: by their address or their sum."""
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


def _as_data(archive: Path) -> str:
    """Write the photos as a data: address, whose media type makes the trainer see a name that ends in .zip."""
    return DATA + base64.b64encode(archive.read_bytes()).decode()
