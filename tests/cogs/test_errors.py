"""Whatever goes wrong reaches the member as one sentence, and the operator as a line with the same id."""

import logging
import re
from typing import Any

import aiohttp
import pytest
from discord import app_commands
from simcord.backend.errors import BackendError

from bot.errors import UserError
from tests.cogs.conftest import Lose, Stage
from tests.cogs.seen import first, text

CALLBACK = "/interactions/*/*/callback"


def error_id(words: str) -> str:
    found = re.search(r"error `([0-9a-f]{6})`", words)
    assert found, words
    return found[1]


async def test_a_surprise_is_told_with_an_id_that_leads_to_its_cause(stage: Stage, caplog: pytest.LogCaptureFixture):
    stage.studio.generations.refuse["imagine"] = ZeroDivisionError("sk-secret")
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert answer.response is None
    [told] = answer.followups
    assert told.ephemeral
    assert "sk-secret" not in text(told)
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error_id(text(told)) in line.getMessage()
    assert line.exc_info is not None
    assert isinstance(line.exc_info[1], ZeroDivisionError)


async def test_a_surprise_behind_a_button_is_told_too(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    stage.studio.jobs.refuse["cancel"] = KeyError("x")
    press = await stage.anna.click(first(answer), label="Cancel")
    error_id(text(press.response))
    assert press.ephemeral
    assert "Painting" in text(answer.response)


async def test_a_surprise_behind_a_form_is_told_too(stage: Stage):
    stage.studio.trainings.refuse["prepare"] = KeyError("x")
    form = await stage.anna.slash(stage.channel, "train photos")
    answer = await stage.anna.submit_modal(
        form, {"photos": ("a.jpg", b"\xff"), "name": "anna", "trigger_word": "ZIKI", "kind": "subject"}
    )
    error_id(text(answer.response))


async def test_words_of_a_refusal_do_nothing(stage: Stage):
    stage.studio.fine_tunes.refuse["show"] = UserError("There is no `x` @everyone [here](https://evil.example).")
    answer = await stage.anna.slash(stage.channel, "models show", name="x")
    assert not re.search(r"@everyone|\]\(|://", text(answer.response))


async def test_every_message_mentions_nobody(stage: Stage):
    stage.studio.generations.refuse["again"] = UserError("No.")
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="@everyone <@1>")
    await stage.anna.slash(stage.channel, "help")
    await stage.anna.click(first(answer), label="Cancel")
    sent = [request.json for request in stage.env.http_requests if isinstance(request.json, dict)]
    bodies = [body.get("data", body) for body in sent if "components" in str(body)]
    assert bodies
    assert all(body.get("allowed_mentions") == {"parse": []} for body in bodies)


async def test_a_command_that_changed_asks_to_reload_discord(stage: Stage):
    stage.client.tree.remove_command("help")
    answer = await stage.anna.slash(stage.channel, "help")
    assert "Reload Discord" in text(answer.response)


# D7: Discord did not get, or did not keep, the first answer


async def test_d7_a_command_answered_too_late_starts_nothing_and_is_told_in_the_channel(stage: Stage):
    stage.env.inject_error("POST", CALLBACK, status=404, code=10062)
    await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert stage.studio.generations.calls == []
    [message] = [m async for m in stage.client.get_partial_messageable(stage.channel.id).history()]
    assert f"<@{stage.anna.id}>, I was too slow" in text(message)
    [request] = [r for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert isinstance(request.json, dict)
    assert request.json["allowed_mentions"] == {"parse": []}


async def test_d7_too_late_in_a_channel_that_is_closed_to_the_bot_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
):
    stage.env.inject_error("POST", CALLBACK, status=404, code=10062)
    stage.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert stage.studio.generations.calls == []
    assert "could not be told either" in caplog.text


async def test_d7_an_acknowledgement_that_got_through_unheard_goes_on(stage: Stage, lose: Lose):
    lose("POST", "/callback", BackendError(400, 40060, "Interaction has already been acknowledged."))
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    (_, ran) = stage.studio.generations.calls
    assert ran[2] == first(answer).id
    assert "Painting" in text(answer.response)


async def test_d7_an_acknowledgement_whose_answer_is_lost_is_given_again(stage: Stage, lose: Lose):
    lose("POST", "/callback", aiohttp.ServerDisconnectedError())
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    (_, ran) = stage.studio.generations.calls
    assert ran[2] == first(answer).id
    assert "Painting" in text(answer.response)


async def test_a_member_who_cannot_be_told_at_all_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture):
    stage.studio.fine_tunes.refuse["list"] = UserError("No.")
    stage.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=404, code=10008)
    await stage.anna.slash(stage.channel, "models list")
    assert "could not be told" in caplog.text


async def test_a_status_that_cannot_be_shown_does_not_stop_what_is_paid_for(stage: Stage):
    stage.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=500)
    await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert [call[0] for call in stage.studio.generations.calls] == ["imagine", "run"]


async def test_commands_are_refused_while_the_bot_closes(stage: Stage):
    stage.client.closing = True
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert "restarting" in text(answer.response)
    assert await stage.anna.autocomplete(stage.channel, "models show", "name", "a") in (None, [])
    assert all(part.calls == [] for part in stage.studio.parts)


def test_commands_are_for_servers_only(stage: Stage):
    for command in stage.client.tree.get_commands():
        assert isinstance(command, app_commands.Command | app_commands.Group | app_commands.ContextMenu)
        payload: dict[str, Any] = command.to_dict(stage.client.tree)
        assert (payload["contexts"], payload["integration_types"]) == ([0], [0])
