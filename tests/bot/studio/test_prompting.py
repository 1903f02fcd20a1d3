"""Presets, advice, choices with their price, and prompts made prose: what is accepted, what it costs, and how often."""

import asyncio

import pytest

from bot.domain import sentences
from bot.domain.catalog import Price
from bot.domain.entities import JobState
from bot.domain.money import PriceList
from bot.domain.policy import Budgets, Policy
from bot.domain.prompting import presets
from bot.domain.prompting.enriching import proposal
from bot.errors import RemoteRefused, UserError
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, BEN

FOXES = ImagineRequest(prompt="a {red|blue} fox in {snow|sand}", count=2)


async def spent(at: Rooms) -> int:
    return (await at.studio.spending.allowance(ANNA)).member_spent


async def test_a_preset_takes_the_prompt_in_with_its_trigger_word(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    made = await at.studio.generations.imagine(
        ANNA, "g1", ImagineRequest(prompt="a man", model="ziki", preset="poster")
    )
    assert made.recipe.prompt.startswith("A printed poster that shows ZIKI, a man, large")
    with pytest.raises(UserError, match=r"no preset `x`\. Choose one of photo, portrait"):
        await at.studio.generations.imagine(ANNA, "g2", ImagineRequest(prompt="a man", preset="x"))


async def test_a_prompt_that_a_preset_makes_too_long_is_refused(at: Rooms) -> None:
    with pytest.raises(UserError, match="FLUX reads at most 2000"):
        await at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="x" * 1990, preset="logo"))


async def test_advice_stands_beside_what_else_there_is_to_know(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    request = ImagineRequest(prompt="a (red:1.3) fox", model="ziki", settings={"guidance": 7.5})
    made = await at.studio.generations.imagine(ANNA, "g1", request)
    assert sentences.all_of(made.note).startswith(
        "Added the trigger word `ZIKI`. FLUX knows no weights such as `(red:1.3)`"
    )
    assert "Guidance 7.5 makes colours harsh" in sentences.all_of(made.note)


async def test_guidance_that_a_model_has_another_scale_for_needs_no_advice(at: Rooms) -> None:
    at.services.prices = PriceList(switched={"2-flex": True})
    request = ImagineRequest(prompt="a fox in the snow", model="2-flex", settings={"guidance": 7})
    assert (await at.studio.generations.wish(ANNA, "g1", request)).note == ()


async def test_choices_are_priced_before_anything_is_paid(at: Rooms) -> None:
    batch = await at.studio.batches.prepare(ANNA, "b1", FOXES)
    assert [wish.recipe.prompt for wish in batch.wishes] == [
        "a red fox in snow",
        "a red fox in sand",
        "a blue fox in snow",
        "a blue fox in sand",
    ]
    assert len({wish.recipe.seed for wish in batch.wishes}) == 1
    assert (batch.pictures, batch.estimate, await spent(at)) == (8, 8 * 3_000, 0)
    assert await at.store.undecided.batch("b1") == batch
    assert at.started.flows == []


async def test_paint_all_accepts_what_was_shown_once_however_often_it_is_pressed(at: Rooms) -> None:
    batch = await at.studio.batches.prepare(ANNA, "b1", FOXES)
    presses = [at.studio.batches.paint(ANNA, "b1") for _ in range(5)]
    [painted, *again] = sorted(await asyncio.gather(*presses, return_exceptions=True), key=lambda it: str(type(it)))
    refused = [it for it in (painted, *again) if isinstance(it, UserError)]
    assert len(refused) == 4
    assert {error.text for error in refused} == {
        "This has been painted already, or is being painted. See how far it is with /jobs."
    }
    kept = [await at.store.generations.get(f"b1p{number}") for number in (1, 2, 3, 4)]
    assert [job.recipe for job in kept] == [wish.recipe for wish in batch.wishes]
    assert set(at.started.flows) == {("generate", f"b1p{number}") for number in (1, 2, 3, 4)}
    assert await spent(at) == batch.estimate


async def test_money_for_all_or_for_none(at: Rooms) -> None:
    await at.studio.batches.prepare(ANNA, "b1", FOXES)
    at.services.policy = Policy(Budgets(member=23_999, guild=10**9))
    with pytest.raises(UserError, match=r"would cost about \$0\.024\. You have \$0\.024 left"):
        await at.studio.batches.paint(ANNA, "b1")
    assert await at.store.generations.find("b1p1") is None
    assert (await spent(at), at.started.flows) == (0, [])
    at.services.policy = Policy(Budgets(member=24_000, guild=10**9))
    assert len(await at.studio.batches.paint(ANNA, "b1")) == 4


async def test_each_choice_may_load_a_fine_tune_of_its_own(at: Rooms) -> None:
    for name in ("ziki", "mops"):
        await at.furnish(ANNA, name, trigger=name.upper())
    batch = await at.studio.batches.prepare(ANNA, "b1", ImagineRequest(prompt="{ZIKI|MOPS|a fox} at sea"))
    assert len({wish.fine_tune_id for wish in batch.wishes}) == 3
    assert len(await at.studio.batches.paint(ANNA, "b1")) == 3


async def test_what_is_shared_no_longer_is_not_painted(at: Rooms) -> None:
    await at.furnish(BEN, "theirs", trigger="MOPSI", shared=True)
    await at.studio.batches.prepare(ANNA, "b1", ImagineRequest(prompt="MOPSI in {snow|sand}"))
    await at.studio.fine_tunes.unshare(BEN, "theirs")
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.batches.paint(ANNA, "b1")
    assert await spent(at) == 0


async def test_prompts_that_were_cancelled_or_wait_for_a_day_are_gone(at: Rooms) -> None:
    await at.studio.batches.prepare(ANNA, "b1", FOXES)
    await at.studio.batches.discard(ANNA, "b1")
    await at.studio.batches.prepare(ANNA, "b2", FOXES)
    await at.a_day_later()
    for batch_id in ("b1", "b2"):
        with pytest.raises(UserError, match="no longer here"):
            await at.studio.batches.paint(ANNA, batch_id)


async def test_choices_are_never_painted_unseen(at: Rooms) -> None:
    with pytest.raises(UserError, match="shows their price first"):
        await at.studio.generations.imagine(ANNA, "g1", FOXES)
    made = await at.studio.generations.imagine(ANNA, "g2", ImagineRequest(prompt=r"a sign \{A\|B\}"))
    assert made.recipe.prompt == "a sign {A|B}"


async def test_without_a_language_model_a_preset_does_it_at_once_and_for_nothing(at: Rooms) -> None:
    at.services.policy = Policy(Budgets(member=0, guild=0))
    made = await at.studio.enriching.ask(ANNA, "e1", "a fox", "comic")
    await at.studio.enriching.run(made, 42)
    assert proposal(made) == presets.applied(presets.find("comic"), "a fox")
    assert (made.state, at.started.flows, await spent(at)) == (JobState.SUCCEEDED, [], 0)
    assert await at.store.enrichments.unfinished() == []


async def test_with_one_what_it_may_cost_is_set_aside(at: Rooms) -> None:
    at.services.enrich_model = "meta/llama"
    await at.furnish(ANNA, "ziki")
    made = await at.studio.enriching.ask(ANNA, "e1", "ZIKI at sea", None)
    await at.studio.enriching.run(made, 42)
    assert (made.trigger_words, made.model, made.preset) == (("ZIKI",), "meta/llama", "photo")
    assert (at.started.flows, await spent(at)) == ([("enrich", "e1")], 10_000)
    assert made.is_guess
    with pytest.raises(UserError, match="still being written"):
        await at.studio.enriching.paint(ANNA, "e1")


async def test_an_operator_may_know_what_an_answer_costs(at: Rooms) -> None:
    at.services.enrich_model = "meta/llama"
    at.services.prices = PriceList({"enrich": Price(per_run=500, source="our bill")})
    made = await at.studio.enriching.ask(ANNA, "e1", "a fox", None)
    assert (made.estimate, made.is_guess) == (500, False)
    assert await at.store.enrichments.get("e1") == made


async def test_nothing_is_asked_while_replicate_takes_no_money(at: Rooms) -> None:
    at.services.enrich_model = "meta/llama"
    at.services.remote.breaker.refused(RemoteRefused(402, "Insufficient credit"))
    with pytest.raises(UserError, match="no credit left"):
        await at.studio.enriching.ask(ANNA, "e1", "a fox", None)


async def test_choices_cannot_be_enriched(at: Rooms) -> None:
    with pytest.raises(UserError, match="One prompt at a time"):
        await at.studio.enriching.ask(ANNA, "e1", "a {red|blue} fox", None)


async def test_the_new_prompt_is_painted_once_with_its_fine_tune(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "ziki")
    await at.studio.enriching.ask(ANNA, "e1", "ZIKI at {sea}", "portrait")
    made = await at.studio.enriching.paint(ANNA, "e1")
    assert (made.id, made.fine_tune_id) == ("e1p1", tuned.id)
    assert made.recipe.prompt.startswith("A portrait photograph of ZIKI at {sea}, looking")
    with pytest.raises(UserError, match="painted already"):
        await at.studio.enriching.paint(ANNA, "e1")
    assert await spent(at) == made.estimate
