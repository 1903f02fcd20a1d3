"""How the owner of an upload hears of it: while it waits, and when Discord's 15 minutes have gone by."""

import asyncio

import discord
import pytest
from simcord.results import InteractionResult

from bot.errors import UserError
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, text

ZIP = ("photos.zip", b"PK" + bytes(40))
ANSWER, MESSAGES, LETTERS = "/webhooks/*/messages/@original", "/channels/*/messages", "/users/@me/channels"


async def hands_in(stage: Stage) -> InteractionResult:
    return await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")


async def posted(stage: Stage, *, to_anna: bool = False) -> list[discord.Message]:
    channel = stage.client.get_channel(stage.channel.id)
    if to_anna:
        channel = await stage.client.create_dm(discord.Object(stage.anna.id))
    assert isinstance(channel, discord.abc.Messageable)
    return [message async for message in channel.history(oldest_first=True)]


def said(stage: Stage) -> list[str]:
    """List what the answer to the command said, one after the other."""
    edits = [entry for entry in stage.env.backend.http_requests if entry.method == "PATCH"]
    return [str(entry.json) for entry in edits if entry.path.endswith("/@original")]


async def in_line(stage: Stage) -> asyncio.Task[InteractionResult]:
    """Hand files in, of which the place in line is told and no more, until the test says that they are checked."""
    stage.studio.trainings.checked.clear()
    waiting = asyncio.create_task(hands_in(stage))
    async with asyncio.timeout(20):
        while not said(stage):  # noqa: ASYNC110 - what is waited for is a request to SimCord
            await asyncio.sleep(0)
    return waiting


async def test_who_waits_is_told_the_place_and_then_shown_the_report(stage: Stage):
    stage.studio.trainings.places = [5, 2]
    waiting = await in_line(stage)
    assert "number 3 in line: about 3 minutes" in said(stage)[-1]  # whose first place is old news
    stage.studio.trainings.checked.set()
    report = await waiting
    assert len(said(stage)) == 2
    assert "Start" in buttons(report.response)
    assert "in line" not in text(report.response)


async def test_a_place_that_cannot_be_shown_costs_no_report(stage: Stage):
    stage.studio.trainings.places = [1]
    stage.env.inject_error("PATCH", ANSWER, status=403, code=50001)
    waiting = await in_line(stage)
    stage.studio.trainings.checked.set()
    assert "Start" in buttons((await waiting).response)


async def test_a_report_that_comes_too_late_is_offered_in_the_channel_and_shown_to_its_owner_alone(stage: Stage):
    stage.env.inject_error("PATCH", ANSWER, status=401, code=50027)
    await hands_in(stage)
    [offer] = await posted(stage)
    job_id = stage.studio.trainings.calls[0][2]
    assert buttons(offer) == {"Show the report": f"show-report:{job_id}"}
    assert offer.attachments == []
    assert [user.id for user in offer.mentions] == [stage.anna.id]
    shown = await stage.anna.click(offer, label="Show the report")
    assert stage.studio.trainings.calls[-1][0] == "find"
    assert first(shown).attachments[0].filename == "contact-sheet.jpg"
    assert shown.ephemeral
    stage.studio.trainings.refuse["find"] = UserError("This upload is no longer here.")
    assert (await stage.ben.click(offer, label="Show the report")).ephemeral


async def test_where_it_cannot_be_offered_its_owner_hears_why(stage: Stage):
    stage.env.inject_error("PATCH", ANSWER, status=401, code=50027)
    stage.env.inject_error("POST", MESSAGES, status=403, code=50013)
    await hands_in(stage)
    assert await posted(stage) == []
    [letter] = await posted(stage, to_anna=True)
    assert f"I may not write in <#{stage.channel.id}>" in text(letter)


@pytest.mark.parametrize("late", [False, True])
async def test_a_refusal_is_for_its_owner_alone(stage: Stage, late: bool):
    stage.studio.trainings.refuse["prepare"] = UserError("`anna.jpg` is damaged. Save it again.")
    if late:
        stage.env.inject_error("PATCH", ANSWER, status=401, code=50027)
    answer = await hands_in(stage)
    if late:
        assert await posted(stage) == []
        [letter] = await posted(stage, to_anna=True)
        assert "is damaged. Save it again" in text(letter)
    else:
        assert answer.ephemeral
        assert "is damaged. Save it again" in text(answer.response)


async def test_who_can_be_told_nowhere_makes_no_trouble(stage: Stage, caplog: pytest.LogCaptureFixture):
    stage.studio.trainings.refuse["prepare"] = UserError("It is damaged.")
    stage.env.inject_error("PATCH", ANSWER, status=401, code=50027)
    stage.env.inject_error("POST", LETTERS, status=403, code=50007)
    await hands_in(stage)
    assert "could not be told what became of an upload" in caplog.text
