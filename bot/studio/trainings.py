"""What members do to get a fine-tune: hand in photos, read the report, change its plan, start or discard."""

import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.dataset.line import Moved, unheard
from bot.dataset.report import Report
from bot.dataset.workshop import Upload
from bot.domain import access, catalog
from bot.domain.entities import Actor, Dataset, FineTune, Plan, Training
from bot.domain.training_advice import advice, changes_of
from bot.errors import Overtaken, UserError
from bot.files.disk import FOR_UPLOADS
from bot.files.places import contact_sheet_of, incoming, photos_of
from bot.flows.services import Services
from bot.outside.downloads import DISCORD, DownloadFailed
from bot.store import Request
from bot.studio.admission import Admission
from bot.studio.drafts import Drafts
from bot.studio.fine_tunes import MADE_HERE
from bot.studio.plans import imported, planned, typed_values, with_values
from bot.studio.readiness import account
from bot.studio.requests import Attachment, ImportRequest, TrainRequest
from bot.studio.trigger_words import TriggerWords
from bot.views.drafts import Draft

UPLOAD_BYTES = 200 << 20  # all attachments of one training together
DOWNLOAD_SECONDS = 300.0
STARTED = "This training has been started already. Cancel it with /jobs."
CHANGED = "This report was changed at the same moment. See that its plan is as you want it, and press *Start* again."
GONE = "This upload is no longer here. Run /train again with the same files."


class Trainings:
    """Turns uploads into drafts, and drafts into trainings."""

    def __init__(self, services: Services, words: TriggerWords, drafts: Drafts, admission: Admission) -> None:
        self._services = services
        self._words = words
        self._drafts = drafts
        self._admission = admission

    async def prepare(
        self,
        actor: Actor,
        job_id: str,
        request: TrainRequest,
        attachments: Sequence[Attachment],
        moved: Moved = unheard,
    ) -> Draft:
        """Fetch and vet an upload when it is its member's turn, as `moved` hears; nothing is paid. Raises UserError."""
        plan = planned(request, self._services.trainer)
        await self._words.check(actor, plan.name, plan.trigger_word)
        size = self._check_sizes(attachments)
        await self._drafts.sweep()
        async with self._services.workshop.uploads.place(actor) as place:
            with self._incoming(job_id, size) as folder:
                uploads = [await self._fetch(folder, number, file) for number, file in enumerate(attachments)]
                async with place.turn(moved):
                    prepared = await self._services.workshop.prepare(uploads, photos_of(self._services.data, job_id))
        return await self._keep(actor, job_id, plan, prepared.report, prepared.sha256)

    async def prepare_import(self, actor: Actor, job_id: str, request: ImportRequest) -> Draft:
        """Plan the import of a LoRA that exists; nothing is fetched or paid. Raises UserError."""
        plan = imported(request, self._services.trainer)
        await self._words.check(actor, plan.name, plan.trigger_word, settled=True)
        await self._drafts.sweep()
        return await self._keep(actor, job_id, plan, Report(), "")

    async def find(self, actor: Actor, dataset_id: str) -> Draft:
        """Find a draft of one's own that waits for Start; raises UserError."""
        return await self._draft(actor, await self._waiting(actor, dataset_id))

    async def change(self, actor: Actor, dataset_id: str, typed: Mapping[str, str]) -> Draft:
        """Change a draft by what was typed into a form, by the words of its fields; raises UserError."""
        dataset = await self._waiting(actor, dataset_id)
        return await self._replan(actor, dataset, with_values(dataset.plan, typed_values(dataset.plan, typed)))

    async def take_advice(self, actor: Actor, dataset_id: str) -> Draft:
        """Change a draft as is advised; raises UserError."""
        draft = await self.find(actor, dataset_id)
        return await self._replan(actor, draft.dataset, with_values(draft.dataset.plan, changes_of(draft.advice)))

    async def reveal(self, actor: Actor, dataset_id: str, *, public: bool) -> Draft:
        """Choose who will see a new fine-tune at Replicate; raises UserError."""
        dataset = await self._waiting(actor, dataset_id)
        return await self._replan(actor, dataset, replace(dataset.plan, public=public))

    async def start(self, actor: Actor, dataset_id: str) -> Training:
        """Record the owner's consent, reserve the money and start the training. Raises UserError."""
        dataset = await self._own(actor, dataset_id)
        plan = dataset.plan
        now = self._services.now()
        fine_tune = FineTune(
            id=0,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            name=plan.name,
            trigger_word=plan.trigger_word,
            kind=plan.kind,
            destination=f"{await account(self._services)}/{MADE_HERE}{plan.name}-{dataset.id}",
            public=plan.public,
            created_at=now,
        )
        wish = Training(
            id=dataset.id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            estimate=dataset.estimate,
            created_at=now,
            plan=plan,
            sha256=dataset.sha256,
        )
        try:
            request = Request(actor=actor, jobs=[wish], waited=dataset, fine_tune=fine_tune)
            accepted = await self._admission.accept(request)
        except Overtaken as error:
            await self._own(actor, dataset_id)  # which says so where it was discarded
            raise UserError(CHANGED) from error
        [training] = accepted.jobs
        self._services.engine.start("train", training.id)
        if not accepted.is_new:
            raise UserError("This training has been started already. See how it goes with /jobs.")
        return training

    async def discard(self, actor: Actor, dataset_id: str) -> None:
        """Forget an upload that its owner does not want to train on."""
        if not await self._forget(await self._waiting(actor, dataset_id)):
            await self._waiting(actor, dataset_id)  # which says what has become of it meanwhile

    @contextmanager
    def _incoming(self, job_id: str, size: int) -> Generator[Path]:
        """Make a folder for what comes in, which goes again, and hold room for it and for the clean zip beside it."""
        folder = incoming(photos_of(self._services.data, job_id))
        with self._services.disk.room(2 * size, FOR_UPLOADS):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _check_sizes(self, attachments: Sequence[Attachment]) -> int:
        total = sum(file.size for file in attachments)
        if total > UPLOAD_BYTES:
            raise UserError(
                f"These files are {total >> 20} MiB together; a training takes up to {UPLOAD_BYTES >> 20} MiB. "
                "Save the photos as JPEG at 2048 pixels, or leave some out: 10 to 30 are plenty. "
                "What Discord finds too large for one zip can be split over zip2, zip3 and zip4."
            )
        return total

    async def _fetch(self, folder: Path, number: int, file: Attachment) -> Upload:
        path = folder / str(number)
        try:
            await self._services.downloads.save(
                file.url, path, hosts=DISCORD, cap=UPLOAD_BYTES, seconds=DOWNLOAD_SECONDS
            )
        except DownloadFailed as error:
            raise UserError("Discord did not hand over a file. Attach it again and run the command again.") from error
        return Upload(path, file.name)

    async def _keep(self, actor: Actor, job_id: str, plan: Plan, report: Report, sha256: str) -> Draft:
        dataset = Dataset(
            id=job_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            plan=plan,
            report=report.to_json(),
            archive=str(photos_of(Path(), job_id)),
            sha256=sha256,
            estimate=self._services.prices.training_estimate(plan),
            created_at=self._services.now(),
        )
        gone = [one for one in await self._drafts.keep(dataset) if isinstance(one, Dataset)]
        return replace(await self._draft(actor, dataset), gave_way=[one.plan.name for one in gone])

    async def _replan(self, actor: Actor, dataset: Dataset, plan: Plan) -> Draft:
        estimate = self._services.prices.training_estimate(plan)
        if not await self._services.store.undecided.change_plan(dataset.id, plan, estimate):
            raise UserError(STARTED if await self._services.store.undecided.dataset(dataset.id) else GONE)
        return await self._draft(actor, replace(dataset, plan=plan, estimate=estimate))

    async def _draft(self, actor: Actor, dataset: Dataset) -> Draft:
        plan, report = dataset.plan, Report.from_json(dataset.report)
        fine_tunes = await self._services.store.fine_tunes.usable(actor)
        same = next((f for f in fine_tunes if access.owns(actor, f) and f.name == plan.name), None)
        versions = await self._services.store.fine_tunes.versions(same.id) if same else ()
        rules = catalog.find_trainer(plan.trainer)
        copies = () if plan.pretrained else self._services.copies
        return Draft(
            dataset=dataset,
            report=report,
            contact_sheet=None if plan.pretrained else contact_sheet_of(self._services.data, dataset.id),
            seconds=rules.seconds(plan),
            basis=self._services.prices.training_basis(plan),
            version=len(versions) + 1,
            is_new=same is None,
            public=same.public if same else plan.public,
            advice=advice(plan, report.images, report.captions),
            rivals=await self._words.rivals(actor, plan.name, plan.trigger_word),
            by_name=await self._words.is_common(plan.trigger_word),
            notices=[copy.notice for copy in copies if rules.takes(copy.needs)],
        )

    async def _waiting(self, actor: Actor, dataset_id: str) -> Dataset:
        dataset = await self._own(actor, dataset_id)
        if dataset.consent_at is not None:
            raise UserError(STARTED)
        return dataset

    async def _own(self, actor: Actor, dataset_id: str) -> Dataset:
        dataset = await self._services.store.undecided.dataset(dataset_id)
        if dataset is None or (dataset.guild_id, dataset.owner_id) != (actor.guild_id, actor.user_id):
            raise UserError(GONE)
        return dataset

    async def _forget(self, dataset: Dataset) -> bool:
        """Forget an upload and its files, unless it was started meanwhile; tells whether it went."""
        if not await self._services.store.undecided.discard_dataset(dataset.id):
            return False
        await self._drafts.remove_files(dataset)
        return True
