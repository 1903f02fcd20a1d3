"""/picture, the buttons below a picture, and the menu of a message, as people use them."""

from typing import Any

import pytest
from simcord.results import InteractionResult

from bot.domain.catalog import Task
from bot.domain.entities import Actor
from bot.errors import UserError
from bot.studio.requests import Attachment, PictureRef, ToolRequest
from cogs.layouts.generation import images_of, result
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, text

SOURCE = "1300000000000000001"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
CAT = ("cat.png", PNG)


def who(stage: Stage, member: Any) -> Actor:
    return Actor(guild_id=stage.env.guild.id, user_id=member.id, channel_id=stage.channel.id)


async def a_result(stage: Stage, tmp_path: Any, pictures: int = 1) -> Any:
    stage.studio.pictures.known = range(1, pictures + 1)
    outcome = things.painted(tmp_path, pictures)
    post = result(outcome, images_of(outcome))
    message = await stage.client.get_partial_messageable(stage.channel.id).send(view=post.view, files=list(post.files))
    await stage.env.settle()
    return message


def fields(press: InteractionResult) -> list[str]:
    assert press.modal is not None
    return [label["component"]["custom_id"] for label in press.modal["components"]]


def asked(stage: Stage) -> list[Any]:
    return [call for call in stage.studio.pictures.calls if call[0] in {"make", "vary", "begin", "select"}]


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("edit", {"instruction": "make it night"}, {"task": Task.EDIT, "prompt": "make it night"}),
        (
            "edit",
            {"instruction": "her hat on him", "picture2": CAT, "model": "2-pro"},
            {"task": Task.EDIT, "prompt": "her hat on him", "model": "2-pro"},
        ),
        (
            "fill",
            {"prompt": "a hat", "mask": CAT, "model": "dev"},
            {"task": Task.FILL, "prompt": "a hat", "model": "fill-dev"},
        ),
        (
            "fill",
            {"prompt": "more sea", "outpaint": "Zoom out 2x"},
            {"task": Task.FILL, "prompt": "more sea", "settings": {"outpaint": "Zoom out 2x"}},
        ),
        ("vary", {"count": 3, "model": "schnell"}, {"task": Task.VARY, "count": 3, "model": "redux-schnell"}),
        (
            "trace",
            {"prompt": "a robot", "by": "edges"},
            {"task": Task.TRACE, "prompt": "a robot", "model": "canny-dev"},
        ),
        (
            "trace",
            {"prompt": "a robot", "by": "depth", "model": "pro"},
            {"task": Task.TRACE, "prompt": "a robot", "model": "depth-pro"},
        ),
        ("upscale", {}, {"task": Task.UPSCALE}),
        ("upscale", {"model": "crisp-upscale"}, {"task": Task.UPSCALE, "model": "crisp-upscale"}),
        (
            "upscale",
            {"scale": 4.0, "face_enhance": True},
            {"task": Task.UPSCALE, "settings": {"scale": 4.0, "face_enhance": True}},
        ),
    ],
)
async def test_each_command_hands_its_options_over(
    stage: Stage, command: str, options: dict[str, Any], expected: dict[str, Any]
):
    answer = await stage.anna.slash(stage.channel, f"picture {command}", picture=CAT, **options)
    [(name, actor, job_id, request)] = asked(stage)
    assert (name, actor) == ("make", who(stage, stage.anna))
    given = {"image": [file for file in ("picture", "picture2") if file == "picture" or file in options]}
    given |= {"mask": ["mask"]} if "mask" in options else {}
    assert {word: len(files) for word, files in request.pictures.items()} == {w: len(f) for w, f in given.items()}
    for files in request.pictures.values():
        assert all(isinstance(file, Attachment) and file.name == "cat.png" and file.size == len(PNG) for file in files)
    assert request == ToolRequest(pictures=request.pictures, **expected)
    assert "about $0.016" in text(answer.response)
    assert stage.studio.generations.calls[-1][0] == "run"
    assert job_id == stage.studio.generations.calls[-1][1].id


async def test_edit_offers_what_edits(stage: Stage):
    found = await stage.anna.autocomplete(
        stage.channel, "picture edit", "model", "kontext", picture=CAT, instruction="make it night"
    )
    assert [choice["value"] for choice in found] == ["kontext-pro", "kontext-max", "kontext-dev"]


@pytest.mark.parametrize(("label", "strength"), [("Vary subtle", "subtle"), ("Vary strong", "strong")])
async def test_the_only_picture_is_varied_at_once(stage: Stage, tmp_path: Any, label: str, strength: str):
    message = await a_result(stage, tmp_path)
    press = await stage.ben.click(message, label=label)
    [vary] = asked(stage)
    assert vary == ("vary", who(stage, stage.ben), vary[2], PictureRef(job_id=SOURCE), strength)
    assert first(press).id != message.id
    assert not press.ephemeral


async def test_of_several_pictures_one_is_chosen(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path, 3)
    press = await stage.ben.click(message, label="Vary strong")
    assert fields(press) == ["picture"]
    await stage.ben.submit_modal(press, {"picture": "3"})
    assert asked(stage)[0][3:] == (PictureRef(job_id=SOURCE, number=3), "strong")


async def test_upscale_asks_for_nothing_but_the_picture(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path, 2)
    press = await stage.ben.click(message, label="Upscale")
    await stage.ben.submit_modal(press, {"picture": "2"})
    upscale = ToolRequest(task=Task.UPSCALE, pictures={"image": [PictureRef(job_id=SOURCE, number=2)]})
    assert asked(stage)[0][3] == upscale


async def test_edit_asks_for_an_instruction(stage: Stage, tmp_path: Any):
    press = await stage.ben.click(await a_result(stage, tmp_path), custom_id=f"edit-picture:{SOURCE}")
    assert fields(press) == ["prompt"]
    await stage.ben.submit_modal(press, {"prompt": "make it night"})
    edit = ToolRequest(task=Task.EDIT, pictures={"image": [PictureRef(job_id=SOURCE)]}, prompt="make it night")
    assert asked(stage)[0][3] == edit


@pytest.mark.parametrize(("written", "strength"), [("0.6", 0.6), ("0,35", 0.35)])
async def test_a_start_picture_comes_with_a_prompt_and_a_strength(
    stage: Stage, tmp_path: Any, written: str, strength: float
):
    press = await stage.ben.click(await a_result(stage, tmp_path), label="Use as start picture")
    assert fields(press) == ["prompt", "strength"]
    await stage.ben.submit_modal(press, {"prompt": "ZIKI at sea", "strength": written})
    assert asked(stage)[0][3:] == (PictureRef(job_id=SOURCE), "ZIKI at sea", strength)


async def test_a_strength_that_is_no_number_is_refused(stage: Stage, tmp_path: Any):
    press = await stage.ben.click(await a_result(stage, tmp_path), label="Use as start picture")
    answer = await stage.ben.submit_modal(press, {"prompt": "ZIKI at sea", "strength": "much"})
    assert answer.ephemeral
    assert "a number between 0 and 1" in text(answer.response)
    assert asked(stage) == []


async def test_pictures_that_are_gone_are_not_used(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    stage.studio.pictures.refuse["numbers"] = UserError("This picture is no longer available.")
    for label in ("Vary subtle", "Upscale", "Use as start picture"):
        press = await stage.ben.click(message, label=label)
        assert press.modal is None
        assert press.ephemeral
        assert text(press.response) == "This picture is no longer available."


async def test_the_recipe_can_be_copied_into_imagine(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    run = "https://replicate.com/p/abc"
    stage.studio.generations.shown = things.finished(id=SOURCE, remote_url=run)
    answer = await stage.ben.context_menu(stage.channel, "Show recipe", message)
    assert stage.studio.generations.calls == [("shown_in", who(stage, stage.ben), message.id)]
    assert answer.ephemeral
    told = text(answer.response)
    command = told.split("```")[1].strip()
    assert command == (
        "/imagine prompt: ZIKI on a beach model: ft:7:2 variant: dev count: 2 seed: 42 aspect_ratio: 1:1 format: webp "
        "quality: 90 lora_scale: 1 steps: 28 guidance: 3"
    )
    for words in (f"`{1:064d}`", "`acme/anna`", "**Seed** `42`", "$0.015 · estimated $0.016"):
        assert words in told
    assert buttons(answer.response) == {
        "The model on Replicate": "https://replicate.com/acme/anna",
        "The run on Replicate": run,
    }


async def test_the_recipe_of_a_fine_tune_that_is_not_shared_names_no_model(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    stage.studio.generations.shown = things.finished(id=SOURCE)
    stage.studio.fine_tunes.refuse["find"] = UserError("There is no fine-tune here.")
    answer = await stage.ben.context_menu(stage.channel, "Show recipe", message)
    assert "acme" not in text(answer.response)
    assert "ft:7" not in text(answer.response)
    assert buttons(answer.response) == {}


async def test_other_messages_have_no_recipe(stage: Stage):
    message = await stage.ben.send(stage.channel, "hello")
    answer = await stage.anna.context_menu(stage.channel, "Show recipe", message)
    assert answer.ephemeral
    assert "shows no picture that was asked for" in text(answer.response)


async def test_pictures_of_any_message_can_be_used(stage: Stage):
    message = await stage.ben.send(stage.channel, "look", attachments=[CAT, ("notes.txt", b"words"), CAT])
    answer = await stage.anna.context_menu(stage.channel, "Use in Atelier", message)
    [(_, actor, job_id, files)] = asked(stage)
    assert actor == who(stage, stage.anna)
    assert [file.name for file in files] == ["cat.png", "cat.png"]
    assert answer.ephemeral
    assert "one of these 2 pictures" in text(answer.response)
    assert buttons(answer.response) == {
        "Edit": f"edit-picture:{job_id}",
        "Vary": f"vary:{job_id}",
        "Upscale": f"upscale:{job_id}",
        "Use as start picture": f"begin:{job_id}",
    }


async def test_what_atelier_painted_is_used_as_it_is_kept(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path, 2)
    stage.studio.generations.shown = things.finished(id=SOURCE)
    answer = await stage.ben.context_menu(stage.channel, "Use in Atelier", message)
    assert asked(stage) == []
    assert buttons(answer.response)["Upscale"] == f"upscale:{SOURCE}"
