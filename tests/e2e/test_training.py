"""From photos to a fine-tune, each in its own channel of one guild."""

import pytest

from sandbox.discord.people import File
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.bombs import pixel_bomb
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
    assert "unwanted" not in (await anna.runs("models list")).text


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ((zipped(3), "Bad Name!", "ZIKNAME"), "Choose another name"),
        ((zipped(3), "good", "TOK"), "Choose one that means nothing"),
        ((("broken.zip", zipped(3)[1][:2000]), "good", "ZIKGOOD"), "zip"),
        ((("notes.zip", b"no zip at all"), "good", "ZIKGOOD"), "zip"),
        ((("bomb.zip", pixel_bomb()), "good", "ZIKGOOD"), "8,000 megapixels together"),
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


async def test_a_training_is_changed_before_it_is_paid(stage: Stage, anna: Visitor):
    report = await anna.hands_in(zipped(4), "measured", "ZIKTUNED")
    form = await anna.person.click(report, "Advanced")
    wrong = await anna.person.submit_modal(form, {"steps": "9000", "resolution": "500"})
    check_text(await anna.settled(wrong, ignored=report.id), "steps must be between 3 and 6000, not 9000")
    check_text(report, "1,000 steps")

    form = await anna.person.click(report, "Advanced")
    await anna.person.submit_modal(form, {"steps": "1200", "lora_rank": "8", "resolution": "512, 1024"})
    await anna.until(lambda: "1,200 steps, rank 8, resolution `512,1024`" in report.text, "the changed report")
    await anna.changes(report, "Use the advice", "autocaption_prefix")
    check_text(await anna.is_told(await anna.starts(report)), "measured v1", "1,200 steps", "rank 8")
    [made] = stage.ordered("atelier-measured")
    sent = {name: made.input[name] for name in ("steps", "lora_rank", "resolution", "autocaption_prefix")}
    assert sent == {
        "steps": 1200,
        "lora_rank": 8,
        "resolution": "512,1024",
        "autocaption_prefix": "a photo of ZIKTUNED,",
    }


async def test_the_fast_trainer_trains_too(stage: Stage, anna: Visitor):
    card = await anna.trains(zipped(12), "quick", "ZIKQUICK", trainer="fast", kind="style")
    check_text(card, "quick v1", "fast trainer · 1,000 steps")
    [made] = stage.ordered("atelier-quick")
    assert set(made.input) == {"input_images", "trigger_word", "lora_type", "training_steps"}


async def test_a_lora_that_exists_is_imported_and_painted_with(stage: Stage, anna: Visitor):
    wish = {"name": "cyber", "trigger_word": "CYBRPNK", "url": "fofr/flux-80s-cyberpunk", "kind": "style"}
    report = await anna.runs("train import", **wish)
    check_text(report, "cyber v1", "import of a LoRA", "resolve/main/lora.safetensors", "their licence")
    check_text(await anna.is_told(await anna.starts(report)), "cyber v1", "taken over as it is")
    check_text(await anna.imagines("a street in the style of CYBRPNK"), "cyber** v1")
    refused = await anna.runs("train import", **wish | {"url": "https://civitai.com/models/123"})
    check_text(refused, "from Hugging Face only")


async def test_a_fine_tune_is_public_only_by_its_owners_word(stage: Stage, anna: Visitor):
    report = await anna.hands_in(zipped(4), "seen", "ZIKSEEN", steps=20)
    await anna.changes(report, "Public", "download its weights")
    await anna.changes(report, "Make it public", "**Public:**")
    await anna.is_told(await anna.starts(report))
    models = stage.world.replicate.state.models
    [model] = [one for one in models.values() if one.name.startswith("atelier-seen")]
    assert model.visibility == "public"

    told = await anna.runs("models unpublish", name="seen")
    check_text(told, "is to be private", "still is public", "nothing new is trained into it")
    asked = await anna.runs("models publish", name="seen")
    check_text(asked, "download its weights")
    await anna.changes(asked, "Make it public", "is public at Replicate")
