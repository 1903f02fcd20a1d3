"""What a wish for pictures becomes: which model, which values, what it may cost, and who may repeat it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain import sentences
from bot.domain.entities import JobState, Picture, Variant
from bot.domain.policy import Budgets, Policy
from bot.errors import RemoteRefused, UserError
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW

ELSEWHERE_IN_GUILD = replace(BEN, channel_id=101)


OWN_PLACE = ("model", "variant", "count", "seed")
SMALL = {"width": 640, "height": 512}


def wish(prompt: str = "a quiet sea", **options: Any) -> ImagineRequest:
    own = {name: options.pop(name) for name in OWN_PLACE if name in options}
    return ImagineRequest(prompt=prompt, settings=options, **own)


@pytest.mark.parametrize(
    ("options", "key", "settings"),
    [
        ({}, "schnell", {"num_inference_steps": 4}),
        ({"model": "dev"}, "dev", {"num_inference_steps": 28, "guidance": 3.0}),
        ({"variant": Variant.DEV}, "dev", {"num_inference_steps": 28, "guidance": 3.0}),
        ({"model": "dev", "guidance": 0, "steps": 50}, "dev", {"num_inference_steps": 50, "guidance": 0.0}),
        ({"model": "schnell", "variant": Variant.SCHNELL, "steps": 1}, "schnell", {"num_inference_steps": 1}),
        ({"model": "2-pro"}, "2-pro", {}),
        ({"model": "1.1-pro", "width": 640, "height": 512}, "1.1-pro", {"aspect_ratio": "custom"} | SMALL),
        ({"model": "pro", "steps": 30, "guidance": 2}, "pro", {"steps": 30, "guidance": 2.0}),
    ],
)
async def test_plain_flux(at: Rooms, options: dict[str, Any], key: str, settings: dict[str, Any]) -> None:
    made = (await at.studio.generations.imagine(ANNA, "g1", wish(**options))).recipe
    plain = {"aspect_ratio": "1:1", "output_format": "webp", "output_quality": 90}
    assert (made.model, made.settings) == (key, plain | settings)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 5}, "between 1 and 4"),
        ({"model": "dev", "steps": 51}, "between 1 and 50"),
        ({"model": "dev", "guidance": 10.5}, "between 0 and 10"),
        ({"model": "dev", "guidance": float("nan")}, "between 0 and 10"),
        ({"model": "pro", "guidance": 7.5}, "between 2 and 5"),
        ({"guidance": 3.0}, "takes no guidance"),
        ({"lora_scale": 1.0}, "takes no lora_scale"),
        ({"model": "dev", "lora_scale": 1.0}, "takes no lora_scale"),
        ({"model": "dev", "width": 640, "height": 512}, "takes no width"),
        ({"model": "1.1-pro", "width": 640}, "both width and height"),
        ({"model": "1.1-pro", "aspect_ratio": "custom"}, "both width and height"),
        ({"model": "2-pro", "width": 640, "height": 513}, "in steps of 32"),
        ({"model": "2-pro", "count": 2}, "one picture at a time"),
        ({"model": "kontext-pro"}, "not paint from words alone"),
        ({"count": 0}, "between 1 and 4"),
        ({"count": 5}, "between 1 and 4"),
        ({"seed": -1}, "seed must be between"),
        ({"seed": 2**31}, "seed must be between"),
        ({"aspect_ratio": "7:5"}, "aspect_ratio must be one of 1:1, 16:9"),
        ({"model": "dev", "variant": Variant.SCHNELL}, "Leave one out"),
        ({"model": "ghost"}, "no fine-tune `ghost`"),
        ({"model": "ft:999"}, "no fine-tune"),
        ({"model": "ft:" + "9" * 5000}, "no fine-tune"),
        ({"model": "ft:٣"}, "no fine-tune"),
        ({"prompt": " \u200b "}, "empty"),
    ],
    ids=str,
)
async def test_a_value_out_of_range_costs_nothing(at: Rooms, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        await at.studio.generations.imagine(ANNA, "g1", wish(**({"prompt": "a quiet sea"} | options)))
    assert await at.store.generations.find("g1") is None


@pytest.mark.parametrize("variant", [None, Variant.DEV, Variant.SCHNELL])
async def test_a_fine_tune_paints_on_either_model(at: Rooms, variant: Variant | None) -> None:
    tuned = await at.furnish(ANNA, "ziki", versions=2)
    made = await at.studio.generations.imagine(ANNA, "g1", wish(model=f"ft:{tuned.id}", variant=variant))
    assert (made.recipe.settings["model"], made.recipe.settings["lora_scale"]) == (variant or Variant.DEV, 1.0)
    assert (made.recipe.remote, made.version) == (f"atelier-demo/ziki:{2:064x}", 2)
    assert made.recipe.prompt == "ZIKI, a quiet sea"
    assert sentences.all_of(made.note) == "Added the trigger word `ZIKI`."


async def test_a_trigger_word_loads_its_fine_tune_and_says_so(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "portrait")
    made = await at.studio.generations.imagine(ANNA, "g1", wish("ziki at sea"))
    assert (made.fine_tune_id, made.recipe.prompt) == (tuned.id, "ziki at sea")
    assert sentences.all_of(made.note) == "`ZIKI` loaded **portrait**."


async def test_ones_own_trigger_word_goes_before_a_shared_one_and_the_others_are_named(at: Rooms) -> None:
    await at.furnish(BEN, "a-shared", shared=True)
    mine = await at.furnish(ANNA, "mine")
    made = await at.studio.generations.imagine(ANNA, "g1", wish("ZIKI at sea"))
    assert made.fine_tune_id == mine.id
    assert "also fits a-shared" in sentences.all_of(made.note)


async def test_a_trigger_word_of_a_private_fine_tune_is_only_a_word_in_other_guilds(at: Rooms) -> None:
    await at.furnish(ANNA, "mine")
    made = await at.studio.generations.imagine(ANNA_ELSEWHERE, "g1", wish("ZIKI at sea"))
    assert (made.fine_tune_id, made.note) == (None, ())


async def test_a_version_is_asked_for_or_the_default_or_the_newest(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "ziki", versions=3)
    paint = at.studio.generations.imagine
    assert (await paint(ANNA, "g1", wish(model="ziki"))).version == 3
    await at.studio.fine_tunes.set_default(ANNA, "ziki", 2)
    assert (await paint(ANNA, "g2", wish(model="ziki"))).version == 2
    assert (await paint(ANNA, "g3", wish(model=f"ft:{tuned.id}:1"))).version == 1
    with pytest.raises(UserError, match=r"has no version 9\. Its newest is 3"):
        await paint(ANNA, "g4", wish(model=f"ft:{tuned.id}:9"))


async def test_the_same_interaction_is_accepted_once(at: Rooms) -> None:
    first = await at.studio.generations.imagine(ANNA, "g1", wish())
    assert await at.studio.generations.imagine(ANNA, "g1", wish()) == first
    assert (await at.studio.spending.allowance(ANNA)).member_spent == 3_000


async def test_beyond_the_budget_the_sums_are_said(at: Rooms) -> None:
    at.services.policy = Policy(Budgets(member=10_000, guild=10**9))
    await at.studio.generations.imagine(ANNA, "g1", wish(count=3))
    with pytest.raises(UserError, match=r"about \$0\.006\. You have \$0\.001 left of \$0\.010"):
        await at.studio.generations.imagine(ANNA, "g2", wish(count=2))
    assert (await at.studio.spending.allowance(ANNA)).left == 1_000


async def test_nothing_is_accepted_while_replicate_takes_no_money(at: Rooms) -> None:
    at.services.remote.breaker.refused(RemoteRefused(402, "Insufficient credit"))
    with pytest.raises(UserError, match="no credit left"):
        await at.studio.generations.imagine(ANNA, "g1", wish())
    assert await at.store.generations.find("g1") is None


async def test_again_and_edit_have_another_seed_and_same_seed_has_not(at: Rooms) -> None:
    first = await at.studio.generations.imagine(ANNA, "g1", wish(model="dev", seed=7, guidance=3.0))
    again = await at.studio.generations.again(ANNA, "g2", "g1")
    assert again.recipe == replace(first.recipe, seed=again.recipe.seed)
    edit = await at.studio.generations.edit(ANNA, "g3", "g1", "a loud sea")
    assert edit.recipe == replace(first.recipe, prompt="a loud sea", seed=edit.recipe.seed)
    assert len({7, again.recipe.seed, edit.recipe.seed}) == 3
    same = await at.studio.generations.same_seed(ANNA, "g4", "g1", "a loud sea")
    assert same.recipe == replace(first.recipe, prompt="a loud sea")


async def test_editing_keeps_the_trigger_word_and_the_version(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "ziki", versions=2)
    await at.studio.generations.imagine(ANNA, "g1", wish(model=f"ft:{tuned.id}:1"))
    made = await at.studio.generations.edit(ANNA, "g2", "g1", "on a mountain")
    assert (made.recipe.prompt, made.version) == ("ZIKI, on a mountain", 1)


async def test_what_was_shown_in_a_channel_is_repeated_there_by_anybody(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", wish())
    assert (await at.studio.generations.again(BEN, "g2", "g1")).owner_id == BEN.user_id
    for actor in (ELSEWHERE_IN_GUILD, ANNA_ELSEWHERE):
        with pytest.raises(UserError, match="no longer available"):
            await at.studio.generations.again(actor, "g3", "g1")


async def test_what_a_private_fine_tune_painted_is_repeated_by_its_owner_only(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    await at.studio.generations.imagine(ANNA, "g1", wish(model="ziki"))
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.generations.again(BEN, "g2", "g1")
    await at.studio.fine_tunes.share(ANNA, "ziki")
    await at.studio.generations.again(BEN, "g2", "g1")


async def test_pictures_are_deleted_by_their_owner_when_they_are_done(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", wish())
    with pytest.raises(UserError, match="still being painted"):
        await at.studio.generations.delete(ANNA, "g1")
    await at.store.generations.end("g1", JobState.SUCCEEDED, 3_000, NOW)
    path = at.services.data / "pictures" / "g1" / "1.webp"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture")
    row = Picture(
        generation_id="g1", number=1, path="pictures/g1/1.webp", media_type="image/webp", width=8, height=8, size=7
    )
    await at.store.pictures.keep("g1", [row])
    with pytest.raises(UserError, match="Only the person who asked"):
        await at.studio.generations.delete(BEN, "g1")
    assert path.exists()
    await at.studio.generations.delete(ANNA, "g1")
    assert not path.exists()
    assert await at.store.pictures.of("g1") == []
    path.parent.mkdir()
    path.write_bytes(b"left behind when its disk failed after its row was gone")
    await at.studio.generations.delete(ANNA, "g1")
    assert not path.parent.exists()


async def test_running_it_starts_its_flow_and_remembers_its_message(at: Rooms) -> None:
    made = await at.studio.generations.imagine(ANNA, "g1", wish())
    await at.studio.generations.run(made, 42)
    await at.studio.generations.run(made, None)
    assert at.started.flows == [("generate", "g1")] * 2
    assert (await at.store.generations.get("g1")).message_id == 42
