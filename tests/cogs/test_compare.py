"""Comparing, as a person does it: the price, Paint all, the sheet."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain.entities import Actor, JobState
from bot.domain.notices import Notice
from bot.errors import UserError
from bot.studio.requests import CompareRequest
from bot.views.outcomes import Compared
from cogs.buttons import Button
from cogs.layouts import comparisons
from cogs.layouts.parts import action_row, page
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import alt_texts, buttons, text


def anna(stage: Stage) -> Actor:
    return Actor(guild_id=stage.env.guild.id, user_id=stage.anna.id, channel_id=stage.channel.id)


def outcome(folder: Path, *ends: JobState, **changes: Any) -> Compared:
    """Have a comparison whose pictures ended so."""
    cells = [
        things.painted(folder, int(end is JobState.SUCCEEDED), id=f"{n}", state=end, recipe=things.recipe(count=1))
        for n, end in enumerate(ends)
    ]
    sheet = folder / "sheet.jpg"
    sheet.write_bytes(b"\xff\xd8\xff")
    job = things.comparison(state=JobState.SUCCEEDED, cost=12_200, **changes)
    return Compared(comparison=job, cells=cells, sheet=sheet if JobState.SUCCEEDED in ends else None)


async def test_the_price_is_shown_before_anything_is_painted(stage: Stage):
    answer = await stage.anna.slash(
        stage.channel, "compare", prompt="ZIKI on a beach", model="ft:7", model3="dev", scales="0.8, 1", seed=3
    )
    [(name, actor, batch_id, request)] = stage.studio.comparisons.calls
    assert (name, actor) == ("prepare", anna(stage))
    assert request == CompareRequest(prompt="ZIKI on a beach", models=("ft:7", "dev"), scales=(0.8, 1.0), seed=3)
    assert answer.ephemeral
    shown = text(answer.response)
    assert "Compare" in shown
    assert "about $0.03" in shown
    assert "1. LoRA scale 0.8 · $0.016" in shown
    assert "`ZIKI on a beach`" in shown
    assert buttons(answer.response) == {"Paint all": f"paint-all:{batch_id}", "Cancel": f"drop-batch:{batch_id}"}


async def test_scales_that_are_none_are_refused(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "compare", prompt="ZIKI", scales="strong")
    assert "such as `0.6, 0.8, 1`" in text(answer.response)
    assert stage.studio.comparisons.calls == []


async def test_compare_below_a_result_shows_the_price_to_who_pressed(stage: Stage):
    post = page("result", action_row(Button("compare", "1300000000000000001", "Compare")))
    message = await stage.client.get_partial_messageable(stage.channel.id).send(view=post.view)
    await stage.env.settle()
    press = await stage.anna.click(message, label="Compare")
    assert stage.studio.comparisons.calls[0][:2] == ("prepare_like", anna(stage))
    assert press.ephemeral
    assert "Paint all" in buttons(press.response)


async def test_only_the_owner_deletes_a_sheet(stage: Stage, tmp_path: Path):
    told = outcome(tmp_path, JobState.SUCCEEDED, JobState.SUCCEEDED)
    post = comparisons.result(told, comparisons.sheet_of(told))
    message = await stage.client.get_partial_messageable(stage.channel.id).send(view=post.view, files=list(post.files))
    await stage.env.settle()
    stage.studio.comparisons.refuse["delete"] = UserError("Only the person who asked for this may delete it.")
    press = await stage.ben.click(message, label="Delete")
    assert "Only the person" in text(press.followups[0])
    stage.studio.comparisons.refuse = {}
    await stage.anna.click(message, label="Delete")
    left = await stage.client.get_partial_messageable(stage.channel.id).fetch_message(message.id)
    assert left.attachments == []


def test_the_sheet_says_what_is_compared_and_what_is_missing(tmp_path: Path):
    told = outcome(tmp_path, JobState.SUCCEEDED, JobState.FAILED)
    failed = replace(told.cells[1].generation, error=Notice.written("Replicate could not paint this. <@1>"))
    told = replace(told, cells=[told.cells[0], replace(told.cells[1], generation=failed)])
    post = comparisons.result(told, comparisons.sheet_of(told))
    shown = text(post)
    assert shown.startswith("1 picture with **anna** v2 compared")
    assert "**FLUX.1 dev** did not come out: Replicate could not paint this." in shown
    assert "<@1>" not in shown
    assert "seed `42` · $0.012" in shown
    assert alt_texts(post) == ["anna, FLUX.1 dev: ZIKI on a beach"]
    for file in post.files:
        file.close()


def test_without_any_picture_the_reason_is_told(tmp_path: Path):
    told = outcome(tmp_path, JobState.FAILED, JobState.FAILED)
    job = replace(told.comparison, state=JobState.FAILED, error=Notice.written("Replicate has no credit left."), cost=0)
    post = comparisons.result(replace(told, comparison=job), [])
    assert "No pictures this time" in text(post)
    assert "Replicate has no credit left." in text(post)
    assert "nothing charged" in text(post)
    assert buttons(post) == {}
