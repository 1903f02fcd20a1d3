"""From a picture to the next one: commands with attachments, the buttons below a result, the menu of a message."""

import io

import pytest
from PIL import Image, ImageDraw

from sandbox.discord import Message
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, photos, pixels, seed_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

[PHOTO] = photos(1, seed=77)  # 320 × 320


async def made(anna: Visitor, command: str, **options: object) -> Message:
    return await anna.gets(await anna.person.slash(anna.channel, f"picture {command}", picture=PHOTO, **options))


def half_mask() -> tuple[str, bytes]:
    out, image = io.BytesIO(), Image.new("RGB", (160, 160), "black")
    ImageDraw.Draw(image).rectangle((80, 0, 160, 160), fill="white")
    image.save(out, "PNG")
    return "mask.png", out.getvalue()


async def test_a_photo_is_edited_and_then_upscaled(stage: Stage, anna: Visitor):
    edited = await made(anna, "edit", instruction="make it night, snow falls")
    check_text(edited, "FLUX.1 Kontext pro", "make it night, snow falls", "$0.04")
    check_pictures(edited, 1)
    check_buttons(
        edited, "Again", "Vary", "Edit prompt", "Same seed", "Edit", "Upscale", "Use as start picture", "Delete"
    )
    upscaled = await anna.gets(await anna.person.click(edited, "Upscale"))
    check_text(upscaled, "Real-ESRGAN", "2 × larger")
    [before], [after] = check_pictures(edited, 1), check_pictures(upscaled, 1)
    assert after == (before[0] * 2, before[1] * 2)
    [edit, upscale] = stage.world.replicate.created[-2:]
    assert edit.input["input_image"].startswith("https://api.replicate.com/v1/files/")
    assert "prompt" not in upscale.input


@pytest.mark.parametrize(
    ("command", "options", "texts"),
    [
        ("fill", {"prompt": "a hat", "mask": half_mask()}, ("FLUX.1 Fill pro", "a hat")),
        ("fill", {"prompt": "more sea", "outpaint": "Zoom out 2x"}, ("FLUX.1 Fill pro", "Zoom out 2x")),
        ("vary", {"model": "schnell", "count": 2}, ("2 pictures with FLUX.1 Redux schnell", "$0.006")),
        ("trace", {"prompt": "a robot", "by": "edges"}, ("FLUX.1 Canny dev", "a robot")),
        ("trace", {"prompt": "a robot", "by": "depth", "model": "pro"}, ("FLUX.1 Depth pro", "a robot")),
        ("upscale", {"scale": 3.0, "face_enhance": True}, ("Real-ESRGAN", "3 × larger", "faces restored")),
        ("edit", {"instruction": "her hat on him", "picture2": photos(1, seed=78)[0]}, ("FLUX.2 pro",)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_every_tool_gives_a_picture(anna: Visitor, command: str, options: dict[str, object], texts: tuple[str]):
    result = await made(anna, command, **options)
    check_text(result, *texts)
    check_pictures(result, int(str(options.get("count", 1))))


async def test_what_is_no_picture_is_refused_in_private_and_costs_nothing(stage: Stage, anna: Visitor):
    before = len(stage.world.replicate.created)
    answer = await anna.person.slash(anna.channel, "picture upscale", picture=("cat.png", b"no picture at all"))
    refusal = await anna.gets(answer)
    check_text(refusal, "`cat.png`: It is not a picture.")
    assert refusal.ephemeral
    assert len(stage.world.replicate.created) == before


async def test_one_of_several_pictures_is_begun_with(stage: Stage, anna: Visitor, ben: Visitor):
    first = await anna.imagines("four boats", count=4)
    form = await ben.person.click(first, "Use as start picture")
    values = {"picture": "3", "prompt": "four boats in snow", "strength": "0.4"}
    begun = await ben.gets(await ben.person.submit_modal(form, values))
    check_text(begun, "FLUX.1 dev", "four boats in snow", "strength 0.4")
    check_pictures(begun, 1)
    strong = await anna.gets(
        await anna.person.submit_modal(await anna.person.click(first, "Vary strong"), {"picture": "1"})
    )
    check_text(strong, "4 pictures with FLUX.1 dev", "FLUX.1 schnell cannot begin with a picture", "strong variation")
    check_pictures(strong, 4)
    assert seed_of(strong) != seed_of(first)


async def test_again_of_an_edited_picture_is_another_after_a_restart(stage: Stage, anna: Visitor):
    edited = await made(anna, "edit", instruction="paint it in oil")
    await stage.bot.kill()
    await stage.bot.start()
    again = await anna.gets(await anna.person.click(edited, "Again"))
    check_text(again, "paint it in oil", "Kontext pro")
    assert seed_of(again) != seed_of(edited)
    assert again.pictures
    sources = stage.bot.directory / "sources" / str(edited.button("Again").custom_id).removeprefix("again:")
    assert [file.name for file in sources.iterdir()] == ["input_image-1.png"]
    await anna.changes(edited, "Delete", "are deleted")
    assert not sources.exists()
    once_more = await anna.gets(await anna.person.click(again, "Again"))
    check_pictures(once_more, 1)


async def test_the_menu_tells_the_recipe_to_whoever_sees_the_picture(anna: Visitor, ben: Visitor):
    result = await anna.imagines("a tin robot", variant="dev", seed=7, guidance=2.5)
    told = (await ben.person.context_menu(ben.channel, "Show recipe", result)).interaction_id
    shown = await ben.sees("the recipe", lambda m: m.ephemeral and "### Recipe" in m.text, after=result)
    assert told
    check_text(shown, "/imagine prompt: a tin robot model: dev", "seed: 7", "guidance: 2.5", "$0.025")
    links = {button.label: button.url for button in shown.buttons}
    assert links["The model on Replicate"] == "https://replicate.com/black-forest-labs/flux-dev"
    assert str(links["The run on Replicate"]).startswith("https://replicate.com/p/")


async def test_anybodys_picture_is_used_from_the_menu(stage: Stage, anna: Visitor, ben: Visitor):
    photo = await ben.person.send(ben.channel, "my cat", files=[PHOTO])
    chooser = await anna.settled(await anna.person.context_menu(anna.channel, "Use in Atelier", photo), "the menu")
    assert chooser.ephemeral
    check_buttons(chooser, "Edit", "Vary", "Upscale", "Use as start picture")
    larger = await anna.gets(await anna.person.click(chooser, "Upscale"))
    assert check_pictures(larger, 1) == [(640, 640)]
    assert not larger.ephemeral
    form = await anna.person.click(chooser, "Edit")
    edited = await anna.gets(await anna.person.submit_modal(form, {"prompt": "make it night"}))
    check_pictures(edited, 1)
    assert pixels(edited) != pixels(larger)
    nothing = await ben.person.send(ben.channel, "no picture")
    refusal = await anna.settled(await anna.person.context_menu(anna.channel, "Use in Atelier", nothing), "the menu")
    check_text(refusal, "There is no picture in this message")
