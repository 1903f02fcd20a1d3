"""From an upload to a draft, from a draft to a training, and what becomes of drafts that nobody starts."""

import asyncio
from collections import namedtuple
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.domain import catalog
from bot.domain.copies import HuggingFace, WeightsAndBiases
from bot.domain.entities import Kind
from bot.domain.policy import Budgets, Policy
from bot.errors import RemoteRefused, UserError
from bot.files import disk
from bot.outside.downloads import Downloads
from bot.studio.drafts import WAITS
from bot.studio.requests import Attachment, ImportRequest, TrainRequest
from sandbox.internet import Internet
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW, dataset, keep_waiting, plan
from tests.sandbox.replicate_scene import photos

REQUEST = TrainRequest(name="ziki", trigger_word="ZIKI", steps=20)
Usage = namedtuple("Usage", "total used free")


def attached(name: str = "photos.zip", url: str = "https://cdn.discordapp.com/1/photos.zip") -> Attachment:
    return Attachment(url=url, name=name, size=1000)


@dataclass
class Cdn:
    body: bytes = field(default_factory=photos)
    status: int = 200

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(body=self.body, status=self.status)


@pytest.fixture
async def cdn(at: Rooms, tmp_path: Path) -> AsyncIterator[Cdn]:
    cdn, internet = Cdn(), Internet(tmp_path / "internet")
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", cdn.answer)])
    internet.serve("cdn.discordapp.com", app)
    await internet.start()
    connector = aiohttp.TCPConnector(ssl=internet.trust())
    async with aiohttp.ClientSession(proxy=f"http://127.0.0.1:{internet.port}", connector=connector) as session:
        at.services.downloads = Downloads(session)
        yield cdn
    await internet.stop()


def kept(at: Rooms) -> list[str]:
    folder = at.services.data / "datasets"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_an_upload_becomes_a_draft_and_costs_nothing(at: Rooms, cdn: Cdn) -> None:
    draft = await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached()])
    assert (draft.report.images, draft.version) == (5, 1)
    assert kept(at) == ["t1.jpg", "t1.zip"]
    assert draft.contact_sheet is not None
    assert draft.contact_sheet.name == "t1.jpg"
    waiting = await at.store.undecided.dataset("t1")
    assert waiting is not None
    assert (waiting.sha256, waiting.consent_at) == (draft.dataset.sha256, None)
    assert (await at.studio.spending.allowance(ANNA)).member_spent == 0
    assert at.started.flows == []

    started = await at.studio.trainings.start(ANNA, "t1")
    assert (started.sha256, started.estimate) == (draft.dataset.sha256, draft.dataset.estimate)
    assert at.started.flows == [("train", "t1")]
    consented = await at.store.undecided.dataset("t1")
    assert consented is not None
    assert consented.consent_at == NOW
    with pytest.raises(UserError, match="started already"):
        await at.studio.trainings.discard(ANNA, "t1")


async def test_a_draft_for_a_name_in_use_says_which_version_it_will_be(at: Rooms, cdn: Cdn) -> None:
    await at.furnish(ANNA, "ziki", versions=2)
    await at.furnish(BEN, "ziki", versions=5, shared=True)
    assert (await at.studio.trainings.prepare(ANNA, "t9", REQUEST, [attached()])).version == 3


async def test_a_member_has_one_upload_in_line(at: Rooms, cdn: Cdn) -> None:
    uploads = at.services.workshop.uploads
    async with uploads.place(ANNA) as place, place.turn():
        with pytest.raises(UserError, match="Your other upload is still being checked: wait for its report"):
            await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached()])
        heard: list[int] = []
        waiting = asyncio.create_task(
            at.studio.trainings.prepare(BEN, "t2", REQUEST, [attached()], lambda ahead, _: heard.append(ahead))
        )
        while not heard:  # noqa: ASYNC110 - what is waited for is a line of a test's
            await asyncio.sleep(0)
    assert (await waiting).report.images == 5
    assert heard == [1]
    assert kept(at) == ["t2.jpg", "t2.zip"]


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_file_that_discord_does_not_hand_over_leaves_nothing(at: Rooms, cdn: Cdn, status: int) -> None:
    cdn.status = status
    with pytest.raises(UserError, match="Attach it again"):
        await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached()])
    assert kept(at) == []
    assert await at.store.undecided.dataset("t1") is None


async def test_a_file_that_is_no_upload_leaves_nothing(at: Rooms, cdn: Cdn) -> None:
    cdn.body = b"<html>expired</html>"
    with pytest.raises(UserError):
        await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached()])
    assert kept(at) == []


@pytest.mark.parametrize("url", ["https://evil.example/a.zip", "http://cdn.discordapp.com/a", "https://127.0.0.1/a"])
async def test_an_attachment_from_elsewhere_is_not_fetched(at: Rooms, cdn: Cdn, url: str) -> None:
    with pytest.raises(UserError, match="Attach it again"):
        await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached(url=url)])
    assert kept(at) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "Not A Name"}, "1 to 32 letters"),
        ({"trigger_word": "TOK"}, "everybody's trigger word"),
        ({"steps": 2}, "between 3 and 6000"),
        ({"steps": 6001}, "between 3 and 6000"),
        ({"lora_rank": 0}, "between 1 and 128"),
        ({"lora_rank": 129}, "between 1 and 128"),
    ],
    ids=str,
)
async def test_an_option_out_of_range_is_refused_before_anything_is_fetched(
    at: Rooms, options: dict[str, Any], words: str
) -> None:
    wish = replace(REQUEST, **options)
    with pytest.raises(UserError, match=words):
        await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])


@pytest.mark.parametrize(("rank", "fine"), [(None, True), (64, True), (17, False)])
async def test_the_articles_trainer_takes_four_ranks(at: Rooms, cdn: Cdn, rank: int | None, fine: bool) -> None:
    at.services.trainer = f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}"
    wish = TrainRequest(name="ziki", trigger_word="ZIKI", lora_rank=rank)
    if fine:
        draft = await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])
        assert draft.dataset.plan.lora_rank == (rank or 16)
    else:
        with pytest.raises(UserError, match="16, 32, 64, 128"):
            await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])


async def test_a_full_disk_takes_no_upload(at: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: Usage(1 << 40, 0, disk.FOR_UPLOADS))
    with pytest.raises(UserError, match="disk is full"):
        await at.studio.trainings.prepare(ANNA, "t1", REQUEST, [attached()])
    assert kept(at) == []


async def test_a_name_that_is_being_trained_is_told_so(at: Rooms) -> None:
    for job_id in ("t1", "t2"):
        await keep_waiting(at.store, dataset(job_id))
    await at.studio.trainings.start(ANNA, "t1")
    with pytest.raises(UserError, match=r"is being trained right now\. Wait until it is done, or cancel it with /jobs"):
        await at.studio.trainings.start(ANNA, "t2")


async def test_a_training_beyond_the_budget_is_not_started(at: Rooms) -> None:
    at.services.policy = Policy(Budgets(member=10**12, guild=1_000_000))
    await keep_waiting(at.store, dataset())
    with pytest.raises(UserError, match="This server has"):
        await at.studio.trainings.start(ANNA, "t1")
    assert at.started.flows == []


async def test_nothing_is_started_while_replicate_takes_no_money(at: Rooms) -> None:
    await keep_waiting(at.store, dataset())
    at.services.remote.breaker.refused(RemoteRefused(401, "no"))
    with pytest.raises(UserError, match="bot's key"):
        await at.studio.trainings.start(ANNA, "t1")
    assert await at.store.trainings.find("t1") is None


async def test_a_draft_is_its_owners(at: Rooms) -> None:
    await keep_waiting(at.store, dataset())
    for actor in (BEN, ANNA_ELSEWHERE):
        for act in (at.studio.trainings.start, at.studio.trainings.discard):
            with pytest.raises(UserError, match="no longer here"):
                await act(actor, "t1")
    await at.studio.trainings.discard(ANNA, "t1")
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.trainings.start(ANNA, "t1")


async def test_drafts_that_nobody_started_within_a_day_are_swept(at: Rooms) -> None:
    folder = at.services.data / "datasets"
    folder.mkdir()
    for name in ("old", "new", "begun"):
        (folder / f"{name}.zip").write_bytes(b"zip")
        (folder / f"{name}.jpg").write_bytes(b"sheet")
    await keep_waiting(at.store, dataset("old", created_at=NOW - WAITS - 1))
    await keep_waiting(at.store, dataset("new", created_at=NOW - WAITS + 1))
    began = dataset("begun", created_at=NOW - WAITS - 1, consent_at=NOW, plan=plan(name="other"))
    await keep_waiting(at.store, began)
    await at.studio.drafts.sweep()
    assert kept(at) == ["begun.jpg", "begun.zip", "new.jpg", "new.zip"]
    assert await at.store.undecided.dataset("old") is None


async def test_a_draft_is_changed_with_its_price_and_started_as_it_is_then(at: Rooms) -> None:
    await keep_waiting(at.store, dataset(plan=plan(steps=1000)))
    before = (await at.studio.trainings.find(ANNA, "t1")).dataset.estimate
    typed = {"steps": "2000", "lora_rank": "", "resolution": " 512, 768 ", "optimizer": "Prodigy", "batch_size": "1"}
    changed = await at.studio.trainings.change(ANNA, "t1", typed)
    settled = changed.dataset.plan
    assert (settled.steps, settled.lora_rank) == (2000, 16)
    assert settled.settings == {"resolution": "512,768", "optimizer": "prodigy"}
    assert changed.dataset.estimate != before
    assert changed.seconds > 1000
    back = await at.studio.trainings.change(ANNA, "t1", {"optimizer": "", "resolution": "512,768,1024"})
    assert back.dataset.plan.settings == {}
    training = await at.studio.trainings.start(ANNA, "t1")
    assert (training.plan, training.estimate) == (back.dataset.plan, back.dataset.estimate)
    for change in (
        at.studio.trainings.change(ANNA, "t1", {"steps": "20"}),
        at.studio.trainings.take_advice(ANNA, "t1"),
        at.studio.trainings.reveal(ANNA, "t1", public=True),
    ):
        with pytest.raises(UserError, match="started already"):
            await change
    assert (await at.store.trainings.get("t1")).plan.steps == 2000


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"steps": "9000"}, "between 3 and 6000, not 9000"),
        ({"learning_rate": "1"}, "between 1e-05 and 0.01"),
        ({"batch_size": "5"}, "between 1 and 4"),
        ({"resolution": "513"}, "multiple of 64"),
        ({"optimizer": "sgd"}, "one of adamw8bit"),
        ({"caption_dropout_rate": "1.1"}, "between 0 and 1"),
        ({"layers_to_optimize_regex": "("}, "no regular expression"),
        ({"autocaption_prefix": "x" * 201}, "at most 200"),
        ({"hf_repo": "mine/all"}, "takes no hf_repo"),
    ],
    ids=str,
)
async def test_a_value_that_is_not_allowed_changes_nothing(at: Rooms, typed: dict[str, str], words: str) -> None:
    await keep_waiting(at.store, dataset())
    with pytest.raises(UserError, match=words):
        await at.studio.trainings.change(ANNA, "t1", {"lora_rank": "8", **typed})
    assert (await at.studio.trainings.find(ANNA, "t1")).dataset.plan == plan()


async def test_the_advice_is_followed_at_once(at: Rooms, cdn: Cdn) -> None:
    wish = replace(REQUEST, steps=None, kind=Kind.STYLE)
    draft = await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])
    assert draft.advice
    followed = await at.studio.trainings.take_advice(ANNA, "t1")
    assert (followed.dataset.plan.steps, followed.dataset.plan.lora_rank) == (500, 32)
    assert followed.dataset.estimate < draft.dataset.estimate
    assert followed.advice == []


@pytest.mark.parametrize(
    ("operators", "fast", "chosen"),
    [
        (catalog.TRAINER, None, catalog.TRAINER),
        (catalog.TRAINER, False, catalog.TRAINER),
        (catalog.TRAINER, True, catalog.FAST_TRAINER),
        (catalog.FAST_TRAINER, None, catalog.FAST_TRAINER),
        (catalog.FAST_TRAINER, False, None),
        (f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}", False, f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}"),
        (f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}", True, None),
    ],
)
async def test_the_operators_choice_of_a_trainer_is_everybodys(
    at: Rooms, cdn: Cdn, operators: str, fast: bool | None, chosen: str | None
) -> None:
    at.services.trainer = operators
    wish = TrainRequest(name="ziki", trigger_word="ZIKI", fast=fast)
    if chosen is None:
        with pytest.raises(UserError, match="Your operator has chosen"):
            await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])
    else:
        draft = await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])
        assert draft.dataset.plan.trainer == chosen


async def test_the_fast_trainer_refuses_what_it_does_not_take(at: Rooms) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"lora_rank": 8}, "takes no lora_rank"),
        ({"steps": 100}, "between 500 and 4000"),
    ]
    for options, words in refused:
        wish = TrainRequest(name="ziki", trigger_word="ZIKI", fast=True, **options)
        with pytest.raises(UserError, match=words):
            await at.studio.trainings.prepare(ANNA, "t1", wish, [attached()])


async def test_an_import_waits_for_start_like_an_upload(at: Rooms) -> None:
    request = ImportRequest(name="cyber", trigger_word="CYBRPNK", url="fofr/flux-80s-cyberpunk")
    draft = await at.studio.trainings.prepare_import(ANNA, "t1", request)
    assert draft.dataset.plan.pretrained.endswith("fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors")
    assert (draft.contact_sheet, draft.notices, list(draft.advice)) == (None, [], [])
    assert draft.dataset.estimate < 300_000
    training = await at.studio.trainings.start(ANNA, "t1")
    assert training.plan == draft.dataset.plan
    await at.studio.trainings.prepare_import(ANNA, "t2", replace(request, name="other"))
    await at.studio.trainings.discard(ANNA, "t2")
    assert await at.store.undecided.dataset("t2") is None


async def test_an_import_needs_a_trainer_that_imports(at: Rooms) -> None:
    at.services.trainer = catalog.FAST_TRAINER
    request = ImportRequest(name="cyber", trigger_word="CYBRPNK", url="fofr/flux-80s-cyberpunk")
    with pytest.raises(UserError, match="cannot import"):
        await at.studio.trainings.prepare_import(ANNA, "t1", request)


async def test_what_is_copied_elsewhere_is_said_before_start(at: Rooms) -> None:
    at.services.copies = (HuggingFace("team", "hf_x"), WeightsAndBiases("k" * 40, "faces"))
    await keep_waiting(at.store, dataset())
    draft = await at.studio.trainings.find(ANNA, "t1")
    assert ["team" in draft.notices[0], "faces" in draft.notices[1]] == [True, True]
    await keep_waiting(at.store, dataset("t2", plan=plan(trainer=f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}")))
    assert len((await at.studio.trainings.find(ANNA, "t2")).notices) == 1  # which knew no Weights & Biases
    await keep_waiting(at.store, dataset("t3", plan=plan(trainer=catalog.FAST_TRAINER)))
    assert (await at.studio.trainings.find(ANNA, "t3")).notices == []


async def test_a_new_fine_tune_is_private_until_its_owner_says_otherwise(at: Rooms) -> None:
    await keep_waiting(at.store, dataset())
    assert (await at.studio.trainings.find(ANNA, "t1")).public is False
    assert (await at.studio.trainings.reveal(ANNA, "t1", public=True)).public
    assert (await at.studio.trainings.reveal(ANNA, "t1", public=False)).public is False
    await at.studio.trainings.reveal(ANNA, "t1", public=True)
    await at.studio.trainings.start(ANNA, "t1")
    [made] = await at.store.fine_tunes.usable(ANNA)
    assert made.public
    await keep_waiting(at.store, dataset("t2"))
    later = await at.studio.trainings.find(ANNA, "t2")
    assert (later.is_new, later.public) == (False, True)
