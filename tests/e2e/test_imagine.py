"""From a prompt to pictures, and the buttons below them."""

import pytest
import pytest_asyncio

from sandbox.discord import Fault
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, pixels, seed_of, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def painter(shared_stage: Stage) -> Visitor:
    """Somebody with a fine-tune."""
    owner = shared_stage.visitor(shared_stage.channel("painters"), "paula")
    await owner.trains(zipped(5, seed=9), "paula", "ZIKPAULA")
    return owner


async def test_plain_flux_paints_without_a_fine_tune(anna: Visitor):
    picture = await anna.imagines("a red boat on a lake")
    check_text(picture, "FLUX.1 schnell", "a red boat on a lake", "4 steps", "seed", "$0.003")
    assert check_pictures(picture, 1) == [(1024, 1024)]


@pytest.mark.parametrize(
    ("options", "texts", "size"),
    [
        ({"variant": "dev"}, ("FLUX.1 dev", "28 steps", "guidance 3"), (1024, 1024)),
        ({"variant": "schnell", "aspect_ratio": "16:9"}, ("FLUX.1 schnell", "16:9"), (1344, 768)),
        ({"model": "dev", "aspect_ratio": "9:16", "steps": 10, "guidance": 2.5}, ("10 steps", "2.5"), (768, 1344)),
    ],
)
async def test_variants_and_shapes(anna: Visitor, options: dict[str, object], texts: tuple[str, ...], size: object):
    picture = await anna.imagines("a lighthouse", **options)
    check_text(picture, *texts)
    assert check_pictures(picture, 1) == [size]


async def test_up_to_four_pictures_come_in_one_message(anna: Visitor):
    picture = await anna.imagines("four sheep", count=4)
    check_text(picture, "4 pictures")
    check_pictures(picture, 4)
    check_buttons(picture, "Again", "Vary subtle", "Edit prompt", "Delete")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"variant": "schnell", "guidance": 3.0}, "takes no guidance"),
        ({"variant": "schnell", "steps": 28}, "between 1 and 4"),
        ({"model": "nobody"}, "There is no fine-tune"),
        ({"model": "dev", "variant": "schnell"}, "Leave one out"),
        ({"lora_scale": 1.0}, "takes no lora_scale"),
    ],
)
async def test_values_that_a_model_does_not_take_are_refused_before_anything_is_paid(
    stage: Stage, anna: Visitor, options: dict[str, object], sentence: str
):
    before = len(stage.world.replicate.created)
    refusal = await anna.imagines("a lighthouse", **options)
    check_text(refusal, sentence)
    assert refusal.ephemeral
    assert len(stage.world.replicate.created) == before


async def test_the_same_seed_paints_the_same_picture(anna: Visitor):
    one = await anna.imagines("a lighthouse", seed=7)
    other = await anna.imagines("a lighthouse", seed=7)
    assert one.id != other.id
    assert seed_of(one) == seed_of(other) == 7
    assert pixels(one) == pixels(other)
    assert pixels(await anna.imagines("a lighthouse", seed=8)) != pixels(one)


async def test_the_trigger_word_loads_its_fine_tune(painter: Visitor):
    picture = await painter.imagines("a photo of zikpaula at sea")
    check_text(picture, "**paula** v1", "loaded **paula**", "dev")


async def test_a_named_model_gets_its_trigger_word_put_in(stage: Stage, painter: Visitor):
    picture = await painter.imagines("a portrait", model="paula", variant="schnell", lora_scale=0.8)
    check_text(picture, "Added the trigger word `ZIKPAULA`", "ZIKPAULA, a portrait", "schnell", "LoRA scale 0.8")
    assert stage.world.replicate.created[-1].input["prompt"] == "ZIKPAULA, a portrait"


async def test_two_people_in_one_picture(stage: Stage, painter: Visitor):
    await painter.trains(zipped(5, seed=10), "bora", "ZIKBORA")
    alone = await painter.imagines("ZIKPAULA and ZIKBORA in a boat", model="paula", seed=5)
    both = await painter.imagines(
        "ZIKPAULA and ZIKBORA in a boat", model="paula", second_lora="bora", second_scale=0.8, seed=5
    )
    check_text(both, "**paula** v1", "second LoRA `bora` at 0.8")
    assert pixels(alone) != pixels(both)
    sent = stage.world.replicate.created[-1].input
    assert sent["extra_lora_scale"] == 0.8
    assert sent["extra_lora"].endswith(".tar")
    clash = await painter.imagines("ZIKPAULA asleep", second_lora="bora")
    check_text(clash, "Added the trigger word `ZIKBORA`", "ZIKBORA, ZIKPAULA asleep")


@pytest.mark.parametrize("variant", ["dev", "schnell"])
async def test_plain_flux_loads_a_lora_from_elsewhere(stage: Stage, anna: Visitor, variant: str):
    picture = await anna.imagines(
        "style of 80s cyberpunk, a town", variant=variant, lora="huggingface.co/fofr/flux-80s-cyberpunk"
    )
    check_text(picture, "with a LoRA", "LoRA `huggingface.co/fofr/flux-80s-cyberpunk`")
    check_pictures(picture, 1)
    assert stage.world.replicate.unlisted_fields == []


async def test_size_file_and_the_rarer_settings(anna: Visitor):
    picture = await anna.imagines("a lighthouse", model="1.1-pro", width=640, height=512, more="upsampling=yes")
    check_text(picture, "640 × 512")
    assert check_pictures(picture, 1) == [(640, 512)]
    check_pictures(await anna.imagines("a lighthouse", megapixels="0.25", format="png", go_fast=True), 1)
    check_text(await anna.imagines("a lighthouse", more="raw=yes"), "FLUX.1 schnell takes no raw")
    check_text(await anna.imagines("a lighthouse", model="pro", more="interval=9"), "interval must be between 1 and 4")


async def test_again_vary_and_edit_make_new_messages(painter: Visitor):
    first = await painter.imagines("ZIKPAULA in a garden", seed=100)
    again = await painter.gets(await painter.person.click(first, "Again"))
    assert seed_of(again) != 100
    vary = await painter.gets(await painter.person.click(first, "Vary subtle"))
    assert seed_of(vary) == 101
    check_text(vary, "**paula** v1", "subtle variation", "strength 0.5")
    form = await painter.person.click(first, "Same seed")
    edited = await painter.gets(await painter.person.submit_modal(form, {"prompt": "ZIKPAULA in the snow"}))
    check_text(edited, "ZIKPAULA in the snow")
    assert seed_of(edited) == 100
    messages = (first, again, vary, edited)
    assert len({message.id for message in messages}) == 4
    assert len({pixels(message)[0] for message in messages}) == 4


async def test_a_form_may_be_sent_before_the_bot_has_discords_answer_to_its_opening(stage: Stage, anna: Visitor):
    first = await anna.imagines("a lighthouse")
    stage.world.discord.faults.append(Fault("POST /interactions/*", delay=5.0))  # longer than it takes to send it
    form = await anna.person.click(first, "Edit prompt")
    edited = await anna.gets(await anna.person.submit_modal(form, {"prompt": "a lighthouse at night"}))
    check_text(edited, "a lighthouse at night")
    check_pictures(edited, 1)


async def test_delete_is_for_the_owner_alone(anna: Visitor, ben: Visitor):
    picture = await anna.imagines("a secret")
    refusal = await ben.presses(picture, "Delete")
    check_text(refusal, "Only the person who asked")
    check_pictures(picture, 1)
    await anna.changes(picture, "Delete", "are deleted")
    assert not picture.pictures


async def test_a_stranger_may_press_again_for_a_shared_fine_tune_only(stage: Stage, painter: Visitor):
    other = stage.visitor(painter.channel, "sven")
    picture = await painter.imagines("ZIKPAULA asleep")
    check_text(await other.gets(await other.person.click(picture, "Again")), "There is no fine-tune")
    await painter.runs("models share", name="paula")
    check_pictures(await other.gets(await other.person.click(picture, "Again")), 1)
    await painter.runs("models unshare", name="paula")


async def test_try_it_opens_a_form_that_starts_with_the_trigger_word(painter: Visitor):
    shown = await painter.runs("models show", name="paula")
    form = await painter.person.click(shown, "Try it")
    prompt = "a photo of ZIKPAULA with a hat"
    check_text(await painter.gets(await painter.person.submit_modal(form, {"prompt": prompt})), prompt, "paula")


async def test_a_running_generation_is_cancelled(stage: Stage, anna: Visitor):
    habits = stage.world.replicate.habits
    habits.stuck = "processing"
    try:
        answer = await anna.person.slash(anna.channel, "imagine", prompt="a slow boat", variant="dev")
        status = await anna.sees("a status with Cancel", lambda m: any(b.label == "Cancel" for b in m.buttons))
        await stage.at_work()
        check_text(await anna.presses(status, "Cancel"), "being cancelled")
        over = await anna.gets(answer)
    finally:
        habits.stuck = None
    check_text(over, "Cancelled", "a slow boat")
    assert not over.pictures


async def test_a_partly_unsafe_generation_shows_the_rest(anna: Visitor):
    picture = await anna.imagines("nsfw sheep", count=4, variant="dev")
    check_text(picture, "2 pictures", "held")
    check_pictures(picture, 2)


async def test_an_unsafe_generation_says_so_and_offers_another_try(anna: Visitor):
    nothing = await anna.imagines("all nsfw", variant="dev")
    check_text(nothing, "safety check")
    check_buttons(nothing, "Again", "Edit prompt")
    assert not nothing.pictures
