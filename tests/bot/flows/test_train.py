"""A training from Start to its model card, its use, and its end, on the real engine."""

import logging
from pathlib import Path

import pytest

from bot.domain import catalog
from bot.domain.entities import JobState, Training
from bot.domain.samples import SAMPLE_SEED
from bot.downloads import Downloads
from bot.errors import UserError
from bot.flows.announcing import Trained
from bot.flows.sheets import scale_of
from bot.flows.train import HuggingFace
from bot.pictures import examine
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio.requests import ImagineRequest
from tests.bot.conftest import Far, until
from tests.bot.house import House, just_now, opened
from tests.bot.things import ANNA, BEN, dataset, plan
from tests.sandbox.replicate_scene import photos

CREATE = "POST */trainings"


async def begun(house: House, job_id: str = "t1", **changes: object) -> Training:
    """Press Start under a vetted upload."""
    folder = house.data / "datasets"
    folder.mkdir(exist_ok=True)
    (folder / f"{job_id}.zip").write_bytes(photos(3))
    (folder / f"{job_id}.jpg").write_bytes(b"contact sheet")
    await house.store.add_dataset(dataset(job_id, created_at=just_now(), plan=plan(**changes)))
    return await house.studio.trainings.start(ANNA, job_id)


async def trained(house: House, job_id: str = "t1", **changes: object) -> Trained:
    await begun(house, job_id, **changes)
    await house.told(job_id)
    [told] = [outcome for outcome in house.announcer.trained if outcome.training.id == job_id]
    return told


async def spent(house: House) -> int:
    return (await house.studio.purse.allowance(ANNA)).member_spent


async def test_a_training_makes_a_version_with_a_sample_sheet_and_paints(house: House, far: Far) -> None:
    told = await trained(house)
    assert told.training.state is JobState.SUCCEEDED
    assert told.version is not None
    assert [len(sample.pictures) for sample in told.samples] == [1] * 8
    assert [scale_of(sample) for sample in told.samples] == 2 * [
        *("FLUX.1 dev", "LoRA scale 0.8", "LoRA scale 1", "LoRA scale 1.2")
    ]
    assert {sample.generation.recipe.seed for sample in told.samples} == {SAMPLE_SEED}
    assert told.sheet is not None
    assert examine(told.sheet)[:2] == ("jpg", "image/jpeg")
    assert far.paid("trainings") == 1
    assert await spent(house) == told.training.cost == far.world.billed
    await until(lambda: not list((house.data / "datasets").iterdir()))  # which is done after it is told
    assert [progress for _, progress in house.announcer.statuses if progress and progress.step]

    wish = await house.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="ziki at sea"))
    await house.studio.generations.run(wish, None)
    await house.told("g1")
    [painted] = house.announcer.painted
    assert painted.generation.state is JobState.SUCCEEDED
    assert painted.generation.recipe.remote == told.version.remote
    assert far.world.unlisted_fields == []
    kept = await house.store.dataset("t1")
    assert kept is not None
    assert kept.consent_at is not None


async def test_the_log_says_where_the_training_is(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await trained(house)
    await until(lambda: "t1 is delivered" in caplog.text)
    lines = [record.getMessage() for record in caplog.records if " t1 " in record.getMessage()]
    for words in ("begins", "is training ", "over: succeeded", "delivered: message"):
        assert [line for line in lines if words in line], (words, lines)


async def test_two_presses_of_start_make_one(house: House, far: Far) -> None:
    await begun(house)
    with pytest.raises(UserError, match="started already"):
        await house.studio.trainings.start(ANNA, "t1")
    await house.told("t1")
    with pytest.raises(UserError, match="started already"):
        await house.studio.trainings.start(ANNA, "t1")
    assert far.paid("trainings") == 1


async def test_a_second_training_of_a_name_is_its_second_version(house: House) -> None:
    await trained(house)
    told = await trained(house, "t2")
    assert told.version is not None
    assert told.version.number == 2
    [card] = await house.studio.fine_tunes.list(ANNA)
    assert [version.number for version in card.versions] == [1, 2]
    assert card.versions[0].remote.partition(":")[0] == card.versions[1].remote.partition(":")[0]


@pytest.mark.parametrize(
    "how", [{"lost": True, "after_effect": True}, {"status": 502, "after_effect": True}, {"status": 500}], ids=str
)
async def test_an_unclear_answer_is_paid_once(house: House, far: Far, how: dict[str, object]) -> None:
    far.goes_wrong(CREATE, **how)
    assert (await trained(house)).training.state is JobState.SUCCEEDED
    assert far.paid("trainings") == 1


async def test_a_process_killed_while_it_asks_pays_once(house: House, far: Far) -> None:
    far.goes_wrong(CREATE, hang=True, after_effect=True)
    await begun(house)
    await until(lambda: far.paid("trainings") == 1)
    await house.killed()
    await house.told("t1")
    [told] = house.announcer.trained
    assert told.training.state is JobState.SUCCEEDED
    assert far.paid("trainings") == 1


async def test_a_process_killed_amid_the_samples_paints_each_once(house: House, far: Far) -> None:
    far.goes_wrong("POST /v1/predictions", skip=1, times=2, hang=True, after_effect=True)
    await begun(house)
    await until(lambda: far.paid() == 8)
    await house.killed()
    await house.told("t1")
    [told] = house.announcer.trained
    assert [len(sample.pictures) for sample in told.samples] == [1] * 8
    assert len({sample.generation.remote_id for sample in told.samples}) == 8
    for sample in told.samples:  # none of them took a run that was another's
        sent = far.world.state.jobs[sample.generation.remote_id or ""].input
        assert sent.get("lora_scale") == sample.generation.recipe.settings.get("lora_scale")
    assert (far.paid("trainings"), far.paid()) == (1, 8)


@pytest.mark.parametrize(
    ("match", "how"),
    [
        ("POST /v1/models", {"lost": True, "after_effect": True}),
        ("POST /v1/models", {"status": 429, "retry_after": "0"}),
        ("POST /v1/files", {"lost": True}),
        ("POST /v1/files", {"status": 429, "retry_after": "0"}),
        ("GET /v1/models/*", {"status": 500}),
    ],
    ids=str,
)
async def test_trouble_before_the_training_is_only_delay(
    house: House, far: Far, match: str, how: dict[str, object]
) -> None:
    far.goes_wrong(match, **how)
    assert (await trained(house)).training.state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    ("match", "status", "words"),
    [(CREATE, 402, "no credit"), (CREATE, 422, "one of the settings"), ("POST /v1/models", 401, "bot's key")],
)
async def test_a_refusal_is_told_and_costs_nothing(house: House, far: Far, match: str, status: int, words: str) -> None:
    far.goes_wrong(match, status=status, times=9)
    told = await trained(house)
    assert told.training.state is JobState.FAILED
    assert words in (told.training.error or "")
    assert (await spent(house), told.version, far.paid("trainings")) == (0, None, 0)


@pytest.mark.parametrize(
    ("habits", "words"),
    [
        ({"fail_with": "ValueError: input_images must be a zip file"}, "could not read the photos"),
        ({"fail_with": "E1001"}, "smaller lora_rank"),
        ({"no_version": "version"}, "stopped with an error"),
        ({"no_version": "both"}, "stopped with an error"),
    ],
    ids=str,
)
async def test_a_training_without_a_version_is_told_and_its_time_is_paid(
    house: House, far: Far, habits: dict[str, object], words: str
) -> None:
    for name, value in habits.items():
        setattr(far.world.habits, name, value)
    told = await trained(house)
    assert (told.training.state, told.version) == (JobState.FAILED, None)
    assert words in (told.training.error or "")
    assert await spent(house) == told.training.cost
    with pytest.raises(UserError, match="no finished training yet"):
        await house.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="x", model="ziki"))


async def test_who_cancels_is_told_so_and_the_name_is_free_again(house: House, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(house)
    await house.runs("t1")
    with pytest.raises(UserError, match="being trained"):
        await house.studio.fine_tunes.delete(ANNA, "ziki")
    await house.studio.jobs.cancel(ANNA, "t1")
    await house.told("t1")
    [told] = house.announcer.trained
    assert told.training.state is JobState.CANCELED
    assert not list((house.data / "datasets").iterdir())
    far.world.habits.stuck = None
    assert (await trained(house, "t2")).training.state is JobState.SUCCEEDED


async def test_a_sample_that_fails_does_not_spoil_the_training(house: House, far: Far) -> None:
    far.goes_wrong("POST /v1/predictions", status=422, skip=1)
    told = await trained(house)
    assert told.training.state is JobState.SUCCEEDED
    assert sorted(len(sample.pictures) for sample in told.samples) == [0, *[1] * 7]
    assert told.sheet is not None


async def test_a_deleted_fine_tune_is_forgotten_at_replicate_too(house: House, far: Far) -> None:
    told = await trained(house)
    assert told.version is not None
    far.goes_wrong("DELETE *", status=429, retry_after="0")
    far.goes_wrong("DELETE *", status=500, skip=1)
    await house.studio.fine_tunes.delete(ANNA, "ziki")
    assert await house.studio.fine_tunes.list(ANNA) == []
    await house.forgets(told.fine_tune)
    assert far.world.state.models == {}
    with pytest.raises(UserError, match="started already"):
        await house.studio.trainings.start(ANNA, "t1")
    assert far.world.state.models == {}


async def test_what_was_being_forgotten_is_forgotten_after_a_kill(house: House, far: Far) -> None:
    told = await trained(house)
    hang = far.goes_wrong("DELETE *", hang=True)
    await house.studio.fine_tunes.delete(ANNA, "ziki")
    await until(lambda: hang.met == 1)
    await house.killed()
    await house.forgets(told.fine_tune)
    assert far.world.state.models == {}


async def test_the_articles_trainer_gets_a_zip_with_a_name(
    tmp_path: Path, store: Store, remote: Replicate, downloads: Downloads, far: Far
) -> None:
    trainer = f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}"
    async with opened(tmp_path, store, remote, downloads, trainer=trainer) as house:
        assert (await trained(house)).training.state is JobState.SUCCEEDED
    [created] = [created for created in far.world.created if created.kind == "trainings"]
    assert created.version == catalog.ARTICLE_TRAINER
    assert created.input["input_images"].startswith("data:application/zip;base64,")


async def test_the_operators_copy_at_hugging_face_needs_no_word_of_a_member(
    tmp_path: Path, store: Store, remote: Replicate, downloads: Downloads, far: Far
) -> None:
    copies = HuggingFace("team", "hf_marked_secret")
    async with opened(tmp_path, store, remote, downloads, hugging_face=copies) as house:
        await trained(house)
    [created] = [created for created in far.world.created if created.kind == "trainings"]
    assert created.input["hf_repo_id"] == "team/atelier-ziki-t1"
    assert "hf_marked_secret" not in repr(copies)
    assert b"hf_marked_secret" not in b"".join(_everything(tmp_path))


async def test_nobody_else_starts_or_discards_it(house: House) -> None:
    await house.store.add_dataset(dataset("t1", created_at=just_now()))
    for act in (house.studio.trainings.start, house.studio.trainings.discard):
        with pytest.raises(UserError, match="no longer here"):
            await act(BEN, "t1")


def _everything(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("*.db*")]
