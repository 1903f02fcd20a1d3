"""Buttons and forms: by anybody, after a restart, of an older version, forged."""

from dataclasses import replace
from typing import Any

import pytest
from simcord.results import InteractionResult

from bot.domain.entities import Actor, Kind
from bot.errors import UserError
from bot.studio.requests import ImagineRequest, PictureRef, TrainRequest
from cogs.buttons import Button
from cogs.layouts.generation import images_of, result
from cogs.layouts.parts import action_row, page
from cogs.layouts.training import card, sheet_of
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, text

PLANNING = ("advanced", "captions", "advise", "ask-public", "go-public", "stay-private")
SOURCE = "1300000000000000001"
PHOTOS = {"photos": ("a.jpg", b"\xff"), "name": "anna", "trigger_word": "ZIKI", "kind": "subject"}
VERBS = (
    *(*PLANNING, "start", "discard", "publish", "unpublish"),
    *("again", "edit", "same-seed", "delete", "cancel", "drop", "try", "vote"),
    *("vary", "vary-strong", "upscale", "edit-picture", "begin"),
)


def ben(stage: Stage) -> Actor:
    return Actor(guild_id=stage.env.guild.id, user_id=stage.ben.id, channel_id=stage.channel.id)


async def posted(stage: Stage, post: Any) -> Any:
    message = await stage.client.get_partial_messageable(stage.channel.id).send(view=post.view, files=list(post.files))
    await stage.env.settle()
    return message


async def a_result(stage: Stage, tmp_path: Any) -> Any:
    outcome = things.painted(tmp_path)
    return await posted(stage, result(outcome, images_of(outcome)))


async def test_again_makes_a_message_of_its_own(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    press = await stage.ben.click(message, label="Again")
    (accepted, ran) = stage.studio.generations.calls
    job_id = accepted[2]
    assert accepted == ("again", ben(stage), job_id, SOURCE)
    assert ran[0] == "run"
    assert ran[2] == first(press).id != message.id
    assert not press.ephemeral
    assert "Painting 2 pictures" in text(press.response)


@pytest.mark.parametrize(("label", "asked"), [("Edit prompt", "edit"), ("Same seed", "same_seed")])
async def test_another_prompt_begins_with_the_old_one(stage: Stage, tmp_path: Any, label: str, asked: str):
    message = await a_result(stage, tmp_path)
    press = await stage.ben.click(message, label=label)
    assert prompt_in(press) == "ZIKI on a beach"
    answer = await stage.ben.submit_modal(press, {"prompt": "ZIKI in snow"})
    (_, accepted, ran) = stage.studio.generations.calls
    assert accepted == (asked, ben(stage), accepted[2], SOURCE, "ZIKI in snow")
    assert ran[2] == first(answer).id != message.id


async def test_delete_empties_the_message(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    press = await stage.anna.click(message, label="Delete")
    assert stage.studio.generations.calls[0][0::2] == ("delete", SOURCE)
    left = await stage.client.get_partial_messageable(stage.channel.id).fetch_message(message.id)
    assert left.attachments == []
    assert buttons(left) == {}
    assert press.followups == []


async def test_somebody_elses_pictures_stay(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    stage.studio.generations.refuse["delete"] = UserError("Only the person who asked for this picture may delete it.")
    press = await stage.ben.click(message, label="Delete")
    assert text(press.followups[0]) == "Only the person who asked for this picture may delete it."
    assert press.followups[0].ephemeral
    left = await stage.client.get_partial_messageable(stage.channel.id).fetch_message(message.id)
    assert len(left.attachments) == 2


async def test_try_it_asks_for_a_prompt_with_the_trigger_word(stage: Stage, tmp_path: Any):
    outcome = things.outcome(tmp_path)
    message = await posted(stage, card(outcome, []))
    press = await stage.ben.click(message, label="Try it")
    assert prompt_in(press) == "a photo of ZIKI "
    await stage.ben.submit_modal(press, {"prompt": "a photo of ZIKI at sea"})
    accepted = stage.studio.generations.calls[0]
    assert accepted == (
        "imagine",
        ben(stage),
        accepted[2],
        ImagineRequest(prompt="a photo of ZIKI at sea", model="ft:7"),
    )


async def test_a_vote_shows_on_the_card_and_keeps_its_sheet(stage: Stage, tmp_path: Any):
    outcome = replace(things.outcome(tmp_path), votes={0.8: 0, 1.0: 0, 1.2: 0})
    message = await posted(stage, card(outcome, sheet_of(outcome)))
    ballot = f"{outcome.training.id}:0.8"
    press = await stage.ben.click(message, label="0.8")
    assert stage.studio.votes.calls == [("cast", ben(stage), ballot)]
    shown = await stage.client.get_partial_messageable(stage.channel.id).fetch_message(message.id)
    assert buttons(shown)["0.8 · 1"] == f"vote:{ballot}"
    assert len(shown.attachments) == len(message.attachments) == 4
    assert press.followups == []
    await stage.env.settle()
    await stage.anna.click(shown, label="0.8 · 1")
    shown = await stage.client.get_partial_messageable(stage.channel.id).fetch_message(message.id)
    assert "0.8 · 2" in buttons(shown)


async def test_what_may_not_be_used_cannot_be_tried(stage: Stage, tmp_path: Any):
    message = await posted(stage, card(things.outcome(tmp_path), []))
    stage.studio.fine_tunes.refuse["show"] = UserError("There is no fine-tune that you may use here.")
    press = await stage.ben.click(message, label="Try it")
    assert press.modal is None
    assert press.ephemeral
    assert "There is no fine-tune" in text(press.response)


async def test_buttons_work_after_a_restart(stage: Stage, tmp_path: Any, make_client: Any):
    message = await a_result(stage, tmp_path)
    await stage.env.restart_bot(make_client(stage.studio))
    await stage.ben.click(message, label="Again")
    assert [call[0] for call in stage.studio.generations.calls] == ["again", "run"]


async def test_photos_may_be_sent_after_a_restart_and_many_hours(stage: Stage, make_client: Any):
    form = await stage.anna.slash(stage.channel, "train photos")
    await stage.env.restart_bot(make_client(stage.studio))
    await stage.env.advance_time(24 * 3600)
    answer = await stage.anna.submit_modal(form, PHOTOS)
    assert answer.ephemeral
    [(name, actor, _, request, files)] = stage.studio.trainings.calls
    assert (name, actor.user_id) == ("prepare", stage.anna.id)
    assert request == TrainRequest(name="anna", trigger_word="ZIKI", kind=Kind.SUBJECT)
    assert [(file.name, file.size) for file in files] == [("a.jpg", 1)]


@pytest.mark.parametrize(
    ("label", "typed", "asked"),
    [
        ("Edit prompt", {"prompt": "ZIKI in snow"}, ("edit", SOURCE, "ZIKI in snow")),
        ("Same seed", {"prompt": "ZIKI in snow"}, ("same_seed", SOURCE, "ZIKI in snow")),
        ("Vary subtle", {"picture": "2"}, ("vary", PictureRef(job_id=SOURCE, number=2), "subtle")),
        ("Vary strong", {"picture": "2"}, ("vary", PictureRef(job_id=SOURCE, number=2), "strong")),
        (
            "Use as start picture",
            {"picture": "2", "prompt": "at night", "strength": "0,5"},
            ("begin", PictureRef(job_id=SOURCE, number=2), "at night", 0.5),
        ),
    ],
)
async def test_a_form_from_before_a_restart_does_what_it_says(
    stage: Stage, tmp_path: Any, make_client: Any, *, label: str, typed: dict[str, str], asked: tuple[Any, ...]
):
    stage.studio.pictures.known = (1, 2)
    message = await a_result(stage, tmp_path)
    press = await stage.ben.click(message, label=label)
    await stage.env.restart_bot(make_client(stage.studio))
    await stage.ben.submit_modal(press, typed)
    calls = [call for part in (stage.studio.generations, stage.studio.pictures) for call in part.calls]
    assert [(name, *rest) for name, actor, _, *rest in calls if name == asked[0] and actor == ben(stage)] == [asked]


async def test_a_form_of_an_older_version_says_what_to_do(stage: Stage):
    form = await stage.anna.slash(stage.channel, "train photos")
    opened: Any = form._interaction.modal
    opened["custom_id"] = "0f" * 16  # the library's own choice, until forms had a verb
    answer = await stage.anna.submit_modal(form, PHOTOS)
    assert answer.ephemeral
    assert "older version. Open it again" in text(answer.response)
    assert stage.studio.trainings.calls == []


async def test_what_is_wrong_in_a_form_is_said_in_private(stage: Stage):
    stage.studio.trainings.refuse["prepare"] = UserError("A trigger word is 3 to 24 letters.")
    form = await stage.anna.slash(stage.channel, "train photos")
    answer = await stage.anna.submit_modal(
        form, {"photos": ("a.jpg", b"\xff"), "name": "anna", "trigger_word": "Z_K", "kind": "subject"}
    )
    assert answer.ephemeral
    assert text(answer.response) == "A trigger word is 3 to 24 letters."


@pytest.mark.parametrize("verb", ["enlarge", "", "AGAIN", "__class__"])
async def test_a_button_that_nobody_knows_is_answered(stage: Stage, verb: str):
    message = await posted(stage, page("old", action_row(Button(verb, "5", "Old"))))
    press = await stage.ben.click(message, label="Old")
    assert press.ephemeral
    assert "older version" in text(press.response)
    assert all(part.calls == [] for part in stage.studio.parts)


@pytest.mark.parametrize("forged", ["", "../../x", "9" * 80, "7:2"])
@pytest.mark.parametrize("verb", VERBS)
async def test_a_forged_id_reaches_the_studio_as_it_is_and_as_the_one_who_presses(stage: Stage, verb: str, forged: str):
    message = await posted(stage, page("forged", action_row(Button(verb, forged, "Press"))))
    refusal = UserError("This is no longer available.")
    methods = ("start", "discard", "again", "numbers", "find", "delete", "cancel", "show", "take_advice", "reveal")
    for part in stage.studio.parts:
        part.refuse = dict.fromkeys((*methods, "publish", "unpublish", "cast"), refusal)
    press = await stage.ben.click(message, label="Press")
    [(_, actor, *arguments)] = [call for part in stage.studio.parts for call in part.calls]
    assert actor == ben(stage)
    assert any(forged in str(argument) for argument in arguments)
    answers = [*press.followups, *([press.response] if press.response and first(press).id != message.id else [])]
    assert [text(answer) for answer in answers if answer.ephemeral] == ["This is no longer available."]


async def test_a_press_while_the_bot_closes_changes_nothing(stage: Stage, tmp_path: Any):
    message = await a_result(stage, tmp_path)
    stage.client.closing = True
    press = await stage.ben.click(message, label="Again")
    assert "restarting" in text(press.response)
    assert stage.studio.generations.calls == []


async def test_a_form_sent_while_the_bot_closes_changes_nothing(stage: Stage):
    form = await stage.anna.slash(stage.channel, "train photos")
    stage.client.closing = True
    answer = await stage.anna.submit_modal(form, PHOTOS)
    assert "restarting" in text(answer.response)
    assert stage.studio.trainings.calls == []


def prompt_in(press: InteractionResult) -> str:
    assert press.modal is not None
    return press.modal["components"][0]["component"]["value"]
