"""Presets, choices and /enrich, as a member drives them."""

from collections.abc import Callable
from typing import Any

import discord
import pytest

from bot.discord_client.client import AtelierClient
from bot.domain.entities import JobState
from bot.domain.notices import Notice
from bot.errors import UserError
from bot.studio.requests import ImagineRequest, Unshared, Withheld
from bot.views.outcomes import Enriched
from cogs.layouts import batches, enriching
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, text
from tests.cogs.test_commands import anna

MakeClient = Callable[..., AtelierClient]


async def test_a_preset_is_handed_over(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox", preset="poster")
    assert stage.studio.generations.calls[0][3] == ImagineRequest(prompt="a fox", preset="poster")
    assert not answer.ephemeral


async def test_a_prompt_with_choices_is_shown_with_its_price_in_private_before_it_is_painted(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a {red|blue} fox", seed=42)
    [(name, actor, batch_id, request)] = stage.studio.batches.calls
    assert (name, actor, request) == ("prepare", anna(stage), ImagineRequest(prompt="a {red|blue} fox", seed=42))
    assert answer.ephemeral
    assert "2 prompts, 4 pictures, about $0.032" in text(answer.response)
    assert "1. `a red fox`\n2. `a blue fox`" in text(answer.response)
    assert buttons(answer.response) == {"Paint all": f"paint-all:{batch_id}", "Cancel": f"drop-batch:{batch_id}"}
    assert stage.studio.generations.calls == []


async def test_paint_all_works_after_a_restart_and_takes_the_buttons_away(stage: Stage, make_client: MakeClient):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a {red|blue} fox")
    await stage.env.restart_bot(make_client(stage.studio))
    await stage.anna.click(first(answer), label="Paint all")
    assert stage.studio.batches.calls[-1] == ("paint", anna(stage), stage.studio.batches.calls[0][2])
    assert "Painting 2 prompts. Each comes into this channel" in text(answer.response)
    assert buttons(answer.response) == {}


def held(stage: Stage, job_id: str) -> Withheld:
    return Withheld(job_id, ImagineRequest(prompt="ziki at sea"), [Unshared(words="ziki", owner_id=4711)])


async def test_whose_a_word_is_and_paint_without_it_are_offered_in_private(stage: Stage, make_client: MakeClient):
    stage.studio.generations.refuse["imagine"] = held(stage, "1300000000000000021")
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="ziki at sea")
    [offer] = [told for told in answer.followups if told.ephemeral]
    assert "`ziki` belongs to a fine-tune of <@4711> that is not shared with you. Ask <@4711> for" in text(offer)
    assert "about $0.016" in text(offer)
    assert buttons(offer) == {
        "Paint without it": "paint-all:1300000000000000021",
        "Cancel": "drop-batch:1300000000000000021",
    }
    assert [call[0] for call in stage.studio.generations.calls] == ["imagine"]
    await stage.env.restart_bot(make_client(stage.studio))
    await stage.anna.click(offer, label="Paint without it")
    assert stage.studio.batches.calls[-1] == ("paint", anna(stage), "1300000000000000021")


async def test_an_enriched_prompt_and_choices_are_held_alike(stage: Stage):
    stage.studio.enriching.refuse["paint"] = held(stage, "1300000000000000022p1")
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="ziki")
    press = await stage.anna.click(first(answer), label="Paint this")
    assert [list(buttons(told)) for told in press.followups if told.ephemeral] == [["Paint without it", "Cancel"]]
    stage.studio.generations.others = held(stage, "").unshared
    offer = await stage.anna.slash(stage.channel, "imagine", prompt="a {red|blue} ziki")
    assert "of <@4711> that is not shared" in text(offer.response)
    assert list(buttons(offer.response)) == ["Paint without it", "Cancel"]


async def test_a_comparison_tells_whose_a_word_is(stage: Stage):
    stage.studio.comparisons.others = held(stage, "").unshared
    offer = await stage.anna.slash(stage.channel, "compare", prompt="ziki and mopsi")
    assert "of <@4711> that is not shared" in text(offer.response)
    stage.studio.comparisons.refuse["prepare"] = held(stage, "")
    answer = await stage.anna.slash(stage.channel, "compare", prompt="ziki")
    assert "Ask <@4711>" in text(answer.response)
    assert buttons(answer.response) == {}


async def test_cancel_paints_nothing(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a {red|blue} fox")
    await stage.anna.click(first(answer), label="Cancel")
    assert [call[0] for call in stage.studio.batches.calls] == ["prepare", "discard"]
    assert text(answer.response) == "Cancelled. Nothing was charged."


@pytest.mark.parametrize(
    ("prompt", "words"), [("a {red|blue fox", "do not fit together"), ("{a|b|c}" * 3, "stands for 27 prompts")]
)
async def test_braces_that_go_wrong_are_said_in_private(stage: Stage, prompt: str, words: str):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt=prompt)
    assert answer.ephemeral
    assert words in text(answer.response)
    assert stage.studio.generations.calls == stage.studio.batches.calls == []


async def test_what_cannot_be_paid_stays_as_it_was(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a {red|blue} fox")
    stage.studio.batches.refuse["paint"] = UserError("This would cost about $0.03. You have $0.01 left.")
    press = await stage.anna.click(first(answer), label="Paint all")
    assert [text(followup) for followup in press.followups] == ["This would cost about $0.03. You have $0.01 left."]
    assert "Paint all" in buttons(answer.response)


async def test_choices_in_the_form_of_try_it_are_shown_with_their_price_too(stage: Stage):
    guide = await stage.anna.slash(stage.channel, "help")
    press = await stage.anna.click(first(guide), label="Try anna")
    answer = await stage.anna.submit_modal(press, {"prompt": "ZIKI in {snow|sand}"})
    assert answer.ephemeral
    [(_, _, _, request)] = stage.studio.batches.calls
    assert request == ImagineRequest(prompt="ZIKI in {snow|sand}", model="ft:7")


async def test_enrich_shows_the_old_prompt_and_the_new_one_in_private(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox “HI”", preset="poster")
    (asked, _) = stage.studio.enriching.calls
    assert asked == ("ask", anna(stage), asked[2], "a fox “HI”", "poster")
    assert answer.ephemeral
    assert "**Before**\n> a fox “HI”" in text(answer.response)
    assert "**After**\n> A printed poster that shows a fox “HI”, large" in text(answer.response)
    assert "by the preset *Poster with lettering*, free of charge" in text(answer.response)
    row = asked[2]
    assert buttons(answer.response) == {
        "Paint this": f"paint-this:{row}",
        "Edit": f"reword:{row}",
        "Discard": f"put-away:{row}",
    }


async def test_while_a_language_model_writes_that_is_said_and_then_its_prose_takes_the_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(discord.Interaction, "is_expired", lambda _: False)  # SimCord's clock stands in another year
    stage.studio.enriching.known = things.enrichment()
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox")
    assert "`meta/llama` is writing" in text(answer.response)
    assert "price unknown, $0.010 of the budget set aside" in text(answer.response)
    (_, (_, wish, message_id)) = stage.studio.enriching.calls
    over = things.enrichment(
        id=wish.id, message_id=message_id, state=JobState.SUCCEEDED, answer="A fox waits.", cost=10_000
    )
    assert (await stage.client.shared.announcer.over(Enriched(enrichment=over), look_first=False)).place == "message"
    assert "**After**\n> A fox waits" in text(answer.response)
    assert "`meta/llama` · price unknown, $0.010 of the budget counted" in text(answer.response)
    assert stage.client.shared.answers == {}


async def test_who_waited_through_a_restart_presses_show(stage: Stage, make_client: MakeClient):
    stage.studio.enriching.known = things.enrichment()
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox")
    await stage.env.restart_bot(client := make_client(stage.studio))
    over = things.enrichment(
        message_id=first(answer).id, state=JobState.FAILED, error=Notice.written("The language model gave no answer.")
    )
    assert (await client.shared.announcer.over(Enriched(enrichment=over), look_first=False)).place == "kept"
    stage.studio.enriching.known = over
    await stage.anna.click(first(answer), label="Show")
    assert "gave no answer. This is by the preset *Poster with lettering* instead." in text(answer.response)


async def test_paint_this_paints_in_the_open_and_once(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox")
    press = await stage.anna.click(first(answer), label="Paint this")
    row = stage.studio.enriching.calls[0][2]
    assert stage.studio.enriching.calls[-1] == ("paint", anna(stage), row)
    assert not press.ephemeral
    assert "Painting 2 pictures" in text(press.response)
    [(name, generation, message_id)] = stage.studio.generations.calls
    assert (name, generation.id, message_id) == ("run", f"{row}p1", first(press).id)
    stage.studio.enriching.refuse["paint"] = UserError("This has been painted already.")
    again = await stage.anna.click(first(answer), label="Paint this")
    assert [text(told) for told in again.followups if told.ephemeral] == ["This has been painted already."]


async def test_edit_begins_with_the_new_prompt(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox", preset="logo")
    press = await stage.anna.click(first(answer), label="Edit")
    await stage.anna.submit_modal(press, {"prompt": "A fox of my own."})
    assert stage.studio.generations.calls[0][3] == ImagineRequest(prompt="A fox of my own.")


async def test_discard_leaves_nothing_to_press(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "enrich", prompt="a fox")
    await stage.anna.click(first(answer), label="Discard")
    assert text(answer.response) == "-# Discarded; nothing is painted."


def test_the_longest_prompts_fit_into_a_message():
    batch = things.batch(*(f"{'_' * 1500}{n} {'*' * 480}" for n in range(16)))
    shown = text(batches.offer(batch))
    assert len(shown) <= 4000
    assert all(f"{'_' * 29}{n} *" in shown for n in range(16))
    over = things.enrichment(prompt="*" * 2000, answer="_" * 2000, state=JobState.SUCCEEDED)
    assert len(text(enriching.proposal(over))) <= 4000


def test_a_language_model_that_failed_is_named_with_what_stands_in():
    over: Any = things.enrichment(state=JobState.FAILED, error=Notice.written("Replicate has no <@5> key."), cost=0)
    shown = text(enriching.proposal(over))
    assert "This is by the preset *Poster with lettering* instead. · nothing charged" in shown
    assert "<@5>" not in shown
