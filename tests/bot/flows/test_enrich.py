"""An enrichment from its acceptance to the new prompt, on the real engine, whatever the language model writes."""

from dataclasses import replace

import pytest

from bot.domain import sentences
from bot.domain.catalog import PRICES
from bot.domain.entities import Actor, Enrichment, JobState
from bot.domain.prompting import enriching, presets
from tests.bot.app import App
from tests.bot.conftest import Far, until
from tests.bot.things import ANNA, NOW, RICH, accept_training, dataset, fine_tune, keep_waiting, training

CREATE = "POST /v1/models/*/predictions"
CAP = PRICES["enrich"].per_run
LOOK = "GET /v1/models/*"
SIGN = "MOPS holds a sign “OPEN”"
STAND_IN = presets.applied(presets.find("photo"), SIGN)


async def enriched(app: App, prompt: str = SIGN, job_id: str = "e1") -> Enrichment:
    await begun(app, prompt, job_id)
    await app.told(job_id)
    return app.announcer.enriched[-1]


async def begun(app: App, prompt: str = SIGN, job_id: str = "e1", actor: Actor = ANNA) -> None:
    wish = await app.studio.enriching.ask(actor, job_id, prompt, None)
    await app.studio.enriching.run(wish, 42)


async def spent(app: App) -> int:
    return (await app.studio.spending.allowance(ANNA)).member_spent


async def test_a_language_model_is_asked_once_and_its_prose_is_told(app: App, far: Far) -> None:
    told = await enriched(app)
    assert told.state is JobState.SUCCEEDED
    assert told.answer.startswith("MOPS holds a sign “OPEN”. ")
    assert enriching.proposal(told) == told.answer != STAND_IN
    assert (far.paid(), len(app.announcer.enriched), told.message_id) == (1, 1, 42)
    assert far.world.billed < await spent(app) == told.cost == CAP


async def test_only_what_its_schema_lists_is_sent(app: App, far: Far) -> None:
    await enriched(app)
    [created] = far.world.created
    assert set(created.input) == {"prompt", "max_tokens", "temperature"}  # this one takes no system prompt
    assert created.input["prompt"].endswith(f"<prompt>{SIGN}</prompt>")
    assert far.world.unlisted_fields == []


@pytest.mark.parametrize("model", ["openai/gpt-4.1-mini", "google/gemini-2.5-flash"])
async def test_other_makers_have_other_names_for_the_same(app: App, far: Far, model: str) -> None:
    app.settings = replace(app.settings, enrich_model=model)
    await app.killed()
    assert (await enriched(app)).answer
    assert far.world.unlisted_fields == []
    assert len(far.world.created[0].input) >= 4


@pytest.mark.parametrize(
    ("habit", "words"),
    [
        ("drops trigger", "left out or changed the trigger word `ZIKI`"),
        ("new lettering", "changed the lettering"),
        ("empty", "gave no prompt"),
        ("endless", "of which FLUX takes 2,000"),
    ],
)
async def test_an_answer_that_cannot_be_used_gives_way_to_the_preset(
    app: App, far: Far, habit: str, words: str
) -> None:
    far.world.habits.writing = habit  # pyright: ignore[reportAttributeAccessIssue] - one of its words
    prompt = "ZIKI holds a sign “OPEN”"
    await keep_waiting(app.store, dataset("t1"))
    await accept_training(app.store, training("t1"), fine_tune(trigger_word="ZIKI"), RICH)
    await app.store.trainings.end("t1", JobState.CANCELED, 0, NOW)
    told = await enriched(app, prompt)
    assert told.state is JobState.FAILED
    assert words in sentences.of(told.error)
    assert enriching.proposal(told) == presets.applied(presets.find("photo"), prompt)
    assert await spent(app) == CAP  # it was written all the same


async def test_chat_around_the_prose_is_left_out(app: App, far: Far) -> None:
    far.world.habits.writing = "preamble"
    assert (await enriched(app)).answer.startswith("MOPS holds a sign “OPEN”. ")


@pytest.mark.parametrize(
    ("match", "status", "words"),
    [(LOOK, 404, "no longer has this model"), (CREATE, 402, "no credit left"), (CREATE, 422, "refused one of the")],
)
async def test_a_refusal_costs_nothing_and_the_preset_stands_in(
    app: App, far: Far, match: str, status: int, words: str
) -> None:
    far.goes_wrong(match, status=status, body={"detail": "Because of this."}, times=9)
    told = await enriched(app)
    assert words in sentences.of(told.error)
    assert enriching.proposal(told) == STAND_IN
    assert (await spent(app), far.paid()) == (0, 0)


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_process_killed_while_it_asks_pays_once(app: App, far: Far, took_effect: bool) -> None:
    hang = far.goes_wrong(CREATE, hang=True, after_effect=took_effect)
    await begun(app)
    await until(lambda: hang.met == 1)
    if took_effect:
        await until(lambda: far.paid() == 1)
    await app.killed()
    await app.told("e1")
    assert app.announcer.enriched[-1].state is JobState.SUCCEEDED
    assert (far.paid(), await spent(app)) == (1, CAP)


async def test_when_nothing_is_clear_what_was_set_aside_stays_spent(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=500, times=99)
    told = await enriched(app)
    assert "will not risk paying twice" in sentences.of(told.error)
    assert await spent(app) == CAP


async def test_a_run_that_fails_gives_way_to_the_preset(app: App, far: Far) -> None:
    far.world.habits.fail_with = "E9828"
    told = await enriched(app)
    assert sentences.of(told.error) == "The language model gave no answer."
    assert enriching.proposal(told) == STAND_IN


async def test_a_model_that_is_gone_while_its_run_may_be_there_is_charged_at_the_estimate(app: App, far: Far) -> None:
    hang = far.goes_wrong("POST *", hang=True)
    await begun(app)
    await until(lambda: hang.met == 1)
    await app.engine.close()
    far.world.faults.clear()
    far.goes_wrong("GET /v1/models/*", status=404, times=99)
    await app.open()
    await app.told("e1")
    told = await app.store.enrichments.get("e1")
    assert (told.state, told.cost, await spent(app)) == (JobState.FAILED, told.estimate, told.estimate)
    assert told.watch_until is not None  # a run of it that comes is found, and booked in its place
