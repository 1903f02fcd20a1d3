"""Two LoRAs in one picture, LoRAs from elsewhere, and whose each may be."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain import sentences
from bot.domain.entities import FineTune, Generation, Variant, Version
from bot.errors import NameTaken, UserError
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW, dataset, fine_tune, keep_waiting, plan

TAR = "https://replicate.delivery/xezq/4f/trained_model.tar"
OLD = {"prompt": {}, "model": {}, "lora_scale": {"minimum": -1, "maximum": 2}, "num_outputs": {}, "seed": {}}


async def imagine(at: Rooms, prompt: str = "at sea", job_id: str = "g1", **options: Any) -> Generation:
    own = {name: options.pop(name) for name in ("model", "variant") if name in options}
    return await at.studio.generations.imagine(ANNA, job_id, ImagineRequest(prompt=prompt, settings=options, **own))


async def adopted(at: Rooms, **changes: Any) -> FineTune:
    entry = fine_tune(ANNA, "cars", trigger_word="pixar car", adopted=True, destination="fofr/cars", **changes)
    version = Version(
        fine_tune_id=0, number=1, remote="fofr/cars:" + "e" * 64, training_id=None, takes=OLD, created_at=NOW
    )
    return await at.store.fine_tunes.adopt(entry, version)


async def test_two_people_in_one_picture(at: Rooms) -> None:
    anna = await at.furnish(ANNA, "anna", trigger="ZIKI")
    bora = await at.furnish(BEN, "bora", trigger="BORA", shared=True)
    made = await imagine(at, model="anna", second_lora=f"ft:{bora.id}", second_scale=0.7, lora_scale=0.9)
    assert (made.fine_tune_id, made.recipe.second_id, made.recipe.second) == (anna.id, bora.id, "bora")
    assert made.recipe.prompt == "ZIKI, BORA, at sea"
    assert sentences.all_of(made.note) == "Added the trigger word `ZIKI`. Added the trigger word `BORA`."
    sent = made.recipe.settings
    assert (sent["extra_lora"], sent["extra_lora_scale"]) == (f"atelier-demo/bora/{1:064x}", 0.7)
    assert sent["lora_scale"] == 0.9


async def test_a_training_that_told_where_its_weights_are_is_loaded_from_there(at: Rooms) -> None:
    await at.furnish(ANNA, "anna")
    bora = await at.furnish(ANNA, "bora", trigger="BORA")
    [job] = await at.store.trainings.of_fine_tune(bora.id) or [None]
    assert job is None
    newest = await at.store.trainings.get("10-1-bora-1")
    await at.store.fine_tunes.add_version(replace(newest, id="later"), "atelier-demo/bora:2", NOW, weights=TAR)
    made = await imagine(at, model="anna", second_lora="bora")
    assert made.recipe.settings["extra_lora"] == TAR
    old = await imagine(at, job_id="g2", model="anna", second_lora=f"ft:{bora.id}:1")
    assert old.recipe.settings["extra_lora"] == f"atelier-demo/bora/{1:064x}"


async def test_both_trigger_words_in_the_prompt_lead_to_both(at: Rooms) -> None:
    await at.furnish(ANNA, "anna", trigger="ZIKI")
    await at.furnish(ANNA, "bora", trigger="BORA")
    made = await imagine(at, "ZIKI and BORA at sea")
    assert sentences.all_of(made.note) == "`ZIKI` loaded **anna**. For `BORA` too, add `second_lora: bora`."
    both = await imagine(at, "ZIKI and BORA at sea", job_id="g2", second_lora="bora")
    other = await imagine(at, "ZIKI and BORA at sea", job_id="g3", second_lora="anna")
    assert (other.recipe.second, sentences.all_of(other.note)) == ("anna", "`BORA` loaded **bora**.")
    assert both.recipe.prompt == "ZIKI and BORA at sea"
    assert sentences.all_of(both.note) == "`ZIKI` loaded **anna**."


@pytest.mark.parametrize("word", ["ziki", "ZIKI2"])
async def test_trigger_words_that_cannot_be_told_apart_are_warned_of(at: Rooms, word: str) -> None:
    await at.furnish(ANNA, "anna", trigger="ZIKI")
    await at.furnish(ANNA, "bora", trigger=word)
    made = await imagine(at, f"ZIKI and {word}", model="anna", second_lora="bora")
    assert sentences.all_of(made.note).startswith("Both answer to `ZIKI`")


async def test_a_second_lora_needs_a_right_to_it_now_and_later(at: Rooms) -> None:
    await at.furnish(ANNA, "anna")
    bora = await at.furnish(BEN, "bora", trigger="BORA")
    there = await at.furnish(ANNA_ELSEWHERE, "there", shared=True)
    for ref in ("bora", f"ft:{bora.id}", f"ft:{there.id}", "ft:999"):
        with pytest.raises(UserError, match="There is no fine-tune"):
            await imagine(at, model="anna", second_lora=ref)
    await at.studio.fine_tunes.share(BEN, "bora")
    await imagine(at, model="anna", second_lora="bora")
    batch = await at.studio.batches.prepare(
        ANNA, "b1", ImagineRequest(prompt="a {red|blue} sea", model="anna", settings={"second_lora": "bora"})
    )
    assert (await at.studio.generations.again(ANNA, "g2", "g1")).recipe.second_id == bora.id
    edited = await at.studio.generations.edit(ANNA, "g3", "g1", "in the snow")
    assert edited.recipe.prompt == "ZIKI, BORA, in the snow"
    await at.studio.fine_tunes.unshare(BEN, "bora")
    with pytest.raises(UserError, match=r"There is no fine-tune .* by that choice: .* `/models share"):
        await at.studio.generations.again(ANNA, "g4", "g1")
    with pytest.raises(UserError) as refused:
        await imagine(at, model="anna?token=0123abcd")
    assert "0123abcd" not in refused.value.text
    with pytest.raises(UserError, match="There is no fine-tune"):
        await at.studio.batches.paint(ANNA, batch.id)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"second_lora": "fofr/cars"}, "FLUX.1 schnell takes no second_lora"),
        ({"model": "anna", "second_lora": "anna"}, r"\*\*anna\*\* paints already"),
        ({"model": "anna", "second_scale": 0.5}, "give `second_lora` too"),
        ({"model": "anna", "second_lora": "fofr/cars", "second_scale": 4}, "second_scale must be between -1 and 3"),
        ({"model": "anna", "second_lora": "http://x/y"}, "A LoRA is given as"),
        ({"model": "anna", "second_lora": "atelier-demo/atelier-ben-1"}, "account that Atelier works with"),
        ({"lora": "https://replicate.com/Atelier-Demo/x"}, "account that Atelier works with"),
        ({"lora": "anna"}, "A LoRA is given as"),
        ({"lora": "ft:1"}, "A LoRA is given as"),
        ({"lora": "anna/"}, "A LoRA is given as"),
        ({"lora": "fofr/cars", "model": "anna"}, "given as `second_lora`"),
        ({"lora": "fofr/cars", "model": "1.1-pro"}, "FLUX.1.1 pro takes no lora"),
        ({"lora": "fofr/cars", "variant": Variant.SCHNELL, "second_lora": "fofr/80s"}, "takes no second_lora"),
        ({"lora": "fofr/cars", "second_lora": "fofr/cars"}, "paints already"),
        ({"model": "anna", "prompt_strength": 0.5}, "give that as `image` too"),
        ({"model": "dev-lora"}, "give its name or address as `lora`"),
        ({"model": "anna", "go_fast": "perhaps"}, "go_fast must be yes or no"),
    ],
    ids=str,
)
async def test_what_cannot_be_loaded_costs_nothing(at: Rooms, options: dict[str, Any], words: str) -> None:
    await at.furnish(ANNA, "anna")
    with pytest.raises(UserError, match=words):
        await imagine(at, **options)
    assert await at.store.generations.find("g1") is None


@pytest.mark.parametrize(
    ("options", "key", "remote"),
    [
        ({}, "dev-lora", "black-forest-labs/flux-dev-lora"),
        ({"model": "dev"}, "dev-lora", "black-forest-labs/flux-dev-lora"),
        ({"variant": Variant.SCHNELL}, "schnell-lora", "black-forest-labs/flux-schnell-lora"),
        ({"model": "schnell-lora"}, "schnell-lora", "black-forest-labs/flux-schnell-lora"),
    ],
)
async def test_plain_flux_takes_a_lora_from_elsewhere(
    at: Rooms, options: dict[str, Any], key: str, remote: str
) -> None:
    await at.furnish(ANNA, "anna")
    made = await imagine(at, "ZIKI at sea", lora="https://huggingface.co/fofr/80s", lora_scale=0.8, **options)
    assert (made.recipe.model, made.recipe.remote, made.fine_tune_id) == (key, remote, None)
    assert made.recipe.settings["lora_weights"] == "huggingface.co/fofr/80s"
    assert made.recipe.settings["lora_scale"] == 0.8


async def test_a_fine_tune_takes_a_second_lora_from_elsewhere(at: Rooms) -> None:
    await at.furnish(ANNA, "anna")
    made = await imagine(at, model="anna", second_lora="huggingface.co/fofr/80s")
    assert (made.recipe.second, made.recipe.second_id) == ("huggingface.co/fofr/80s", None)
    assert made.recipe.settings["extra_lora"] == "huggingface.co/fofr/80s"
    assert (await at.studio.generations.again(ANNA, "g2", "g1")).recipe.second == made.recipe.second


async def test_what_was_adopted_paints_like_any_other_with_what_its_version_takes(at: Rooms) -> None:
    cars = await adopted(at)
    made = await imagine(at, "a Pixar Car on a road")
    assert (made.fine_tune_id, made.recipe.remote) == (cars.id, "fofr/cars:" + "e" * 64)
    assert dict(made.recipe.settings) == {"model": "dev", "lora_scale": 1.0}
    assert made.recipe.prompt == "a Pixar Car on a road"
    with pytest.raises(UserError, match="takes no go_fast"):
        await imagine(at, job_id="g2", model="cars", go_fast=True)
    with pytest.raises(UserError, match="lora_scale must be between -1 and 2"):
        await imagine(at, job_id="g3", model="cars", lora_scale=3.0)
    assert (await imagine(at, job_id="g4", model="cars", variant=Variant.SCHNELL)).recipe.settings["model"] == "schnell"
    row = await at.studio.generations.takes(ANNA, ImagineRequest(prompt="", model="cars"))
    assert [field.name for field in row.fields] == ["prompt", "num_outputs", "seed", "lora_scale"]


async def test_what_was_adopted_is_not_trained_into_and_shares_no_name(at: Rooms) -> None:
    await adopted(at)
    with pytest.raises(NameTaken, match="cars"):
        await adopted(at)
    await keep_waiting(at.store, dataset("t9", plan=plan(name="cars")))
    with pytest.raises(UserError, match=r"\*\*cars\*\* was trained elsewhere\. Train your photos under another name"):
        await at.studio.trainings.start(ANNA, "t9")
    assert (await at.studio.fine_tunes.share(ANNA, "cars")).fine_tune.shared
    assert [card.fine_tune.name for card in await at.studio.fine_tunes.list(BEN)] == ["cars"]


async def test_a_settings_value_is_told_for_what_would_paint(at: Rooms) -> None:
    takes = at.studio.generations.takes
    assert (await takes(ANNA, ImagineRequest(prompt=""))).key == "schnell"
    assert (await takes(ANNA, ImagineRequest(prompt="", settings={"lora": "x"}))).key == "dev-lora"
    await at.furnish(ANNA, "anna")
    assert (await takes(ANNA, ImagineRequest(prompt="ZIKI at"))).key == "fine-tune-dev"
    assert (await takes(BEN, ImagineRequest(prompt="ZIKI at"))).key == "schnell"
