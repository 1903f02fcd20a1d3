"""Generations that begin with a picture, from the kept file to the finished picture, on the real engine."""

from dataclasses import replace

from bot.domain import sentences
from bot.domain.entities import JobState
from bot.studio.requests import ImagineRequest, PictureRef
from bot.views.outcomes import Painted
from tests.bot.app import App
from tests.bot.conftest import Far
from tests.bot.flows.test_generate import imagined
from tests.bot.flows.test_train import trained
from tests.bot.things import ANNA

BEGUN = ImagineRequest(
    prompt="a loud sea", pictures={"image": [PictureRef(job_id="g1")]}, settings={"prompt_strength": 0.6}
)


async def told(app: App, job_id: str) -> Painted:
    """Wait until the end of a generation is told, and return what was told."""
    await app.told(job_id)
    [found] = [painted for painted in app.announcer.painted if painted.generation.id == job_id]
    return found


async def test_a_picture_begins_with_another_and_is_repeated_with_a_copy(app: App, far: Far) -> None:
    await imagined(app)
    second = await imagined(app, BEGUN, "g2")
    assert (second.generation.state, len(second.pictures)) == (JobState.SUCCEEDED, 1)
    again = await app.studio.generations.again(ANNA, "g3", "g2")
    await app.studio.generations.run(again, 43)
    third = await told(app, "g3")
    assert third.generation.state is JobState.SUCCEEDED
    first_input, again_input = (made.input for made in far.world.created[1:])
    assert first_input["image"].startswith("https://api.replicate.com/v1/files/")
    assert again_input["image"] not in ("", first_input["image"])
    assert {**again_input, "seed": 0, "image": ""} == {**first_input, "seed": 0, "image": ""}
    assert far.world.unlisted_fields == []


async def test_a_picture_deleted_before_its_turn_ends_the_job_free_of_charge(app: App, far: Far) -> None:
    await imagined(app)
    made = await app.studio.generations.imagine(ANNA, "g2", replace(BEGUN, prompt="a late sea"))
    (app.data / made.recipe.sources["image"][0]).unlink()
    await app.studio.generations.run(made, 43)
    end = (await told(app, "g2")).generation
    assert "was deleted in the meantime" in sentences.of(end.error)
    assert (end.cost, far.paid()) == (0, 1)


async def test_a_fine_tune_paints_into_the_masked_part_of_a_picture(app: App, far: Far) -> None:
    await trained(app)
    await imagined(app)
    own = [PictureRef(job_id="g1")]
    wish = ImagineRequest(prompt="a boat", model="ziki", pictures={"image": own, "mask": own}, settings={"steps": 8})
    painted = await imagined(app, wish, "g2")
    assert painted.generation.state is JobState.SUCCEEDED
    sent = far.world.created[-1].input
    assert sent["image"] != sent["mask"]
    assert all(sent[field].startswith("https://api.replicate.com/v1/files/") for field in ("image", "mask"))
    assert sent["prompt"] == "ZIKI, a boat"
    assert far.world.unlisted_fields == []
