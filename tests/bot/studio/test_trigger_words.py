"""Whose picture it is: which words a fine-tune may have, whom they load it for, and what is held back."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain import sentences
from bot.domain.entities import Actor, FineTune, Generation, Variant
from bot.errors import UserError
from bot.studio.requests import (
    AdoptRequest,
    CompareRequest,
    ImagineRequest,
    ImportRequest,
    TrainRequest,
    Unshared,
    Withheld,
)
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN

ORDINARY = ("a", "dog", "the", "Photo", "LIGHTHOUSE", "Leuchtturm", "perro", "chien", "hond", "ab", "35mm", "TOK")
CLIFF = "a lighthouse on a cliff, a photo of the dog"


async def imagine(at: Rooms, actor: Actor, prompt: str, job_id: str = "g1", **options: object) -> Generation:
    request = ImagineRequest(prompt=prompt, **options)  # pyright: ignore[reportArgumentType] - the test names its fields
    return await at.studio.generations.imagine(actor, job_id, request)


async def refusal(at: Rooms, door: str, words: str, name: str = "new") -> str:
    """Ask for a fine-tune with a trigger word, and return why not."""
    trainings = at.studio.trainings
    given: dict[str, Any] = {"name": name, "trigger_word": words}
    asked = {
        "train": lambda: trainings.prepare(ANNA, "t1", TrainRequest(**given), []),
        "import": lambda: trainings.prepare_import(ANNA, "t1", ImportRequest(**given, url="a/b")),
        "adopt": lambda: at.studio.fine_tunes.adopt(ANNA, AdoptRequest(**given, model="fofr/cars")),
    }
    with pytest.raises(UserError) as refused:
        await asked[door]()
    return refused.value.text


@pytest.mark.parametrize("door", ["train", "import", "adopt"])
@pytest.mark.parametrize(
    "words",
    [*ORDINARY, "t-shirt", "bokeh", "selfies", "watercolour", "HDR", "isnt"],
)
async def test_an_ordinary_word_is_refused_wherever_a_fine_tune_gets_its_word(at: Rooms, door: str, words: str) -> None:
    told = await refusal(at, door, words)
    assert told.startswith(f"`{words}` is ")
    better = told.split("for example `")[1].split("`")[0]
    assert better.endswith(words) is (door != "train")
    draft = await at.studio.trainings.prepare_import(
        ANNA, "t2", ImportRequest(name="new", trigger_word=better, url="a/b")
    )
    assert draft.dataset.plan.trigger_word == better


async def test_the_suggested_word_is_nobodys_yet(at: Rooms) -> None:
    first = (await refusal(at, "train", "dog")).split("for example `")[1].split("`")[0]
    await at.furnish(BEN, "theirs", trigger=first, shared=True)
    second = (await refusal(at, "train", "dog")).split("for example `")[1].split("`")[0]
    assert first != second


@pytest.mark.parametrize("words", ["bad 70s food", "ZIKI", "in the style of ZIKI", "a ZIKI"])
async def test_a_phrase_may_have_ordinary_words_in_it(at: Rooms, words: str) -> None:
    request = ImportRequest(name="new", trigger_word=words, url="a/b")
    draft = await at.studio.trainings.prepare_import(ANNA, "t1", request)
    assert draft.dataset.plan.trigger_word == words
    assert draft.by_name is (words == "bad 70s food")


@pytest.mark.parametrize("words", ["a", "the", "photo", "dog", "on a cliff"])
async def test_nobody_takes_everybodys_prompts_over(at: Rooms, words: str) -> None:
    """An old fine-tune keeps an ordinary word; by itself it is loaded for its owner alone, shared or not."""
    entry = await at.furnish(BEN, "theirs", trigger=words)
    await imagine(at, ANNA, CLIFF, "g1")
    card = await at.studio.fine_tunes.share(BEN, "theirs")
    assert card.by_name
    made = await imagine(at, ANNA, CLIFF, "g2")
    assert (made.fine_tune_id, made.recipe.model, made.recipe.prompt, made.note) == (None, "schnell", CLIFF, ())
    assert (await imagine(at, BEN, CLIFF, "g3")).fine_tune_id == entry.id
    named = await imagine(at, ANNA, "at sea", "g4", model="theirs")
    assert (named.fine_tune_id, named.recipe.prompt) == (entry.id, f"{words}, at sea")


async def test_a_fine_tune_is_trained_on_under_the_ordinary_word_that_it_has(at: Rooms) -> None:
    await at.furnish(ANNA, "old", trigger="dog")
    request = ImportRequest(name="old", trigger_word="Dog", url="a/b")
    assert (await at.studio.trainings.prepare_import(ANNA, "t1", request)).version == 2
    assert "ordinary" in await refusal(at, "import", "dog", "new")
    assert "ordinary" in await refusal(at, "import", "cat", "old")


async def test_variant_chooses_the_base_and_model_asks_for_plain_flux(at: Rooms) -> None:
    entry = await at.furnish(ANNA, "mine")
    tuned = await imagine(at, ANNA, "ZIKI at sea", "g1", variant=Variant.SCHNELL)
    assert (tuned.fine_tune_id, tuned.recipe.model) == (entry.id, "fine-tune-schnell")
    plain = await imagine(at, ANNA, "ZIKI at sea", "g2", model="dev")
    assert (plain.fine_tune_id, plain.recipe.model) == (None, "dev")
    theirs = await imagine(at, BEN, "ZIKI at sea", "g3", model="dev")
    assert theirs.recipe.model == "dev"


async def test_a_phrase_loads_its_fine_tune_in_any_script_and_is_not_written_twice(at: Rooms) -> None:
    entry = await at.furnish(BEN, "theirs", trigger="bad ZIKI food", shared=True)
    for number, prompt in enumerate(["Bad  ziki\nfood on a plate", "皿の上のbad ZIKI foodの写真"]):
        made = await imagine(at, ANNA, prompt, f"g{number}")
        assert (made.fine_tune_id, made.recipe.prompt) == (entry.id, prompt)
    sign = await imagine(at, ANNA, 'a sign that says "bad ZIKI food"', "g9")
    assert (sign.fine_tune_id, sign.note) == (None, ())


async def test_a_newer_fine_tune_does_not_take_an_older_ones_word_over(at: Rooms) -> None:
    older = await at.furnish(BEN, "zoe", shared=True)
    newer = await at.furnish(Actor(guild_id=BEN.guild_id, user_id=77, channel_id=BEN.channel_id), "abe", shared=True)
    made = await imagine(at, ANNA, "ZIKI at sea")
    assert made.fine_tune_id == older.id
    assert "also fits abe" in sentences.all_of(made.note)
    mine = await at.furnish(ANNA, "mine")
    longer = await at.furnish(ANNA, "more", trigger="ZIKI dog")
    assert (await imagine(at, ANNA, "ZIKI at sea", "g2")).fine_tune_id == mine.id
    assert (await imagine(at, ANNA, "a ZIKI dog at sea", "g3")).fine_tune_id == longer.id
    assert newer.id > older.id


async def rivals(at: Rooms, actor: Actor, words: str, name: str = "new") -> list[FineTune]:
    request = ImportRequest(name=name, trigger_word=words, url="a/b")
    return list((await at.studio.trainings.prepare_import(actor, f"t-{name}", request)).rivals)


async def test_what_else_a_trigger_names_is_told_before_a_training_starts(at: Rooms) -> None:
    mine = await at.furnish(ANNA, "mine")
    theirs = await at.furnish(BEN, "theirs", trigger="the ziki look", shared=True)
    await at.furnish(BEN, "hidden")
    await at.furnish(ANNA_ELSEWHERE, "there", shared=True)
    await at.furnish(BEN, "food", trigger="bad food", shared=True)
    assert await rivals(at, ANNA, "Ziki") == [mine, theirs]
    assert await rivals(at, ANNA, "ZIKI", "mine") == [theirs]
    assert await rivals(at, ANNA, "ZIKIX") == []
    assert await rivals(at, ANNA, "bad food ZIKO") == []


async def test_a_prompt_that_names_what_is_not_shared_is_held_before_it_costs(at: Rooms) -> None:
    await at.furnish(BEN, "secret")
    await at.furnish(BEN, "dog", trigger="bad dog")
    with pytest.raises(Withheld) as held:
        await imagine(at, ANNA, "a bad dog and ziki at sea", count=2)
    assert held.value.unshared == [Unshared(words="ziki", owner_id=BEN.user_id)]
    assert await at.store.generations.find("g1") is None
    batch = await at.studio.batches.hold(ANNA, held.value)
    assert (batch.pictures, batch.estimate, batch.wishes[0].fine_tune_id) == (2, 6_000, None)
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.batches.paint(BEN, batch.id)
    [made] = await at.studio.batches.paint(ANNA, batch.id)
    assert (made.id, made.recipe.prompt, made.estimate) == ("g1", "a bad dog and ziki at sea", 6_000)
    with pytest.raises(UserError, match="painted already"):
        await at.studio.batches.paint(ANNA, batch.id)


async def test_other_words_for_a_picture_are_held_too(at: Rooms) -> None:
    await at.furnish(BEN, "secret")
    first = await imagine(at, ANNA, "a fox", "g1", model="dev", seed=7, settings={"steps": 9})
    generations = at.studio.generations
    for change in (generations.edit, generations.same_seed):
        with pytest.raises(Withheld) as held:
            await change(ANNA, "g2", "g1", "ziki at sea")
        assert held.value.unshared == [Unshared(words="ziki", owner_id=BEN.user_id)]
    assert await at.store.generations.find("g2") is None
    await at.studio.batches.hold(ANNA, held.value)
    [made] = await at.studio.batches.paint(ANNA, "g2")
    assert made.recipe == replace(first.recipe, prompt="ziki at sea")
    assert (await generations.again(ANNA, "g3", "g2")).recipe.prompt == "ziki at sea"  # as was agreed to
    assert (await generations.edit(ANNA, "g4", "g2", "Ziki on land")).recipe.prompt == "Ziki on land"


async def test_other_words_for_a_picture_say_what_they_do_not_load(at: Rooms) -> None:
    await at.furnish(ANNA, "mine")
    await imagine(at, ANNA, "a fox", "g1")
    edited = await at.studio.generations.edit(ANNA, "g2", "g1", "ZIKI at sea")
    assert edited.fine_tune_id is None
    assert sentences.all_of(edited.note).startswith(
        "`ZIKI` did not load **mine**, as this paints like the picture before: run /imagine"
    )
    await imagine(at, ANNA, "ZIKI at sea", "g3")
    assert (await at.studio.generations.edit(ANNA, "g4", "g3", "ZIKI on land")).note == ()


async def test_what_loads_goes_before_what_is_not_shared(at: Rooms) -> None:
    await at.furnish(BEN, "secret")
    mine = await at.furnish(ANNA, "mine")
    assert (await imagine(at, ANNA, "ZIKI at sea")).fine_tune_id == mine.id
    await at.furnish(BEN, "other", trigger="MOPSI")
    with pytest.raises(Withheld) as held:
        await imagine(at, ANNA, "ZIKI and MOPSI", "g2")
    assert [one.words for one in held.value.unshared] == ["MOPSI"]
    batch = await at.studio.batches.hold(ANNA, held.value)
    assert batch.wishes[0].fine_tune_id == mine.id


async def test_an_unfinished_fine_tune_of_anothers_is_not_told_of(at: Rooms) -> None:
    await at.furnish(BEN, "unfinished", versions=0)
    assert (await imagine(at, ANNA, "ZIKI at sea")).fine_tune_id is None


async def test_choices_and_comparisons_tell_of_what_is_not_shared(at: Rooms) -> None:
    await at.furnish(BEN, "secret")
    await at.furnish(BEN, "other", trigger="MOPSI")
    asked = ImagineRequest(prompt="{ZIKI|MOPSI|a fox} at sea")
    assert [one.words for one in await at.studio.generations.unshared(ANNA, asked)] == ["MOPSI", "ZIKI"]
    assert len((await at.studio.batches.prepare(ANNA, "b1", asked)).wishes) == 3
    with pytest.raises(Withheld):
        await at.studio.comparisons.prepare(ANNA, "b2", CompareRequest(prompt="ZIKI at sea"))
    plain = CompareRequest(prompt="ZIKI at sea", models=("dev", "schnell"))
    assert await at.studio.comparisons.unshared(ANNA, plain) == ()
    assert len((await at.studio.comparisons.prepare(ANNA, "b3", plain)).wishes) == 2
