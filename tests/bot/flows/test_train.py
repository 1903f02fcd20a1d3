"""A training from Start to its model card, its use, and its end, on the real engine."""

import contextlib
import io
import logging
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.dataset.gather import Upload
from bot.domain import catalog, sentences
from bot.domain.entities import JobState, Kind, Training
from bot.domain.samples import SAMPLE_SEED
from bot.errors import UserError
from bot.files.pictures import examine
from bot.flows.sheets import scale_of
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio.requests import ImagineRequest
from bot.views.outcomes import Trained
from tests.bot.app import App, just_now, opened
from tests.bot.conftest import Far, until
from tests.bot.things import ANNA, BEN, dataset, keep_waiting, plan
from tests.sandbox.replicate_scene import photos

CREATE = "POST */trainings"
KEY = "0123456789abcdef" * 2 + "marked00"
FOUND = "https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors"


async def begun(app: App, job_id: str = "t1", *, photos_too: bool = True, **changes: object) -> Training:
    """Press Start under a vetted upload, or under an import, which has no photos."""
    folder = app.data / "datasets"
    folder.mkdir(exist_ok=True)
    if photos_too:
        (folder / f"{job_id}.zip").write_bytes(photos(3))
        (folder / f"{job_id}.jpg").write_bytes(b"contact sheet")
    await keep_waiting(app.store, dataset(job_id, created_at=just_now(), plan=plan(**changes)))
    return await app.studio.trainings.start(ANNA, job_id)


async def trained(app: App, job_id: str = "t1", **changes: Any) -> Trained:
    await begun(app, job_id, **changes)
    await app.told(job_id)
    [told] = [outcome for outcome in app.announcer.trained if outcome.training.id == job_id]
    return told


def sent_to_trainers(far: Far) -> list[dict[str, Any]]:
    return [made.input for made in far.world.created if made.kind == "trainings"]


async def spent(app: App) -> int:
    return (await app.studio.spending.allowance(ANNA)).member_spent


async def test_a_training_makes_a_version_with_a_sample_sheet_and_paints(app: App, far: Far) -> None:
    told = await trained(app)
    assert told.training.state is JobState.SUCCEEDED
    assert told.version is not None
    assert [len(sample.pictures) for sample in told.samples] == [1] * 8
    assert [scale_of(sample) for sample in told.samples] == 2 * [
        *("FLUX.1 dev", "LoRA scale 0.8", "LoRA scale 1.0", "LoRA scale 1.2")
    ]
    assert {sample.generation.recipe.seed for sample in told.samples} == {SAMPLE_SEED}
    assert told.sheet is not None
    assert examine(told.sheet)[:2] == ("jpg", "image/jpeg")
    assert far.paid("trainings") == 1
    assert await spent(app) == told.training.cost == far.world.billed
    await until(lambda: not list((app.data / "datasets").iterdir()))  # which is done after it is told
    assert [progress for _, progress in app.announcer.statuses if progress and progress.step]

    wish = await app.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="ziki at sea"))
    await app.studio.generations.run(wish, None)
    await app.told("g1")
    [painted] = app.announcer.painted
    assert painted.generation.state is JobState.SUCCEEDED
    assert painted.generation.recipe.remote == told.version.remote
    assert far.world.unlisted_fields == []
    kept = await app.store.undecided.dataset("t1")
    assert kept is not None
    assert kept.consent_at is not None


async def test_the_log_says_where_the_training_is(app: App, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await trained(app)
    await until(lambda: "t1 is delivered" in caplog.text)
    lines = [record.getMessage() for record in caplog.records if " t1 " in record.getMessage()]
    for words in ("begins", "is training ", "over: succeeded", "delivered: message"):
        assert [line for line in lines if words in line], (words, lines)


async def test_two_presses_of_start_make_one(app: App, far: Far) -> None:
    await begun(app)
    with pytest.raises(UserError, match="started already"):
        await app.studio.trainings.start(ANNA, "t1")
    await app.told("t1")
    with pytest.raises(UserError, match="started already"):
        await app.studio.trainings.start(ANNA, "t1")
    assert far.paid("trainings") == 1


async def test_a_second_training_of_a_name_is_its_second_version(app: App) -> None:
    await trained(app)
    told = await trained(app, "t2")
    assert told.version is not None
    assert told.version.number == 2
    [card] = await app.studio.fine_tunes.list(ANNA)
    assert [version.number for version in card.versions] == [1, 2]
    assert card.versions[0].remote.partition(":")[0] == card.versions[1].remote.partition(":")[0]


@pytest.mark.parametrize(
    "how", [{"lost": True, "after_effect": True}, {"status": 502, "after_effect": True}, {"status": 500}], ids=str
)
async def test_an_unclear_answer_is_paid_once(app: App, far: Far, how: dict[str, object]) -> None:
    far.goes_wrong(CREATE, **how)
    assert (await trained(app)).training.state is JobState.SUCCEEDED
    assert far.paid("trainings") == 1


async def test_a_process_killed_while_it_asks_pays_once(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, hang=True, after_effect=True)
    await begun(app)
    await until(lambda: far.paid("trainings") == 1)
    await app.killed()
    await app.told("t1")
    [told] = app.announcer.trained
    assert told.training.state is JobState.SUCCEEDED
    assert far.paid("trainings") == 1


async def test_a_process_killed_amid_the_samples_paints_each_once(app: App, far: Far) -> None:
    far.goes_wrong("POST /v1/predictions", skip=1, times=2, hang=True, after_effect=True)
    await begun(app)
    await until(lambda: far.paid() == 8)
    await app.killed()
    await app.told("t1")
    [told] = app.announcer.trained
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
    app: App, far: Far, match: str, how: dict[str, object]
) -> None:
    far.goes_wrong(match, **how)
    assert (await trained(app)).training.state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    ("match", "status", "words"),
    [(CREATE, 402, "no credit"), (CREATE, 422, "one of the settings"), ("POST /v1/models", 401, "bot's key")],
)
async def test_a_refusal_is_told_and_costs_nothing(app: App, far: Far, match: str, status: int, words: str) -> None:
    far.goes_wrong(match, status=status, times=9)
    told = await trained(app)
    assert told.training.state is JobState.FAILED
    assert words in sentences.of(told.training.error)
    assert (await spent(app), told.version, far.paid("trainings")) == (0, None, 0)


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
    app: App, far: Far, habits: dict[str, object], words: str
) -> None:
    for name, value in habits.items():
        setattr(far.world.habits, name, value)
    told = await trained(app)
    assert (told.training.state, told.version) == (JobState.FAILED, None)
    assert words in sentences.of(told.training.error)
    assert await spent(app) == told.training.cost
    with pytest.raises(UserError, match="no finished training yet"):
        await app.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="x", model="ziki"))


async def test_photos_that_are_gone_are_told_at_once_and_cost_nothing(app: App, far: Far) -> None:
    await begun(app)
    (app.data / "datasets" / "t1.zip").unlink()
    await app.told("t1")
    [told] = app.announcer.trained
    assert told.training.state is JobState.FAILED
    assert "photos are no longer here" in sentences.of(told.training.error)
    assert (await spent(app), far.asked("POST", "/v1/models")) == (0, 0)


async def test_who_cancels_is_told_so_and_the_name_is_free_again(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await app.runs("t1")
    with pytest.raises(UserError, match="being trained"):
        await app.studio.fine_tunes.delete(ANNA, "ziki")
    await app.studio.jobs.cancel(ANNA, "t1")
    await app.told("t1")
    [told] = app.announcer.trained
    assert told.training.state is JobState.CANCELED
    assert not list((app.data / "datasets").iterdir())
    far.world.habits.stuck = None
    assert (await trained(app, "t2")).training.state is JobState.SUCCEEDED


async def test_a_sample_that_fails_does_not_spoil_the_training(app: App, far: Far) -> None:
    far.goes_wrong("POST /v1/predictions", status=422, skip=1)
    told = await trained(app)
    assert told.training.state is JobState.SUCCEEDED
    assert sorted(len(sample.pictures) for sample in told.samples) == [0, *[1] * 7]
    assert told.sheet is not None


async def test_a_deleted_fine_tune_is_forgotten_at_replicate_too(app: App, far: Far) -> None:
    told = await trained(app)
    assert told.version is not None
    far.goes_wrong("DELETE *", status=429, retry_after="0")
    far.goes_wrong("DELETE *", status=500, skip=1)
    await app.studio.fine_tunes.delete(ANNA, "ziki")
    assert await app.studio.fine_tunes.list(ANNA) == []
    await app.forgets(told.fine_tune)
    assert far.world.state.models == {}
    with pytest.raises(UserError, match="started already"):
        await app.studio.trainings.start(ANNA, "t1")
    assert far.world.state.models == {}


async def test_what_was_being_forgotten_is_forgotten_after_a_kill(app: App, far: Far) -> None:
    told = await trained(app)
    hang = far.goes_wrong("DELETE *", hang=True)
    await app.studio.fine_tunes.delete(ANNA, "ziki")
    await until(lambda: hang.met == 1)
    await app.killed()
    await app.forgets(told.fine_tune)
    assert far.world.state.models == {}


async def test_the_articles_trainer_gets_a_zip_with_a_name(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far
) -> None:
    version = catalog.ARTICLE_TRAINER
    async with opened(tmp_path, store, remote, session, ATELIER_TRAINER_VERSION=version) as app:
        assert (await trained(app)).training.state is JobState.SUCCEEDED
    [created] = [created for created in far.world.created if created.kind == "trainings"]
    assert created.version == catalog.ARTICLE_TRAINER
    assert created.input["input_images"].startswith("data:application/zip;base64,")


async def test_many_photos_for_the_articles_trainer_still_fit_into_a_request(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far
) -> None:
    far.world.habits.stuck = "starting"
    upload = tmp_path / "noise.zip"
    with zipfile.ZipFile(upload, "w") as archive:
        for number in range(3):
            photo = io.BytesIO()
            Image.effect_noise((2_048, 2_048), 90 + number).convert("RGB").save(photo, "JPEG", quality=97)
            archive.writestr(f"{number}.jpg", photo.getvalue())
    async with opened(tmp_path, store, remote, session, ATELIER_TRAINER_VERSION=catalog.ARTICLE_TRAINER) as app:
        (app.data / "datasets").mkdir(exist_ok=True)
        clean = app.data / "datasets" / "t1.zip"
        prepared = await app.services.workshop.prepare([Upload(upload, "noise.zip")], clean)
        await begun(app, photos_too=False)
        await app.runs("t1")
    [sent] = sent_to_trainers(far)
    assert len(prepared.report.pictures) == 3
    assert len(sent["input_images"]) > 5_000_000


async def test_the_operators_copy_at_hugging_face_needs_no_word_of_a_member(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far
) -> None:
    copies = {"ATELIER_HF_NAMESPACE": "team", "WANDB_API_KEY": KEY}
    async with opened(tmp_path, store, remote, session, **copies) as app:
        assert (await trained(app)).training.state is JobState.SUCCEEDED
    # Replicate repeats no secret, so what was really sent stands in the exchange alone.
    [sent] = [e.request["input"] for e in far.world.exchanges if e.method == "POST" and e.path.endswith("/trainings")]
    assert (sent["hf_repo_id"], sent["hf_token"]) == ("team/atelier-ziki-t1", "hf_marked_secret")
    assert far.world.hub.private == {"team/atelier-ziki-t1": True}  # alone, the trainer would have made it public
    assert (sent["wandb_api_key"], sent["wandb_project"], sent["wandb_run"]) == (KEY, "atelier", "atelier-ziki-t1")
    for secret in ("hf_marked_secret", KEY):
        assert secret not in repr(app.services.copies)
        assert secret.encode() not in b"".join(_everything(tmp_path))


@pytest.mark.parametrize("trouble", ["public", "away", "no right"])
async def test_without_a_private_repository_nothing_is_copied(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far, *, trouble: str
) -> None:
    if trouble == "public":
        far.world.hub.private["team/atelier-ziki-t1"] = False
    elif trouble == "away":
        far.internet.broken["huggingface.co"] = "reset"
    elif trouble == "no right":
        far.world.hub.revoked.add("hf_marked_secret")
    async with opened(tmp_path, store, remote, session, ATELIER_HF_NAMESPACE="team") as app:
        told = await trained(app)
    assert told.training.state is JobState.SUCCEEDED
    assert "not copied to Hugging Face" in sentences.all_of(told.training.note)
    assert [sent for sent in sent_to_trainers(far) if "hf_repo_id" in sent] == []
    assert far.world.hub.private.get("team/atelier-ziki-t1", False) is False


async def test_a_second_version_goes_into_the_same_private_repository(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far
) -> None:
    async with opened(tmp_path, store, remote, session, ATELIER_HF_NAMESPACE="team") as app:
        await trained(app)
        assert (await trained(app, "t2")).training.note == ()
    assert far.world.hub.private == {"team/atelier-ziki-t1": True}
    assert len([sent for sent in sent_to_trainers(far) if "hf_repo_id" in sent]) == 2


async def test_a_version_that_knows_no_copies_is_sent_none(
    tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, far: Far
) -> None:
    env = {"WANDB_API_KEY": KEY}
    async with opened(tmp_path, store, remote, session, ATELIER_TRAINER_VERSION=catalog.ARTICLE_TRAINER, **env) as app:
        await trained(app)
    async with opened(tmp_path, store, remote, session, ATELIER_TRAINER=catalog.FAST_TRAINER, **env) as app:
        await trained(app, "t2", steps=500)
    assert far.world.unlisted_fields == []
    assert [sent for sent in sent_to_trainers(far) if "wandb_api_key" in sent] == []


async def test_every_choice_reaches_the_trainer(app: App, far: Far) -> None:
    chosen = {
        "learning_rate": 0.001,
        "batch_size": 2,
        "resolution": "512,1024",
        "optimizer": "prodigy",
        "caption_dropout_rate": 0.2,
        "autocaption_prefix": "a photo of ZIKI,",
        "autocaption_suffix": ", in colour",
        "layers_to_optimize_regex": r"transformer\.single_transformer_blocks\.(7|12|16|20)\.proj_out",
    }
    told = await trained(app, settings=chosen, lora_rank=8, steps=30)
    assert told.training.state is JobState.SUCCEEDED
    [sent] = sent_to_trainers(far)
    assert sent | chosen | {"lora_rank": 8, "steps": 30} == sent
    assert far.world.unlisted_fields == []


async def test_the_fast_trainer_gets_its_own_fields_and_its_own_price(app: App, far: Far) -> None:
    told = await trained(app, trainer=catalog.FAST_TRAINER, steps=600, kind=Kind.STYLE)
    assert told.training.state is JobState.SUCCEEDED
    [sent] = sent_to_trainers(far)
    assert set(sent) == {"input_images", "trigger_word", "training_steps", "lora_type"}
    assert (sent["training_steps"], sent["lora_type"]) == (600, "style")
    assert await spent(app) == told.training.cost == far.world.billed


IMPORT = {"pretrained": FOUND, "steps": 1000}


async def test_an_import_needs_no_photos_and_paints(app: App, far: Far) -> None:
    told = await trained(app, photos_too=False, **IMPORT)
    assert told.training.state is JobState.SUCCEEDED
    [sent] = sent_to_trainers(far)
    assert sent == {catalog.PRETRAINED: FOUND, "trigger_word": "ZIKI", "autocaption_suffix": "t1"}
    assert far.asked("POST", "/v1/files") == 0
    assert told.sheet is not None
    assert await spent(app) == told.training.cost == far.world.billed


@pytest.mark.parametrize("how", [{"lost": True, "after_effect": True}, {"status": 502, "after_effect": True}], ids=str)
async def test_an_import_with_an_unclear_answer_is_paid_once(app: App, far: Far, how: dict[str, object]) -> None:
    far.goes_wrong(CREATE, **how)
    assert (await trained(app, photos_too=False, **IMPORT)).training.state is JobState.SUCCEEDED
    assert far.paid("trainings") == 1


async def test_two_imports_of_one_lora_are_not_taken_for_each_other(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, lost=True, after_effect=True, times=2)
    await begun(app, photos_too=False, **IMPORT)
    await begun(app, "t2", photos_too=False, name="other", **IMPORT)
    for job_id in ("t1", "t2"):
        await app.told(job_id)
    assert far.paid("trainings") == 2
    runs = {made.input["autocaption_suffix"]: made.id for made in far.world.created if made.kind == "trainings"}
    for job_id in ("t1", "t2"):
        assert (await app.store.trainings.get(job_id)).remote_id == runs[job_id]


async def test_a_lora_that_is_not_there_is_told(app: App, far: Far) -> None:
    nowhere = "https://huggingface.co/nobody/nothing/resolve/main/lora.safetensors"
    told = await trained(app, photos_too=False, pretrained=nowhere)
    assert (told.training.state, told.version) == (JobState.FAILED, None)
    assert "Hugging Face did not hand the file over" in sentences.of(told.training.error)
    assert await spent(app) == told.training.cost


async def test_a_fine_tune_is_private_unless_its_owner_wants_it_public(app: App, far: Far) -> None:
    await trained(app)
    await trained(app, "t2", name="seen", public=True)
    models = {model.name: model.visibility for model in far.world.state.models.values()}
    assert models == {"atelier-ziki-t1": "private", "atelier-seen-t2": "public"}
    assert (await app.studio.fine_tunes.publish(ANNA, "seen")).now == "public"
    assert (await trained(app, "t3", name="seen")).training.state is JobState.SUCCEEDED


async def test_what_became_public_without_its_owner_is_trained_no_further(app: App, far: Far) -> None:
    await trained(app)
    [model] = far.world.state.models.values()
    model.visibility = "public"
    assert (await trained(app, "t2")).training.state is JobState.FAILED
    assert (await app.studio.fine_tunes.publish(ANNA, "ziki")).now == "public"
    assert (await trained(app, "t3")).training.state is JobState.SUCCEEDED
    assert (await app.studio.fine_tunes.unpublish(ANNA, "ziki")).now == "public"
    assert (await trained(app, "t4")).training.state is JobState.FAILED


async def test_nobody_else_starts_or_discards_it(app: App) -> None:
    await keep_waiting(app.store, dataset("t1", created_at=just_now()))
    for act in (app.studio.trainings.start, app.studio.trainings.discard):
        with pytest.raises(UserError, match="no longer here"):
            await act(BEN, "t1")


def _everything(folder: Path) -> list[bytes]:
    """Read both databases, each one's log first: a checkpoint moves what is in it into the file."""
    kept = list[bytes]()
    for path in [*folder.glob("*.db-wal"), *folder.glob("*.db")]:
        with contextlib.suppress(FileNotFoundError):  # the last connection to go takes its log with it
            kept.append(path.read_bytes())
    return kept
