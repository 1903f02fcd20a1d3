"""A studio without a store or a Replicate: says what a test tells it to say, and remembers what it was asked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.dataset.line import Moved, unheard
from bot.domain import catalog
from bot.domain.catalog import Model, Task
from bot.domain.entities import (
    Actor,
    Batch,
    Comparison,
    Enrichment,
    FineTune,
    Generation,
    Job,
    JobState,
    Selection,
    Training,
)
from bot.domain.team import Whom
from bot.domain.training_advice import Advice
from bot.studio.requests import (
    AdoptRequest,
    Attachment,
    CompareRequest,
    ImagineRequest,
    ImportRequest,
    PictureRef,
    ToolRequest,
    TrainRequest,
    Unshared,
    Withheld,
)
from bot.views.drafts import Draft
from bot.views.fine_tunes import Card, Choice, Visibility
from bot.views.gallery import GalleryPage
from bot.views.jobs import Allowance, Running
from bot.views.outcomes import Outcome, Painted, Trained
from bot.views.team import Paused, TeamMoney
from tests.cogs import things


class Part:
    """One part of the studio; `refuse` holds errors by the name of the method that shall raise them."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.refuse: dict[str, Exception] = {}

    def note(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        if name in self.refuse:
            raise self.refuse[name]


class FakeTrainings(Part):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.plan: dict[str, Any] = {}
        """What plans are like, where not as usual."""

        self.places: list[int] = []
        """How many turns come before an upload's own, as the line moves."""
        self.checked = asyncio.Event()
        self.checked.set()

    async def prepare(
        self,
        actor: Actor,
        job_id: str,
        request: TrainRequest,
        attachments: Sequence[Attachment],
        moved: Moved = unheard,
    ) -> Draft:
        for ahead in self.places:
            moved(ahead, 70.0 * ahead)
        await self.checked.wait()
        self.note("prepare", actor, job_id, request, attachments)
        draft = self.draft(job_id)
        whose = {"owner_id": actor.user_id, "channel_id": actor.channel_id}
        return replace(draft, dataset=replace(draft.dataset, **whose))

    async def prepare_import(self, actor: Actor, job_id: str, request: ImportRequest) -> Draft:
        self.note("prepare_import", actor, job_id, request)
        return replace(self.draft(job_id, pretrained=f"https://huggingface.co/{request.url}"), contact_sheet=None)

    async def find(self, actor: Actor, dataset_id: str) -> Draft:
        self.note("find", actor, dataset_id)
        return self.draft(dataset_id)

    async def change(self, actor: Actor, dataset_id: str, typed: Mapping[str, str]) -> Draft:
        self.note("change", actor, dataset_id, typed)
        return self.draft(dataset_id, steps=1234)

    async def take_advice(self, actor: Actor, dataset_id: str) -> Draft:
        self.note("take_advice", actor, dataset_id)
        return self.draft(dataset_id, steps=1500)

    async def reveal(self, actor: Actor, dataset_id: str, *, public: bool) -> Draft:
        self.note("reveal", actor, dataset_id, public)
        return replace(self.draft(dataset_id, public=public), public=public)

    def draft(self, dataset_id: str, **changes: Any) -> Draft:
        made = things.draft(self.folder, dataset_id)
        plan = replace(made.dataset.plan, **(self.plan | changes))
        advised = (Advice("Take fewer steps.", {"steps": 500}),)
        return replace(made, dataset=replace(made.dataset, plan=plan), advice=advised, is_new=True, version=1)

    async def start(self, actor: Actor, dataset_id: str) -> Training:
        self.note("start", actor, dataset_id)
        return things.training(id=dataset_id, owner_id=actor.user_id, channel_id=actor.channel_id)

    async def discard(self, actor: Actor, dataset_id: str) -> None:
        self.note("discard", actor, dataset_id)


class FakeGenerations(Part):
    def __init__(self) -> None:
        super().__init__()
        self.shown: Generation | None = None
        self.others: Sequence[Unshared] = ()

    def made(self, actor: Actor, job_id: str, **changes: Any) -> Generation:
        place = {"guild_id": actor.guild_id, "owner_id": actor.user_id, "channel_id": actor.channel_id}
        return things.generation(id=job_id, **(place | changes))

    async def imagine(self, actor: Actor, job_id: str, request: ImagineRequest) -> Generation:
        self.note("imagine", actor, job_id, request)
        wish = replace(things.recipe(), prompt=request.prompt, count=request.count)
        return self.made(actor, job_id, recipe=wish)

    async def unshared(self, actor: Actor, request: ImagineRequest) -> Sequence[Unshared]:
        return self.others

    async def takes(self, actor: Actor, request: ImagineRequest) -> Model:
        self.note("takes", actor, request)
        return catalog.MODELS.get(request.model or "", catalog.SCHNELL)

    async def again(self, actor: Actor, job_id: str, source_id: str) -> Generation:
        self.note("again", actor, job_id, source_id)
        return self.made(actor, job_id)

    async def edit(self, actor: Actor, job_id: str, source_id: str, prompt: str) -> Generation:
        self.note("edit", actor, job_id, source_id, prompt)
        return self.made(actor, job_id)

    async def same_seed(self, actor: Actor, job_id: str, source_id: str, prompt: str) -> Generation:
        self.note("same_seed", actor, job_id, source_id, prompt)
        return self.made(actor, job_id)

    async def shown_in(self, actor: Actor, message_id: int) -> Generation | None:
        self.note("shown_in", actor, message_id)
        return self.shown

    async def place(self, generation: Generation, message_id: int) -> Generation:
        return replace(generation, message_id=message_id)

    async def run(self, generation: Generation, message_id: int | None) -> None:
        self.note("run", generation, message_id)

    async def find(self, actor: Actor, generation_id: str) -> Generation:
        self.note("find", actor, generation_id)
        return self.made(actor, generation_id)

    async def delete(self, actor: Actor, generation_id: str) -> Generation:
        self.note("delete", actor, generation_id)
        return self.made(actor, generation_id)


class FakePictures(Part):
    def __init__(self) -> None:
        super().__init__()
        self.known: Sequence[int] = (1,)

    def models(self, task: Task) -> Sequence[Choice]:
        return [Choice(label=row.title, value=row.key) for row in catalog.MODELS.values() if row.does(task)]

    async def numbers(self, actor: Actor, job_id: str) -> Sequence[int]:
        self.note("numbers", actor, job_id)
        return self.known

    async def words(self, actor: Actor, job_id: str) -> str:
        self.note("words", actor, job_id)
        return "ZIKI on a beach"

    async def select(self, actor: Actor, job_id: str, attachments: Sequence[Attachment]) -> Selection:
        self.note("select", actor, job_id, attachments)
        return things.selection(id=job_id, paths=tuple(f"sources/{file.name}" for file in attachments))

    async def make(self, actor: Actor, job_id: str, request: ToolRequest) -> Generation:
        self.note("make", actor, job_id, request)
        return self._made(actor, job_id)

    async def vary(self, actor: Actor, job_id: str, ref: PictureRef, strength: str) -> Generation:
        self.note("vary", actor, job_id, ref, strength)
        return self._made(actor, job_id)

    async def begin(self, actor: Actor, job_id: str, ref: PictureRef, prompt: str, strength: float) -> Generation:
        self.note("begin", actor, job_id, ref, prompt, strength)
        return self._made(actor, job_id)

    def _made(self, actor: Actor, job_id: str) -> Generation:
        place = {"guild_id": actor.guild_id, "owner_id": actor.user_id, "channel_id": actor.channel_id}
        return things.generation(id=job_id, **place)


class FakeBatches(Part):
    async def hold(self, actor: Actor, held: Withheld) -> Batch:
        self.note("hold", actor, held.job_id, held.request)
        return replace(things.batch(id=held.job_id), wishes=things.batch().wishes[:1])

    async def prepare(self, actor: Actor, batch_id: str, request: ImagineRequest) -> Batch:
        self.note("prepare", actor, batch_id, request)
        return things.batch(id=batch_id)

    async def paint(self, actor: Actor, batch_id: str) -> Sequence[Generation]:
        self.note("paint", actor, batch_id)
        return things.batch(id=batch_id).wishes

    async def discard(self, actor: Actor, batch_id: str) -> None:
        self.note("discard", actor, batch_id)


class FakeComparisons(Part):
    def __init__(self) -> None:
        super().__init__()
        self.others: Sequence[Unshared] = ()

    async def unshared(self, actor: Actor, request: CompareRequest) -> Sequence[Unshared]:
        return self.others

    async def prepare(self, actor: Actor, batch_id: str, request: CompareRequest) -> Batch:
        self.note("prepare", actor, batch_id, request)
        return things.comparing(id=batch_id)

    async def prepare_like(self, actor: Actor, batch_id: str, source_id: str) -> Batch:
        self.note("prepare_like", actor, batch_id, source_id)
        return things.comparing(id=batch_id)

    async def delete(self, actor: Actor, comparison_id: str) -> Comparison:
        self.note("delete", actor, comparison_id)
        return things.comparison(id=comparison_id)


class FakeEnriching(Part):
    def __init__(self) -> None:
        super().__init__()
        self.known = things.enrichment(state=JobState.SUCCEEDED, model="")

    async def ask(self, actor: Actor, job_id: str, prompt: str, preset: str | None) -> Enrichment:
        self.note("ask", actor, job_id, prompt, preset)
        return replace(self.known, id=job_id, prompt=prompt, preset=preset or "photo")

    async def run(self, enrichment: Enrichment, message_id: int | None) -> None:
        self.note("run", enrichment, message_id)

    async def find(self, actor: Actor, enrichment_id: str) -> Enrichment:
        self.note("find", actor, enrichment_id)
        return replace(self.known, id=enrichment_id)

    async def paint(self, actor: Actor, enrichment_id: str) -> Generation:
        self.note("paint", actor, enrichment_id)
        return things.generation(id=f"{enrichment_id}p1", owner_id=actor.user_id, channel_id=actor.channel_id)


class FakeFineTunes(Part):
    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Card] = [things.card()]
        self.visibility = "private"
        """What Replicate says."""
        self.choices: list[Choice] = [Choice(label="anna · ZIKI · yours", value="ft:7")]

    async def list(self, actor: Actor) -> Sequence[Card]:
        self.note("list", actor)
        return self.cards

    async def show(self, actor: Actor, ref: str) -> Card:
        self.note("show", actor, ref)
        return self.cards[0]

    async def find(self, actor: Actor, ref: str, *, own: bool = False) -> tuple[FineTune, int | None]:
        self.note("find", actor, ref)
        return self.cards[0].fine_tune, None

    async def suggest(self, actor: Actor, typed: str, *, own: bool = False, bases: bool = False) -> Sequence[Choice]:
        self.note("suggest", actor, typed, own, bases)
        return self.choices

    async def adopt(self, actor: Actor, request: AdoptRequest) -> Card:
        self.note("adopt", actor, request)
        return things.card(fine_tune=things.fine_tune(name=request.name, adopted=True, destination="fofr/flux-cars"))

    async def rename(self, actor: Actor, ref: str, new_name: str) -> FineTune:
        self.note("rename", actor, ref, new_name)
        return things.fine_tune(name=new_name)

    async def share(self, actor: Actor, ref: str) -> Card:
        self.note("share", actor, ref)
        return things.card(fine_tune=things.fine_tune(shared=True))

    async def unshare(self, actor: Actor, ref: str) -> FineTune:
        self.note("unshare", actor, ref)
        return things.fine_tune()

    async def publish(self, actor: Actor, ref: str) -> Visibility:
        self.note("publish", actor, ref)
        return Visibility(fine_tune=things.fine_tune(public=True), now=self.visibility)

    async def unpublish(self, actor: Actor, ref: str) -> Visibility:
        self.note("unpublish", actor, ref)
        return Visibility(fine_tune=things.fine_tune(), now=self.visibility)

    async def set_default(self, actor: Actor, ref: str, version: int | None, lora_scale: float | None = None) -> Card:
        self.note("set_default", actor, ref, version, lora_scale)
        return things.card(version or 1, fine_tune=things.fine_tune(default_version=version))

    async def delete(self, actor: Actor, ref: str) -> FineTune:
        self.note("delete", actor, ref)
        return things.fine_tune()


class FakeVotes(Part):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.cast_so_far = {0.8: 0, 1.0: 0, 1.2: 0}

    async def cast(self, actor: Actor, ballot: str) -> Trained:
        self.note("cast", actor, ballot)
        self.cast_so_far[float(ballot.rpartition(":")[2])] += 1
        return replace(things.outcome(self.folder), votes=dict(self.cast_so_far))


class FakeJobs(Part):
    def __init__(self) -> None:
        super().__init__()
        self.known: list[Running] = []
        self.result: Outcome | None = None

    async def running(self, actor: Actor) -> Sequence[Running]:
        self.note("running", actor)
        return self.known

    async def outcome(self, actor: Actor, job_id: str) -> Outcome:
        self.note("outcome", actor, job_id)
        assert self.result is not None
        return self.result

    async def cancel(self, actor: Actor, job_id: str) -> Job:
        self.note("cancel", actor, job_id)
        return things.training(id=job_id, cancel_requested=True)


class FakeGallery(Part):
    def __init__(self) -> None:
        super().__init__()
        self.known = things.gallery_page()
        self.result: Painted | None = None

    async def find(
        self, actor: Actor, search_id: str, words: str, *, model: str | None = None, mine: bool = False
    ) -> GalleryPage:
        self.note("find", actor, search_id, words, model, mine)
        return self.known

    async def older(self, actor: Actor, place: str) -> GalleryPage:
        self.note("older", actor, place)
        return self.known

    async def newer(self, actor: Actor, place: str) -> GalleryPage:
        self.note("newer", actor, place)
        return self.known

    async def show(self, actor: Actor, generation_id: str) -> Painted:
        self.note("show", actor, generation_id)
        assert self.result is not None
        return self.result


class FakeSpending(Part):
    def __init__(self) -> None:
        super().__init__()
        self.left = things.allowance()

    async def allowance(self, actor: Actor) -> Allowance:
        self.note("allowance", actor)
        return self.left


class FakeLeading(Part):
    def __init__(self) -> None:
        super().__init__()
        self.known = things.team_money()
        self.paused = Paused(reason="The budget is under review", cancelled=2, running=[things.generation()])

    async def money(self, actor: Actor) -> TeamMoney:
        self.note("money", actor)
        return self.known

    async def set_budget(self, actor: Actor, whom: Whom, whom_id: int, amount: str) -> TeamMoney:
        self.note("set_budget", actor, whom, whom_id, amount)
        return self.known

    async def add_once(self, actor: Actor, whom: Whom, whom_id: int, amount: str) -> TeamMoney:
        self.note("add_once", actor, whom, whom_id, amount)
        return self.known

    async def pause(self, actor: Actor, reason: str) -> Paused:
        self.note("pause", actor, reason)
        return self.paused

    async def resume(self, actor: Actor) -> None:
        self.note("resume", actor)


class FakeStudio:
    """Stands in for `bot.studio.Studio`; `test_fake_studio.py` keeps the two alike."""

    def __init__(self, folder: Path) -> None:
        self.trainings = FakeTrainings(folder)
        self.generations = FakeGenerations()
        self.pictures = FakePictures()
        self.batches = FakeBatches()
        self.comparisons = FakeComparisons()
        self.enriching = FakeEnriching()
        self.fine_tunes = FakeFineTunes()
        self.votes = FakeVotes(folder)
        self.jobs = FakeJobs()
        self.gallery = FakeGallery()
        self.spending = FakeSpending()
        self.leading = FakeLeading()

    @property
    def parts(self) -> list[Part]:
        made = [self.trainings, self.generations, self.pictures, self.batches, self.comparisons, self.enriching]
        return [*made, self.fine_tunes, self.votes, self.jobs, self.gallery, self.spending, self.leading]
