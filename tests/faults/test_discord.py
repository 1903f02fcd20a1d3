"""Rows D1 to D13 of the fault matrix: Discord has a bad day."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio

from sandbox.discord import Fault, Message, Rule
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import zipped
from tests.faults.trial import TRAINED, Trial, only, open_trial, results
from tests.shared import FOREVER

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
QUARTER_OF_AN_HOUR = 15 * 60.0
OWN_MESSAGE = "PATCH /webhooks/*/messages/@original"  # how a command's answer is edited
PROGRESS = "PATCH /channels/*/messages/*"
ANY_EDIT = "PATCH /*/messages/*"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Trial]:
    async with open_trial(tmp_path_factory.mktemp("discord")) as opened:
        yield opened


async def begun(trial: Trial, member: Visitor, prompt: str, **options: object) -> Message:
    """Ask for a picture that Replicate takes its time for, and return the message that shows it as being painted."""
    with trial.slowly(0.5):
        answer = await member.person.slash(member.channel, "imagine", prompt=prompt, **options)
        status = await member.settled(answer, "/imagine")
        await trial.until(lambda: trial.ordered(prompt), "Replicate is at work")
    return status


async def is_over(member: Visitor, message: Message) -> Message:
    """Return a generation's message once it is over."""
    await member.until(lambda: any(button.label == "Again" for button in message.buttons), "the end of a generation")
    return message


def fail_in(trial: Trial, member: Visitor, code: int, *, status: int = 403, times: int = 99) -> Fault:
    """Have everything refused that is about the messages of a member's channel."""
    fault = Fault(f"* /channels/{member.channel.id}/messages*", times=times, status=status, code=code)
    trial.world.discord.faults.append(fault)
    return fault


async def test_d1_resume_loses_nothing_and_handles_no_event_twice(trial: Trial, member: Visitor):
    gateway = trial.world.discord.gateway
    sessions, identified = set(gateway.sessions), gateway.identified
    status = await begun(trial, member, "a boat before the gap")
    gateway.repeat("INTERACTION_CREATE")
    gateway.disconnect(4000)
    missed = await member.imagines("a boat in the gap")
    await is_over(member, status)
    gateway.repeat("INTERACTION_CREATE")
    check_pictures(missed, 1)
    await asyncio.gather(
        *(member.imagines("a boat after the gap") for _ in range(2))
    )  # and what was repeated is through
    await trial.settled()
    assert (set(gateway.sessions), gateway.identified) == (sessions, identified)
    for boat in ("before", "in"):
        check_pictures(only(member, f"a boat {boat} the gap"), 1)
    assert len(trial.created()) == len(trial.jobs()) == 4


@pytest.mark.parametrize("trouble", ["op 7", "4009, then op 9"])
async def test_d2_jobs_do_not_depend_on_the_gateway(trial: Trial, member: Visitor, trouble: str):
    gateway = trial.world.discord.gateway
    before = gateway.identified
    await begun(trial, member, "a boat meanwhile")
    if trouble == "op 7":
        await gateway.reconnect()
    else:
        gateway.forget_sessions()  # so that the resume that follows is answered with op 9
        gateway.disconnect(4009)
    await is_over(member, only(member, "a boat meanwhile"))
    await member.until(lambda: gateway.connected, "the gateway again")
    check_pictures(await member.imagines("a boat afterwards"), 1)
    assert gateway.identified == before + (trouble != "op 7")
    assert len(trial.created()) == 2


@pytest.mark.parametrize("code", [4004, 4013, 4014])
async def test_d3_a_fatal_close_ends_the_process_with_one_clear_line(trial: Trial, member: Visitor, code: int):
    gateway = trial.world.discord.gateway
    before = gateway.identified
    gateway.disconnect(code)
    assert await asyncio.wait_for(trial.bot.wait(), FOREVER) == 1
    (line,) = [line for line in trial.log().splitlines() if " CRITICAL " in line]
    assert str(code) in line
    assert "doctor" in line
    assert gateway.identified == before
    await trial.bot.start()
    check_pictures(await member.imagines("a boat after the end"), 1)


async def test_d4_rate_limits_delay_results_and_lose_none(trial: Trial, member: Visitor):
    limits = trial.world.discord.rest.limits
    route = "PATCH /webhooks/:id/:id/messages/@original"
    before = limits.rules, limits.overall
    limits.rules, limits.overall = (Rule(route, 1, 0.5),), Rule("global", 2, 0.5)
    trial.world.discord.faults.append(Fault(OWN_MESSAGE, times=2, status=429, retry_after=0.3))
    try:
        boats = await asyncio.gather(*(member.imagines(f"boat {number} of 4") for number in range(4)))
        status = await member.starts(await member.hands_in(zipped(4), "limited", "ZIKLIMIT"))
        card = await member.is_told(status)
    finally:
        limits.rules, limits.overall = before
    for boat in boats:
        check_pictures(boat, 1)
    check_pictures(card, 1)
    assert len(results(member, "of 4")) == 4
    refused = [one for one in trial.began.exchanges if one.status == 429]
    assert len(refused) < len(trial.began.exchanges) / 4


async def test_d4_progress_is_dropped_where_discord_wants_minutes_of_silence(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(4), "silence", "ZIKSILENCE")
    status = await member.starts(report)
    trial.world.discord.faults.append(Fault(PROGRESS, times=99, status=429, retry_after=1336))
    check_pictures(await member.is_told(status), 1)
    asked = trial.sent("PATCH", rf"/channels/{member.channel.id}/")
    assert len(asked) <= 6


async def test_d4_a_result_outlives_a_wait_of_twenty_minutes(trial: Trial, member: Visitor):
    status = await begun(trial, member, "a patient boat")
    trial.world.discord.faults.append(Fault(OWN_MESSAGE, status=429, retry_after=1336))
    await trial.until(lambda: [one for one in trial.began.exchanges if one.status == 429], "the refusal")
    await trial.bot.restart()
    check_pictures(await is_over(member, status), 1)
    check_pictures(only(member, "a patient boat"), 1)
    assert len(trial.created()) == 1


@pytest.mark.parametrize(
    "trouble", [{"status": 500, "after_effect": True}, {"status": 503}, {"lost": True}], ids=["500", "503", "lost"]
)
async def test_d5_errors_of_the_server_leave_one_status_and_one_card(
    trial: Trial, member: Visitor, trouble: dict[str, Any]
):
    report = await member.hands_in(zipped(3), "once", "ZIKONCE")
    faults, posts = trial.world.discord.faults, f"POST /channels/{member.channel.id}/messages"
    faults.append(Fault(posts, **trouble))
    await member.changes(report, "Start", "Started")
    await trial.until(lambda: not faults, "the status message met the fault")
    faults.append(Fault(posts, **trouble))
    check_pictures(await member.sees("the model card", lambda m: member.person.id in m.pinged), 1)
    await trial.settled()
    assert not faults
    assert len(results(member, "### Training once")) == 1
    only(member, "Your fine-tune is ready")
    assert len(trial.created()) == TRAINED


@pytest.mark.parametrize(
    "trouble",
    [{"status": 502}, {"status": 504, "after_effect": True}, {"lost": True}, {"dropped": True}],
    ids=["502", "504", "lost", "dropped"],
)
async def test_d5_errors_of_the_server_leave_one_picture(trial: Trial, member: Visitor, trouble: dict[str, Any]):
    faults = trial.world.discord.faults
    faults.append(Fault("POST /interactions/*/callback", **trouble))
    check_pictures(await member.imagines("a boat whose first answer fails"), 1)
    faults.append(Fault(OWN_MESSAGE, **trouble))
    check_pictures(await member.imagines("a boat whose status fails"), 1)
    status = await begun(trial, member, "a boat whose end fails")
    faults.append(Fault(OWN_MESSAGE, **trouble))
    check_pictures(await is_over(member, status), 1)
    await trial.settled()
    assert not faults
    for what in ("first answer", "status", "end"):
        check_pictures(only(member, f"a boat whose {what} fails"), 1)
    assert len(trial.created()) == 3


async def test_d6_files_that_do_not_come_whole_are_asked_for_again(trial: Trial, member: Visitor):
    discord, (name, whole) = trial.world.discord, zipped(4)
    files = "GET /*attachments/*"
    again = "Attach it again"
    damaged = "zip"
    for fault, sentence in (
        (Fault(files, status=404), again),
        (Fault(files, status=403), again),
        (Fault(files, keep_bytes=1000), again),
        (Fault(files, body=whole[:-200]), damaged),
        (Fault(files, body=whole + b"more than was declared"), damaged),
        (Fault(files, body=b"<html>Please sign in</html>"), damaged),
    ):
        discord.faults.append(fault)
        refusal = await member.hands_in((name, whole), "partial", "ZIKPART")
        check_text(refusal, sentence)
        assert refusal.ephemeral
        assert not refusal.buttons
    lifetime, discord.signer.lifetime = discord.signer.lifetime, -1.0
    check_text(await member.hands_in((name, whole), "partial", "ZIKPART"), again)
    discord.signer.lifetime = lifetime
    assert not trial.created()
    assert not trial.jobs()
    discord.faults.append(Fault(files, bytes_per_second=len(whole) * 2.0))
    check_text(await member.hands_in((name, whole), "slow", "ZIKSLOW"), "4 pictures to train on")


async def test_d7_a_command_acknowledged_too_late_starts_nothing_and_is_answered_in_the_channel(
    trial: Trial, member: Visitor
):
    callback = "POST /interactions/*/callback"
    trial.world.discord.faults.append(Fault(callback, status=404, code=10062, message="Unknown interaction"))
    asking = asyncio.create_task(member.person.slash(member.channel, "imagine", prompt="a late boat"))
    told = await member.sees("an apology", lambda m: "too slow to answer" in m.text)
    check_text(told, "nothing was started", "try again")
    assert not (await asking).acknowledged
    assert not trial.created()
    assert not trial.jobs()


async def test_d7_a_command_acknowledged_twice_is_carried_out_once(trial: Trial, member: Visitor):
    callback = "POST /interactions/*/callback"
    taken = Fault(callback, status=400, code=40060, after_effect=True, message="already been acknowledged")
    trial.world.discord.faults.append(taken)
    check_pictures(await member.imagines("a boat said twice"), 1)
    only(member, "a boat said twice")
    assert len(trial.created()) == 1


async def test_d8_results_come_after_the_interaction_has_died(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(4), "long", "ZIKLONG")
    with trial.slowly(2.0):
        painting = await begun(trial, member, "a boat of an hour")
        status = await member.starts(report)
        trial.world.discord.travel(2 * QUARTER_OF_AN_HOUR)
    card = await member.is_told(status)
    check_pictures(card, 1)
    assert card.pinged == {member.person.id}
    check_pictures(await is_over(member, painting), 1)
    only(member, "a boat of an hour")
    assert len(trial.created()) == TRAINED + 1


async def test_d9_a_training_of_a_closed_channel_is_told_by_direct_message(trial: Trial, member: Visitor):
    status = await member.starts(await member.hands_in(zipped(3), "closed", "ZIKCLOSED"))
    fail_in(trial, member, 50013)
    card = await member.sees("a direct message", lambda m: m.channel_id == member.person.direct.id)
    check_text(card, "closed", "ready", f"<#{member.channel.id}>")
    check_pictures(card, 1)
    assert only(member, "Your fine-tune is ready").id == card.id
    assert sum(one.status == 403 for one in trial.began.exchanges) <= 3
    assert len(trial.created()) == TRAINED
    assert not status.deleted


@pytest.mark.parametrize("code", [50013, 50001, 160005])
async def test_d9_a_closed_channel_is_not_knocked_at_again(trial: Trial, member: Visitor, code: int):
    trial.world.discord.faults.append(Fault("PATCH /webhooks/*", times=99, status=401, code=50027))
    fail_in(trial, member, code)
    for boat in ("first", "second"):
        await member.person.slash(member.channel, "imagine", prompt=f"the {boat} boat")
        picture = await member.sees("the picture", lambda m, boat=boat: f"the {boat} boat" in m.text)
        check_pictures(picture, 1)
        assert picture.channel_id == member.person.direct.id
    assert sum(one.status == 403 for one in trial.began.exchanges) == 1
    assert len(trial.created()) == 2


async def test_d10_what_cannot_be_told_is_kept_for_jobs(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(3), "unheard", "ZIKUNHEARD")
    await member.starts(report)
    fail_in(trial, member, 50013)
    trial.world.discord.faults.append(
        Fault(f"POST /channels/{member.person.direct.id}/messages", times=99, status=403, code=50007)
    )
    await trial.until(lambda: [job for job in trial.jobs() if job["delivered"] == "kept" and job["spent"]], "kept")
    tries = [one for one in trial.began.exchanges if one.status == 403]
    assert len(tries) <= 4
    check_text(await member.runs("jobs"), "unheard", "done", "direct messages")
    assert [one for one in trial.began.exchanges if one.status == 403] == tries
    assert len(trial.created()) == TRAINED


async def test_d11_a_message_that_was_deleted_is_written_anew(trial: Trial, member: Visitor):
    status = await begun(trial, member, "a boat whose message goes")
    await trial.world.alice.delete(status)
    picture = await member.sees("the picture", lambda m: "whose message goes" in m.text and m.pictures)
    check_pictures(picture, 1)
    assert picture.channel_id == member.channel.id
    check_buttons(picture, "Again", "Delete")
    only(member, "whose message goes")
    assert len(trial.created()) == 1


@pytest.mark.parametrize("code", [10003, 10004])
async def test_d11_a_channel_that_is_gone_is_answered_by_direct_message(trial: Trial, member: Visitor, code: int):
    await begun(trial, member, "a boat without a channel")
    trial.world.discord.faults.append(Fault("PATCH /webhooks/*", times=99, status=404, code=code))
    fail_in(trial, member, code, status=404)
    picture = await member.sees(
        "a direct message", lambda m: m.channel_id == member.person.direct.id and "without a channel" in m.text
    )
    check_pictures(picture, 1)
    assert len(trial.created()) == 1


@pytest.mark.parametrize(("status", "code"), [(413, 40005), (400, 50045)])
async def test_d12_pictures_that_are_too_large_are_sent_smaller_or_not_at_all(
    trial: Trial, member: Visitor, status: int, code: int
):
    message = await begun(trial, member, "a boat of two sizes", count=2)
    trial.world.discord.faults.append(Fault(ANY_EDIT, status=status, code=code))
    smaller = await is_over(member, message)
    check_pictures(smaller, 2)
    assert {file.content_type for file in smaller.pictures} == {"image/jpeg"}
    message = await begun(trial, member, "a boat of no size", count=2)
    trial.world.discord.faults.append(Fault(ANY_EDIT, times=2, status=status, code=code))
    nothing = await is_over(member, message)
    check_text(nothing, "too large")
    assert not nothing.pictures
    kept = trial.query("SELECT generation_id, path FROM pictures")
    paths = [row["path"] for row in kept if row["generation_id"] in {job["id"] for job in trial.jobs()}]
    assert len(paths) == 4
    assert all((trial.bot.directory / path).stat().st_size for path in paths)
    assert {path.rpartition(".")[2] for path in paths} == {"webp"}


async def test_d13_a_button_pressed_twice_does_it_once(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(3), "pressed", "ZIKPRESS")
    answers = await asyncio.gather(*(member.person.click(report, "Start") for _ in range(2)))
    texts = [message.text for answer in answers for message in answer.followups]
    card = await member.sees("the model card", lambda m: member.person.id in m.pinged)
    check_pictures(card, 1)
    assert any("started already" in text for text in texts + [m.text for m in member.person.messages(member.channel)])
    assert len(results(member, "### Training pressed")) == 1
    assert len(trial.created()) == TRAINED


async def test_d13_a_button_pressed_during_a_restart_works_afterwards(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(3), "meanwhile", "ZIKMEAN")
    await trial.bot.stop()
    pressed, _ = await asyncio.gather(member.person.click(report, "Start"), trial.bot.start())
    assert not pressed.acknowledged
    card = await member.is_told(await member.starts(report))
    check_pictures(card, 1)
    assert len(trial.created()) == TRAINED
