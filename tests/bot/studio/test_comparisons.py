"""One prompt over several models or LoRA scales: priced first, owned by one, painted all or not at all."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain import sentences
from bot.domain.catalog import FINE_TUNE_DEV
from bot.domain.entities import Batch, JobState, Setting
from bot.domain.policy import Budgets
from bot.errors import UserError
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio.requests import CompareRequest, ImagineRequest
from tests.bot.studio.rooms import Rooms, rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN

ZIKI = CompareRequest(prompt="ziki at sea", seed=7)


@pytest.fixture
async def at(store: Store, tmp_path: Path, remote: Replicate) -> Rooms:
    """Have two fine-tunes of Anna's, one of them shared with Ben."""
    found = rooms(store, tmp_path, remote)
    await found.furnish(ANNA, "ziki", versions=2)
    await found.furnish(ANNA, "mops", trigger="MOPSI", shared=True)
    return found


def scales(batch: Batch) -> list[Setting | None]:
    return [wish.recipe.settings.get("lora_scale") for wish in batch.wishes]


async def refused(at: Rooms, **changes: Any) -> str:
    with pytest.raises(UserError) as caught:
        await at.studio.comparisons.prepare(ANNA, "b1", replace(ZIKI, **changes))
    assert await at.store.undecided.batch("b1") is None
    return str(caught.value)


def labels(batch: Batch) -> tuple[str, ...]:
    assert batch.comparison
    return batch.comparison.labels


async def test_a_trigger_word_alone_is_compared_over_scales(at: Rooms) -> None:
    batch = await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    assert labels(batch) == ("LoRA scale 0.6", "LoRA scale 0.8", "LoRA scale 1.0", "LoRA scale 1.2")
    assert scales(batch) == [0.6, 0.8, 1.0, 1.2]
    assert {wish.recipe.seed for wish in batch.wishes} == {7}
    assert {sentences.all_of(wish.note) for wish in batch.wishes} == {"`ZIKI` loaded **ziki**."}
    assert batch.estimate == 4 * at.services.prices.picture_estimate(FINE_TUNE_DEV, 1)
    assert await at.store.spent(ANNA, batch.created_at) == (0, 0)
    assert at.started.flows == []


async def test_models_are_compared_side_by_side_each_by_its_own_trigger_word(at: Rooms) -> None:
    request = replace(ZIKI, models=("ziki", "mops", "dev"), seed=None)
    batch = await at.studio.comparisons.prepare(ANNA, "b1", request)
    assert labels(batch) == ("ziki", "mops", "FLUX.1 dev")
    assert [wish.recipe.prompt for wish in batch.wishes] == ["ziki at sea", "MOPSI at sea", "ziki at sea"]
    assert len({wish.recipe.seed for wish in batch.wishes}) == 1
    assert [wish.version for wish in batch.wishes] == [2, 1, None]


async def test_versions_and_scales_make_a_grid(at: Rooms) -> None:
    [ziki] = [card.fine_tune.id for card in await at.studio.fine_tunes.list(ANNA) if card.fine_tune.name == "ziki"]
    models = (f"ft:{ziki}:1", f"ft:{ziki}:2", "schnell")
    batch = await at.studio.comparisons.prepare(ANNA, "b1", replace(ZIKI, models=models, scales=(0.5, 1.0)))
    assert labels(batch) == (
        "ziki v1 at 0.5",
        "ziki v1 at 1.0",
        "ziki v2 at 0.5",
        "ziki v2 at 1.0",
        "FLUX.1 schnell",
    )
    assert scales(batch) == [0.5, 1.0, 0.5, 1.0, None]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompt": "a sea"}, "nothing to compare"),
        ({"models": ("dev",)}, "nothing to compare"),
        ({"scales": (1.0,)}, "nothing to compare"),
        ({"models": ("ziki", "ZIKI ")}, "nothing to compare"),
        ({"models": ("ziki", "nobody")}, "no fine-tune `nobody`"),
        ({"prompt": "ziki {here|there}"}, "of one prompt"),
        ({"scales": tuple(n / 10 for n in range(9))}, "This would be 9 pictures"),
        ({"scales": (0.5, 3.5)}, "between -1 and 3"),
        ({"models": ("ziki", "2-flex")}, "switched off"),
        ({"models": ("ziki", "fill-pro")}, "from words alone"),
    ],
    ids=str,
)
async def test_what_cannot_be_compared_is_refused_before_anything_is_kept(
    at: Rooms, changes: dict[str, Any], words: str
) -> None:
    assert words in await refused(at, **changes)


async def test_pressing_twice_pays_once_and_keeps_every_picture_under_its_sheet(at: Rooms) -> None:
    batch = await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    ends = await asyncio.gather(*(at.studio.batches.paint(ANNA, "b1") for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(end, UserError) for end in ends) == [False, True, True, True]
    assert set(at.started.flows) == {("compare", "b1")}
    job = await at.store.comparisons.get("b1")
    assert (job.estimate, job.prompt, job.labels) == (batch.estimate, "ziki at sea", labels(batch))
    cells = await at.store.generations.parts_of("b1")
    assert [cell.recipe for cell in cells] == [wish.recipe for wish in batch.wishes]
    assert await at.store.spent(ANNA, job.created_at) == (batch.estimate, batch.estimate)
    assert (await at.studio.jobs.running(ANNA))[0].job == job


async def test_what_the_budget_does_not_bear_is_not_begun(store: Store, tmp_path: Path, remote: Replicate) -> None:
    at = rooms(store, tmp_path, remote, budgets=Budgets(member=13_000, guild=10**9))  # one picture's worth
    await at.furnish(ANNA, "ziki")
    await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    with pytest.raises(UserError):
        await at.studio.batches.paint(ANNA, "b1")
    assert (await store.comparisons.find("b1"), await store.generations.parts_of("b1")) == (None, [])
    assert at.started.flows == []


async def test_nobody_else_paints_or_discards_it(at: Rooms) -> None:
    await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    for actor in (BEN, ANNA_ELSEWHERE):
        for act in (at.studio.batches.paint, at.studio.batches.discard):
            with pytest.raises(UserError, match="no longer here"):
                await act(actor, "b1")
    await at.studio.batches.discard(ANNA, "b1")
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.batches.paint(ANNA, "b1")


async def test_a_fine_tune_that_is_shared_no_longer_is_not_compared(at: Rooms) -> None:
    await at.studio.comparisons.prepare(BEN, "b1", CompareRequest(prompt="mopsi at sea"))
    await at.studio.fine_tunes.unshare(ANNA, "mops")
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.batches.paint(BEN, "b1")


async def test_a_result_is_compared_over_scales_with_all_else_as_it_was(at: Rooms) -> None:
    wish = ImagineRequest(
        prompt="ziki at sea", seed=9, settings={"lora_scale": 0.7, "aspect_ratio": "16:9", "steps": 20}
    )
    source = await at.studio.generations.imagine(ANNA, "g1", replace(wish, count=3))
    batch = await at.studio.comparisons.prepare_like(ANNA, "b1", "g1")
    assert scales(batch) == [0.6, 0.8, 1.0, 1.2]
    for cell in batch.wishes:
        settings = {**cell.recipe.settings, "lora_scale": 0.7}
        assert replace(cell.recipe, count=3, settings=settings) == source.recipe


async def test_a_result_without_a_lora_is_compared_over_fluxs_models(at: Rooms) -> None:
    wish = ImagineRequest(prompt="a sea", model="1.1-pro", seed=9, settings={"aspect_ratio": "16:9"})
    await at.studio.generations.imagine(ANNA, "g1", wish)
    batch = await at.studio.comparisons.prepare_like(BEN, "b1", "g1")
    assert labels(batch) == ("FLUX.1 schnell", "FLUX.1 dev", "FLUX.1 pro", "FLUX.1.1 pro")
    assert {(cell.recipe.prompt, cell.recipe.seed) for cell in batch.wishes} == {("a sea", 9)}
    assert {cell.recipe.settings["aspect_ratio"] for cell in batch.wishes} == {"16:9"}
    assert {cell.owner_id for cell in batch.wishes} == {BEN.user_id}


async def test_what_one_may_not_see_or_use_is_not_compared(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="ziki at sea"))
    with pytest.raises(UserError, match="no longer available"):
        await at.studio.comparisons.prepare_like(ANNA_ELSEWHERE, "b1", "g1")
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.comparisons.prepare_like(BEN, "b1", "g1")


async def test_cancelling_cancels_every_picture(at: Rooms) -> None:
    await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    await at.studio.batches.paint(ANNA, "b1")
    with pytest.raises(UserError, match="Only the person"):
        await at.studio.jobs.cancel(BEN, "b1")
    assert (await at.studio.jobs.cancel(ANNA, "b1")).cancel_requested
    assert all(cell.cancel_requested for cell in await at.store.generations.parts_of("b1"))


async def test_only_its_owner_deletes_a_sheet_with_its_pictures(at: Rooms, tmp_path: Path) -> None:
    await at.studio.comparisons.prepare(ANNA, "b1", ZIKI)
    await at.studio.batches.paint(ANNA, "b1")
    with pytest.raises(UserError, match="still being painted"):
        await at.studio.comparisons.delete(ANNA, "b1")
    for cell in await at.store.generations.parts_of("b1"):
        await at.store.generations.end(cell.id, JobState.SUCCEEDED, 0, 0.0)
    await at.store.comparisons.end("b1", JobState.SUCCEEDED, 0, 0.0)
    sheet = tmp_path / "pictures" / "b1" / "sheet.jpg"
    sheet.parent.mkdir(parents=True)
    sheet.write_bytes(b"a sheet")
    for actor, words in ((BEN, "Only the person"), (ANNA_ELSEWHERE, "no longer available")):
        with pytest.raises(UserError, match=words):
            await at.studio.comparisons.delete(actor, "b1")
    assert sheet.exists()
    assert (await at.studio.comparisons.delete(ANNA, "b1")).id == "b1"
    assert not sheet.exists()
    with pytest.raises(UserError, match="is deleted"):
        await at.studio.jobs.outcome(ANNA, "b1")
