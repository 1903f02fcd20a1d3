"""A LoRA behind a key: it paints, and whoever comes later sees and keeps no key, nor an address that is one."""

from pathlib import Path

import pytest

from bot.domain.entities import Generation, JobState
from bot.domain.outcomes import LOST
from bot.errors import UserError
from bot.studio.requests import ImagineRequest
from cogs.layouts.recipe import recipe as shown
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, BEN, NOW, accept_comparison, comparison

KEY = "a-key-0123456789abcdef"
CIVITAI = "https://civitai.com/api/download/models/746602"
LORAS = {"lora": f"{CIVITAI}?type=Model&token={KEY}"}
ASKED = r"`civitai.com/api/download/models/746602` has a secret.*Show recipe"
OPTIONS = {"lora", "second_lora"}


async def painted(at: Rooms, job_id: str = "g1", prompt: str = "at sea") -> Generation:
    made = await at.studio.generations.imagine(ANNA, job_id, ImagineRequest(prompt=prompt, settings=LORAS))
    assert made.recipe.settings["lora_weights"] == LORAS["lora"]
    return made


def on_disk(at: Rooms) -> list[str]:
    """Name the files that have the key, the database's log among them."""
    return [path.name for path in at.services.data.glob("*.db*") if KEY.encode() in path.read_bytes()]


def seen(generation: Generation) -> str:
    return str(shown(generation, None, OPTIONS).view.to_components())


async def test_a_key_is_shown_to_nobody_even_while_it_is_needed(at: Rooms):
    made = await painted(at)
    assert KEY not in seen(made)
    assert f"lora: {CIVITAI}?type=Model&token=…" in seen(made)


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED])
async def test_a_key_is_kept_until_its_run_is_over_and_no_longer(at: Rooms, tmp_path: Path, state: JobState):
    made = await painted(at)
    assert (await at.store.generations.get("g1")).recipe == made.recipe  # a restart goes on with it
    if state is JobState.SUCCEEDED:
        await at.store.generations.succeed("g1", [], 0, NOW, ())
    else:
        await at.store.generations.end("g1", state, 0, NOW, LOST)
    assert (await at.store.generations.get("g1")).recipe.settings["lora_weights"] == f"{CIVITAI}?type=Model&token=…"
    (row,) = await at.store._database.read(lambda db: list(db.query("SELECT * FROM generations")))
    assert KEY not in str(row)
    assert on_disk(at) == []


async def test_a_key_leaves_the_disk_with_what_waited_for_a_press(at: Rooms):
    request = ImagineRequest(prompt="a {red|blue|green|grey} {fox|dog|cat|owl}", settings=LORAS)
    for batch_id in ("b1", "b2"):
        await at.studio.batches.prepare(ANNA, batch_id, request)
    await at.studio.batches.discard(ANNA, "b1")
    painted = await at.studio.batches.paint(ANNA, "b2")
    assert on_disk(at) != []  # they are being painted
    for wish in painted:
        await at.store.generations.succeed(wish.id, [], 0, NOW, ())
    assert on_disk(at) == []


async def test_again_and_all_that_repeats_asks_for_it_anew(at: Rooms):
    await painted(at)
    await at.store.generations.succeed("g1", [], 0, NOW, ())
    generations = at.studio.generations
    for repeat in (
        generations.find(BEN, "g1"),
        generations.again(BEN, "g2", "g1"),
        generations.edit(BEN, "g2", "g1", "a boat"),
        generations.same_seed(BEN, "g2", "g1", "a boat"),
        at.studio.comparisons.prepare_like(BEN, "b1", "g1"),
    ):
        with pytest.raises(UserError, match=ASKED):
            await repeat
    assert await at.store.generations.find("g2") is None


async def test_a_batch_that_was_painted_keeps_none(at: Rooms):
    request = ImagineRequest(prompt="a {red|blue} fox", settings=LORAS)
    await at.studio.batches.prepare(ANNA, "b1", request)
    await at.studio.batches.paint(ANNA, "b1")
    batch = await at.store.undecided.batch("b1")
    assert batch
    assert KEY not in str(batch)
    [first, _] = [await at.store.generations.get(wish.id) for wish in batch.wishes]
    assert first.recipe.settings["lora_weights"] == LORAS["lora"]


async def test_a_comparison_that_was_painted_keeps_none(at: Rooms):
    request = ImagineRequest(prompt="a {red|blue} fox", settings=LORAS)
    batch = await at.studio.batches.prepare(ANNA, "b1", request)
    await accept_comparison(at.store, comparison("b1"), batch.wishes, batch)
    assert KEY not in str(await at.store.undecided.batch("b1"))


async def test_the_address_of_a_fine_tunes_weights_is_shown_to_nobody(at: Rooms):
    await at.furnish(ANNA, "anna")
    bora = await at.furnish(ANNA, "bora", trigger="BORA")
    request = ImagineRequest(prompt="at sea", model="anna", settings={"second_lora": "bora"})
    made = await at.studio.generations.imagine(ANNA, "g1", request)
    address = str(made.recipe.settings["extra_lora"])
    assert address
    assert address not in seen(made)
    assert "second_lora bora" in seen(made)
    assert f"second_lora: ft:{bora.id}" in seen(made)
