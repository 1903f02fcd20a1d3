"""From photos to a fine-tune, each in its own channel of one guild."""

import pytest

from sandbox.discord.people import File
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, photos, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_several_zips_make_one_dataset(anna: Visitor):
    more = {f"zip{number}": zipped(3, seed=number) for number in (2, 3, 4)}
    report = await anna.hands_in(zipped(3, seed=1), "anna", "ZIKANNA", **more)
    check_text(report, "anna v1", "12 pictures to train on")
    card = await anna.is_told(await anna.starts(report))
    check_text(card, "anna v1", "ZIKANNA")
    check_pictures(card, 1)


async def test_loose_photos_come_through_a_form(anna: Visitor):
    form = await anna.person.slash(anna.channel, "train photos")
    values = {"photos": photos(5), "name": "loose", "trigger_word": "ZIKLOOSE", "kind": "style"}
    report = await anna.settled(await anna.person.submit_modal(form, values))
    check_text(report, "loose v1", "5 pictures to train on", "style")
    card = await anna.is_told(await anna.starts(report))
    check_text(card, "loose v1", "style")
    assert "in the style of ZIKLOOSE" in card.pictures[0].alt


async def test_training_a_name_again_stacks_a_version_on_the_same_model(stage: Stage, anna: Visitor):
    await anna.trains(zipped(4, seed=1), "twice", "ZIKTWICE")
    report = await anna.hands_in(zipped(4, seed=2), "twice", "ZIKTWICE")
    check_text(report, "twice v2")
    check_text(await anna.is_told(await anna.starts(report)), "twice v2")
    one, other = stage.ordered("atelier-twice")
    assert one.destination == other.destination
    check_text(await anna.runs("models show", name="twice"), "v1", "v2")

    check_text(await anna.imagines("a boat with ZIKTWICE"), "twice** v2")
    offered = await anna.person.autocomplete(anna.channel, "imagine", "model", "twice", prompt="a boat")
    (old,) = [choice["value"] for choice in offered if "version 1" in choice["name"]]
    check_text(await anna.imagines("a boat", model=old), "twice** v1")

    await anna.runs("models default", name="twice", version=1)
    check_text(await anna.imagines("a boat with ZIKTWICE"), "twice** v1")


async def test_a_running_training_is_cancelled(stage: Stage, anna: Visitor):
    report = await anna.hands_in(zipped(), "stopped", "ZIKSTOP")
    with stage.slowly(1.0):
        status = await anna.starts(report)
        await stage.at_work()
        check_text(await anna.presses(status, "Cancel"), "being cancelled")
        told = await anna.is_told(status)
    check_text(told, "stopped", "was cancelled")
    check_text(status, "was cancelled")
    assert not told.pictures
    check_text(await anna.imagines("a portrait", model="stopped"), "no finished training")


async def test_a_report_can_be_thrown_away(stage: Stage, anna: Visitor):
    report = await anna.hands_in(zipped(), "unwanted", "ZIKUNWANTED")
    await anna.changes(report, "Cancel", "nothing was charged")
    assert not stage.ordered("unwanted")
    check_text(await anna.runs("models list"), "no fine-tune here yet")


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ((zipped(3), "Bad Name!", "ZIKNAME"), "Choose another name"),
        ((zipped(3), "good", "TOK"), "Choose one of your own"),
        ((("broken.zip", zipped(3)[1][:2000]), "good", "ZIKGOOD"), "zip"),
        ((("notes.zip", b"no zip at all"), "good", "ZIKGOOD"), "zip"),
    ],
)
async def test_what_cannot_be_trained_on_is_refused_in_private(
    anna: Visitor, ben: Visitor, upload: tuple[File, str, str], sentence: str
):
    refusal = await anna.hands_in(*upload)
    check_text(refusal, sentence)
    assert refusal.ephemeral
    assert not ben.person.sees(refusal)


async def test_the_options_of_a_training_reach_replicate(stage: Stage, anna: Visitor):
    card = await anna.trains(zipped(4), "tuned", "ZIKTUNED", steps=300, lora_rank=32, autocaption=False, kind="product")
    check_text(card, "300 steps", "rank 32", "product")
    check_buttons(card, "Try it")
    (made,) = stage.ordered("atelier-tuned")
    assert (made.input["steps"], made.input["lora_rank"], made.input["autocaption"]) == (300, 32, False)
