"""From a short prompt to prose, and from one prompt with choices to all its pictures."""

import pytest

from sandbox.discord import Message
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, seed_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


def painted(anna: Visitor, *prompts: str) -> list[Message]:
    """List the results in the channel that say one of these prompts."""
    shown = [m for m in anna.person.messages(anna.channel) if m.pictures]
    return [m for m in shown if any(prompt in m.text for prompt in prompts)]


async def test_choices_are_painted_once_each_after_their_price_was_shown(stage: Stage, anna: Visitor):
    offer = await anna.runs("imagine", prompt="a {red|blue} kite over {sand|snow}", count=2)
    check_text(
        offer, "4 prompts, 8 pictures, about $0.024", "each 2 × $0.003", "a red kite over sand", "a blue kite over snow"
    )
    assert offer.ephemeral
    assert stage.ordered("kite over") == []
    await anna.changes(offer, "Paint all", "Painting 4 prompts")
    assert offer.buttons == []
    prompts = [f"a {colour} kite over {ground}" for colour in ("red", "blue") for ground in ("sand", "snow")]
    await anna.until(lambda: len(painted(anna, *prompts)) == 4, "four results")
    for result in (results := painted(anna, *prompts)):
        check_pictures(result, 2)
        check_buttons(result, "Again", "Vary subtle", "Edit prompt", "Delete")
    assert len({seed_of(result) for result in results}) == 1
    assert sorted(str(made.input["prompt"]) for made in stage.ordered("kite over")) == sorted(prompts)


@pytest.mark.parametrize("ending", ["before", "after"])
async def test_a_bot_that_is_killed_around_paint_all_paints_and_is_paid_once(stage: Stage, anna: Visitor, ending: str):
    offer = await anna.runs("imagine", prompt=f"a {{tin|brass}} drum {ending}")
    if ending == "before":
        await stage.bot.kill()
        await stage.bot.start()
    with stage.slowly(0.2):
        await anna.changes(offer, "Paint all", "Painting 2 prompts")
        if ending == "after":
            await stage.bot.kill()
            await stage.bot.start()
    prompts = (f"a tin drum {ending}", f"a brass drum {ending}")
    await anna.until(lambda: len(painted(anna, *prompts)) == 2, "two results")
    assert len(stage.ordered(f"drum {ending}")) == 2


async def test_a_language_model_writes_prose_that_is_painted(stage: Stage, anna: Visitor):
    answer = await anna.runs("enrich", prompt="a lighthouse with a sign “OPEN”")
    await anna.until(lambda: "After" in answer.text, "the new prompt")
    check_text(answer, "a lighthouse with a sign “OPEN”", "meta/meta-llama-3-8b-instruct", "price unknown, $0.010")
    assert answer.ephemeral
    result = await anna.gets(await anna.person.click(answer, "Paint this"))
    check_pictures(result, 1)
    [asked, made] = stage.ordered("lighthouse with a sign “OPEN”")
    assert str(asked.model).startswith("meta/")
    assert len(str(made.input["prompt"])) > len("a lighthouse with a sign “OPEN”") + 50
    again = await anna.person.click(answer, "Paint this")
    await anna.until(lambda: any("painted already" in told.text for told in again.followups), "that once is enough")
    assert len(stage.ordered("lighthouse with a sign “OPEN”")) == 2


async def test_prose_with_other_lettering_gives_way_to_the_preset(stage: Stage, anna: Visitor):
    habits = stage.world.replicate.habits
    habits.writing = "new lettering"
    try:
        answer = await anna.runs("enrich", prompt="a cup that says “HI”", preset="product")
        await anna.until(lambda: "After" in answer.text, "the new prompt")
    finally:
        habits.writing = None
    check_text(answer, "changed the lettering", "by the preset *Product shot* instead", "a product photograph of")


async def test_what_flux_does_not_read_is_said_below_the_picture(anna: Visitor):
    result = await anna.imagines("a (red:1.3) kite --ar 16:9", variant="dev", guidance=7.5)
    check_text(result, "no weights such as", "`aspect_ratio`", "guidance 7.5 makes colours harsh")
    check_pictures(result, 1)


async def test_a_preset_makes_prose_of_a_short_prompt(stage: Stage, anna: Visitor):
    check_pictures(await anna.imagines("an owl “HOOT”", preset="poster"), 1)
    [made] = stage.ordered("an owl “HOOT”")
    assert str(made.input["prompt"]).startswith("A printed poster that shows an owl “HOOT”, large")
