"""What people see of a training: its status, its model card, its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.entities import JobState, Kind, Progress
from bot.domain.notices import Notice
from bot.views.outcomes import Trained
from cogs.layouts import training
from cogs.layouts.parts import sparkline
from tests.cogs import things
from tests.cogs.seen import alt_texts, buttons, check, text


def test_a_status_before_the_first_step_says_what_is_going_on():
    assert "Waiting for a machine" in text(check(training.status(things.training(), None, things.NOW)))
    phase = Progress(phase="Describing the photos")
    assert "Describing the photos" in text(check(training.status(things.training(), phase, things.NOW)))


def test_a_status_shows_progress_loss_and_when_it_is_ready():
    job = things.training(remote_url="https://replicate.com/p/abc")
    losses = tuple(1 - step / 1000 for step in range(420))
    post = check(
        training.status(job, Progress(phase="", step=420, total=1000, seconds_left=600, losses=losses), things.NOW)
    )
    assert "████████░░░░░░░░░░░░ step 420 of 1,000" in text(post)
    assert f"`{sparkline(losses)}` 0.581" in text(post)
    assert f"ready <t:{things.NOW + 600:.0f}:R>" in text(post)
    assert buttons(post) == {"Cancel": f"cancel:{job.id}", "Open on Replicate": "https://replicate.com/p/abc"}


def test_a_status_that_is_being_cancelled_cannot_be_cancelled_again():
    post = check(training.status(things.training(cancel_requested=True), None, things.NOW))
    assert "Cancelling" in text(post)
    assert buttons(post) == {}


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED])
def test_a_closed_status_has_no_cancel(state: JobState):
    assert buttons(check(training.closed(things.trained(state=state)))) == {}


def test_the_model_card_mentions_its_owner_and_tells_how_to_use_it(tmp_path: Path):
    outcome = things.outcome(tmp_path)
    post = check(training.card(outcome, training.sheet_of(outcome)))
    assert text(post).startswith(f"<@{things.OWNER}> Your fine-tune is ready.")
    assert "## anna v2" in text(post)
    assert "`/imagine prompt: a photo of ZIKI on a windy beach`" in text(post)
    assert "1,000 steps · rank 16 · 21 min · $1.83" in text(post)
    assert alt_texts(post) == [f"sample {n} of ZIKI" for n in range(4)]
    assert buttons(post) == {"Try it": "try:7"}


def test_the_model_card_shows_one_sheet_and_offers_its_scales_for_a_vote(tmp_path: Path):
    sheet = tmp_path / "sheet.jpg"
    sheet.write_bytes(b"\xff\xd8\xff")
    outcome = replace(things.outcome(tmp_path), sheet=sheet, votes={0.8: 0, 1.0: 2, 1.25: 1})
    post = check(training.card(outcome, training.sheet_of(outcome)))
    [alt] = alt_texts(post)
    assert "sample 0 of ZIKI" in alt
    job = outcome.training.id
    assert buttons(post) == {
        "Try it": "try:7",
        "0.8": f"vote:{job}:0.8",
        "1.0 · 2": f"vote:{job}:1.0",
        "1.25 · 1": f"vote:{job}:1.25",
    }
    assert "Vote below" in text(post)
    assert "vote" not in text(training.card(outcome, [], here=False)).lower()


@pytest.mark.parametrize(
    ("scales", "told"),
    [
        ({"voted_scale": 0.8}, "LoRA scale **0.8**, as the votes stand"),
        ({"voted_scale": 0.8, "chosen_scale": 1.1}, "LoRA scale **1.1**, as its owner chose"),
    ],
)
def test_the_model_card_tells_what_imagine_paints_with(tmp_path: Path, scales: dict[str, float], told: str):
    outcome = things.outcome(tmp_path)
    assert outcome.version is not None
    outcome = replace(outcome, votes={0.8: 1, 1.0: 0}, version=replace(outcome.version, **scales))
    assert told in text(check(training.card(outcome, [])))


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELED])
def test_a_training_without_a_version_says_what_to_do(state: JobState):
    job = things.trained(state=state, cost=0, error=Notice.written("The trainer stopped. Run /train again."))
    post = check(training.card(Trained(training=job, fine_tune=things.fine_tune(), version=None), []))
    assert "The trainer stopped. Run /train again." in text(post)
    assert "nothing charged" in text(post)


def test_a_failure_without_words_still_says_what_to_do():
    job = things.trained(state=JobState.FAILED, error=None)
    assert "Run /train again" in text(
        training.card(Trained(training=job, fine_tune=things.fine_tune(), version=None), [])
    )


def test_kinds_are_named_on_the_card(tmp_path: Path):
    outcome = things.outcome(tmp_path, plan=things.plan(kind=Kind.STYLE))
    assert "· style" in text(training.card(outcome, []))
