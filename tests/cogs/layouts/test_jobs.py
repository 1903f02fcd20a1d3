"""What people see of their jobs."""

import pytest

from bot.domain.entities import Generation, JobState, Progress, Training
from bot.domain.notices import Notice
from bot.views.jobs import Running
from cogs.layouts import jobs
from tests.cogs import things
from tests.cogs.seen import LONG, buttons, check, text


def test_jobs_are_listed_with_progress_and_a_way_to_stop_them():
    running = [
        Running(job=things.training(), progress=Progress(phase="", step=10, total=100, seconds_left=90)),
        Running(job=things.generation(recipe=things.recipe(prompt="@everyone `x`" * 50)), progress=None),
        Running(job=things.generation(id="3", cancel_requested=True), progress=None),
    ]
    post = check(jobs.listing(running, things.NOW))
    assert "step 10 of 100" in text(post)
    assert "waiting for a machine" in text(post)
    assert "being cancelled" in text(post)
    assert len([1 for part in post.view.walk_children() if getattr(part, "custom_id", "").startswith("cancel:")]) == 2


def test_jobs_that_are_over_say_where_their_result_is():
    over = [
        Running(job=things.finished(delivered="message", message_id=5), progress=None),
        Running(job=things.finished(delivered="kept"), progress=None),
        Running(job=things.finished(delivered="direct message"), progress=None),
        Running(job=things.trained(state=JobState.FAILED, error=Notice.written("The trainer stopped.")), progress=None),
        Running(job=things.trained(state=JobState.CANCELED), progress=None),
    ]
    shown = text(check(jobs.listing(over, things.NOW)))
    assert f"[see it](https://discord.com/channels/{things.GUILD}/{things.CHANNEL}/5)" in shown
    assert "The trainer stopped." in shown
    assert "Your jobs: 0 running" in shown


@pytest.mark.parametrize(
    ("job", "shown"),
    [
        (things.finished(id="1", delivered="kept"), {"Show": "show:1"}),
        (things.trained(id="2", delivered="message"), {"Show": "show:2"}),
        (things.trained(id="3", delivered="kept", state=JobState.FAILED), {}),
        (things.finished(id="4", delivered="kept", state=JobState.CANCELED), {}),
    ],
)
def test_what_is_done_can_be_seen_once_more_and_what_came_to_nothing_cannot(
    job: Generation | Training, shown: dict[str, str]
):
    assert buttons(check(jobs.listing([Running(job=job, progress=None)], things.NOW))) == shown


def test_no_jobs_says_how_to_begin():
    assert "/imagine" in text(check(jobs.listing([], things.NOW)))


def test_many_jobs_fit():
    running = [Running(job=things.generation(recipe=things.recipe(prompt=LONG)), progress=None) for _ in range(100)]
    assert "… and 90 more" in text(check(jobs.listing(running, things.NOW)))


def test_cancelling_is_confirmed():
    assert "**anna** is being cancelled" in text(jobs.cancelling(things.training()))
    assert "being cancelled" in text(jobs.cancelling(things.generation()))
    assert "over already" in text(jobs.cancelling(things.finished()))


def test_jobs_name_what_was_made_without_words():
    recipe = things.recipe(prompt="", model="real-esrgan", settings={}, count=1)
    post = check(jobs.listing([Running(job=things.finished(recipe=recipe), progress=None)], things.NOW))
    assert "1 picture with Real-ESRGAN ·" in text(post)
