"""Rows R1 to R13 of the fault matrix: Replicate has a bad day. The bot's longest waits are shortened."""

import asyncio
import gzip
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.bot_process import REPLICATE_TOKEN
from sandbox.discord import Message
from sandbox.replicate_world import Fault
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import zipped
from tests.faults.trial import HURRIED, LOOK, TRAINED, Trial, only, open_trial

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
CREATE, LIST = "POST */predictions", "^/v1/predictions$"
FORGOTTEN_ONES = ("urls", "metrics", "logs", "error", "created_at", "model", "version")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Trial]:
    async with open_trial(tmp_path_factory.mktemp("replicate"), HURRIED) as opened:
        yield opened


def goes_wrong(trial: Trial, match: str, **how: Any) -> Fault:
    """Let something go wrong with the next requests like these."""
    fault = Fault(match=match, **how)
    trial.world.replicate.faults.append(fault)
    return fault


def alarms(trial: Trial) -> int:
    """Count the lines that call the operator."""
    return trial.log().count(" CRITICAL ")


def charged(trial: Trial) -> list[int]:
    """List what the budgets were charged for the jobs of this test, a training with its samples."""
    return [row["spent"] for row in trial.jobs() if not row.get("parent_id")]


def billed(trial: Trial) -> int:
    """Add up what Replicate charged for this test, in micro-dollars."""
    return sum(trial.world.replicate.ledger.bills[made.id] for made in trial.created())


async def starts(member: Visitor, name: str) -> Message:
    """Start a training and return its status message."""
    return await member.starts(await member.hands_in(zipped(3), name, f"ZIK{name.upper()}"))


async def is_accepted_again(member: Visitor) -> None:
    """Ask until Replicate is asked again: the breaker closes in its own time, and tells nobody."""
    while not (await member.imagines("a boat again")).pictures:  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOOK)


async def test_r1_a_refused_key_is_told_plainly_and_alarms_the_operator_once(trial: Trial, member: Visitor):
    fault = goes_wrong(trial, CREATE, times=99, status=401, body={"detail": "no", "status": 401})
    for _ in range(2):
        check_text(await member.imagines("a boat without a key"), "Nothing was charged", "operator has to renew it")
    assert (fault.met, alarms(trial)) == (1, 1)  # the second was not even sent
    assert charged(trial) == [0]
    trial.mend()
    await is_accepted_again(member)


async def test_r1_a_revoked_key_is_told_plainly_before_a_training_too(trial: Trial, member: Visitor):
    report = await member.hands_in(zipped(3), "keyless", "ZIKEYLESS")
    trial.world.replicate.revoked.add(REPLICATE_TOKEN)
    try:
        await trial.bot.restart()
        check_text(await member.presses(report, "Start"), "Nothing was charged", "operator has to renew it")
        check_text(await member.presses(report, "Start"), "Nothing was charged", "operator has to renew it")
    finally:
        trial.world.replicate.revoked.clear()
    assert alarms(trial) == 1
    assert not trial.jobs()
    await is_accepted_again(member)


async def test_r1_a_model_that_is_closed_to_the_account_closes_no_other(trial: Trial, member: Visitor):
    trial.world.replicate.habits.forbidden = ("black-forest-labs/flux-1.1-pro",)
    check_text(
        await member.imagines("a boat of a closed model", model="1.1-pro"),
        "does not let this team's account",
        "charged",
    )
    check_pictures(await member.imagines("a boat of an open model"), 1)
    assert (alarms(trial), charged(trial)[0]) == (0, 0)


async def test_r2_no_credit_is_told_plainly_and_alarms_the_operator_once(trial: Trial, member: Visitor):
    trial.world.replicate.habits.credit = "none"
    for _ in range(2):
        check_text(await member.imagines("a boat on credit"), "no credit left", "Nothing was charged")
    assert trial.asked("POST", "/predictions$") == 1
    assert (alarms(trial), charged(trial)) == (1, [0])
    trial.mend()
    await is_accepted_again(member)


async def test_r3_a_refused_setting_is_told_so_that_it_does_nothing(trial: Trial, member: Visitor):
    detail = "- input.steps: @everyone [must](https://evil.example) be `less`"
    fault = goes_wrong(trial, CREATE, times=99, status=422, body={"detail": detail, "status": 422})
    refusal = await member.imagines("a boat with a wrong setting")
    check_text(refusal, "refused one of the settings", "nothing was charged", "must")
    assert "](https://evil.example)" not in refusal.text
    assert not refusal.pinged
    assert fault.met == 1
    assert (alarms(trial), charged(trial)) == (0, [0])


async def test_r4_a_throttled_request_waits_as_long_as_we_say(trial: Trial, member: Visitor):
    fault = goes_wrong(trial, CREATE, status=429, retry_after="86400", body={"detail": "Request was throttled."})
    check_pictures(await member.imagines("a boat in the queue"), 1)
    assert fault.met == 1
    assert len(trial.created()) == 1


@pytest.mark.parametrize(
    ("trouble", "requests"),
    [
        ({"status": 500}, 2),
        ({"status": 503, "body": "<html>no healthy upstream</html>"}, 2),
        ({"status": 500, "after_effect": True}, 1),
    ],
    ids=["500", "503", "500 after the effect"],
)
async def test_r5_an_error_is_looked_up_before_anything_is_sent_again(
    trial: Trial, member: Visitor, trouble: dict[str, Any], requests: int
):
    goes_wrong(trial, CREATE, **trouble)
    check_pictures(await member.imagines("a boat after an error"), 1)
    only(member, "a boat after an error")
    steps = [one.method for one in trial.world.replicate.exchanges if one.path.endswith("/predictions")]
    assert steps.count("POST") == requests
    assert steps[:2] == ["POST", "GET"]
    assert len(trial.created()) == 1


async def test_r5_errors_without_end_end_in_a_clear_sentence(trial: Trial, member: Visitor):
    fault = goes_wrong(trial, CREATE, times=99, status=500)
    check_text(await member.imagines("a boat of errors"), "will not risk paying twice", "try again")
    assert fault.met == 3
    assert not trial.created()


async def test_r6_an_answer_that_never_comes_is_found_by_looking(trial: Trial, member: Visitor):
    goes_wrong(trial, CREATE, hang=True, after_effect=True)
    check_pictures(await member.imagines("a boat without an answer"), 1)
    only(member, "a boat without an answer")
    goes_wrong(trial, "POST */trainings", lost=True, after_effect=True)
    check_pictures(await member.is_told(await starts(member, "unheard")), 1)
    assert len(trial.created()) == 1 + TRAINED


async def test_r7_trouble_with_looking_delays_and_no_more(trial: Trial, member: Visitor):
    troubles: list[dict[str, Any]] = [{"status": 404}, {"status": 500}, {"lost": True}, {"body": "<html>"}]
    faults = [goes_wrong(trial, "GET /v1/trainings/*", times=2, **{"status": 502, **how}) for how in troubles]
    check_pictures(await member.is_told(await starts(member, "delayed")), 1)
    assert [fault.met for fault in faults] == [2, 2, 2, 2]
    assert len(trial.created()) == TRAINED


@pytest.mark.parametrize(
    ("error", "sentence"),
    [("NSFW", "The safety check held every picture back"), ("E005", "safety check"), ("PA", "was interrupted")],
)
async def test_r8_a_failure_is_told_by_its_kind_and_charged_as_replicate_does(
    trial: Trial, member: Visitor, error: str, sentence: str
):
    trial.world.replicate.habits.fail_with = error
    told = await member.imagines("a boat that fails")
    check_text(told, sentence, "Press *Again*")
    check_buttons(told, "Again", "Edit prompt")
    assert "nsfw" not in told.text.casefold()
    assert sum(charged(trial)) == billed(trial)


async def test_r8_a_failed_training_is_told_by_its_kind(trial: Trial, member: Visitor):
    trial.world.replicate.habits.fail_with = "E1001"
    told = await member.is_told(await starts(member, "memory"))
    check_text(told, "memory", "ran out of memory", "smaller lora_rank")
    check_text(await member.runs("models list"), "memory", "not trained yet")
    assert sum(charged(trial)) == billed(trial)


async def test_r9_what_replicate_ends_itself_is_told_as_ended(trial: Trial, member: Visitor):
    trial.world.replicate.habits.abort = True
    check_text(await member.imagines("a boat that never left"), "Replicate ended this")
    trial.mend()
    trial.world.replicate.habits.stuck = "processing"
    status = await starts(member, "ended")
    await trial.until(lambda: len(trial.created()) == 2, "the training is there")
    await trial.at_work()
    trial.world.replicate.lifecycle.cancel(trial.world.replicate.state.jobs[trial.created()[1].id])
    check_text(await member.is_told(status), "was cancelled", "Replicate ended this")
    assert sum(charged(trial)) == billed(trial)


async def test_r10_what_hangs_is_cancelled_at_its_deadline_even_if_that_fails(tmp_path: Path):
    async with open_trial(tmp_path / "short", HURRIED, {"HURRIED_TRAINING": "6"}) as trial:
        trial.begin()
        await hangs(trial, trial.alice)
        await trial.judge()


async def hangs(trial: Trial, member: Visitor) -> None:
    trial.world.replicate.habits.stuck = "starting"
    obedient = await starts(member, "obedient")
    await trial.until(lambda: len(trial.created()) == 1, "the first training is there")
    stubborn = await starts(member, "stubborn")
    await trial.until(lambda: len(trial.created()) == 2, "the second training is there")
    one, other = (trial.world.replicate.state.jobs[made.id] for made in trial.created())
    refusals = goes_wrong(trial, f"POST /v1/trainings/{other.id}/cancel", times=999, status=500)
    told = [await member.sees(name, lambda m, n=name: n in m.text and m.pinged) for name in ("obedient", "stubborn")]
    check_text(told[0], "Replicate ended this")
    check_text(told[1], "did not finish in time")
    assert (one.status, other.status) == ("canceled", "starting")
    assert refusals.met >= 1
    ended, doubtful = charged(trial)
    assert ended <= 1  # a micro-dollar: Replicate measures microseconds, and we round up
    assert doubtful >= 1_000_000  # it may still be running: the budget never says less than the bill
    for status in (obedient, stubborn):
        assert "Waiting" not in status.text
    trial.world.replicate.lifecycle.cancel(other)


@pytest.mark.parametrize(("shape", "pictures"), [("null", 0), ("dict", 0), ("number", 0), ("string", 1), ("list", 1)])
async def test_r11_odd_outputs_end_in_pictures_or_a_sentence(trial: Trial, member: Visitor, shape: Any, pictures: int):
    trial.world.replicate.habits.output_shape = shape
    told = await member.imagines("a boat of an odd shape")
    check_pictures(told, pictures)
    if not pictures:
        check_text(told, "could not be fetched", "Press *Again*")
    only(member, "a boat of an odd shape")


async def test_r11_missing_fields_and_unknown_words_are_borne(trial: Trial, member: Visitor):
    habits = trial.world.replicate.habits
    habits.missing_keys = FORGOTTEN_ONES
    check_pictures(await member.imagines("a boat of few words"), 1)
    habits.status_word = "queued"
    habits.missing_keys = (*FORGOTTEN_ONES, "output")  # a picture alone would end the wait
    answer = await member.person.slash(member.channel, "imagine", prompt="a boat of a new word")
    await trial.until(lambda: trial.asked("GET", "^/v1/predictions/.") >= 3, "the bot has looked")
    trial.mend()
    check_pictures(await member.gets(answer), 1)
    assert len(trial.created()) == 2


UNREADABLE: dict[str, dict[str, Any]] = {
    "bomb": {"body": gzip.compress(bytes(64 << 20), 1), "encoding": "gzip"},
    "brackets": {"body": b"[" * 200_000},
    "id": {"body": {"id": "../../v1/account?x=", "status": "succeeded"}},
    "drip": {"body": b" " * 1_000_000, "drip": 0.05},
}


@pytest.mark.parametrize("how", UNREADABLE.values(), ids=UNREADABLE)
async def test_r11_an_answer_that_is_meant_to_hurt_is_looked_up(trial: Trial, member: Visitor, how: dict[str, Any]):
    goes_wrong(trial, CREATE, status=201, after_effect=True, **how)
    looks = goes_wrong(trial, "GET /v1/predictions/*", status=200, **(how | {"drip": 0}))
    check_pictures(await member.imagines("a boat among sharks"), 1)
    assert len(trial.created()) == 1
    assert looks.met <= 1
    assert trial.asked("GET", "/account") == trial.asked("POST", "/account") == 0
    assert sum(charged(trial)) == billed(trial)


@pytest.mark.parametrize("kind", ["missing", "short", "wrong type", "bomb", "redirect", "server error"])
async def test_r12_pictures_that_cannot_be_had_are_told_as_lost(trial: Trial, member: Visitor, kind: Any):
    trial.world.replicate.habits.outputs = kind
    told = await member.imagines("a lost boat")
    check_text(told, "could not be fetched", "Press *Again*")
    assert not told.files
    assert not trial.world.internet.refused  # no redirect was followed
    assert sum(charged(trial)) == billed(trial)


@pytest.mark.parametrize("lacks", ["version", "both"])
async def test_r13_a_training_without_a_version_is_no_fine_tune(trial: Trial, member: Visitor, lacks: Any):
    trial.world.replicate.habits.no_version = lacks
    told = await member.is_told(await starts(member, "hollow"))
    check_text(told, "hollow", "did not work", "Run /train again")
    assert "ready" not in told.text
    check_text(await member.imagines("a boat", model="hollow"), "hollow")
    assert len(trial.created()) == 1
    assert sum(charged(trial)) >= billed(trial)
