"""What people see of their jobs; pure."""

from collections.abc import Sequence

from bot.domain.catalog import find_model
from bot.domain.entities import Comparison, Generation, Job, JobState, Progress, Training
from bot.domain.wording import code, cut, plural, sentence
from bot.views.jobs import Running
from cogs.buttons import Button
from cogs.layouts.parts import Item, Post, action_row, bar, message_link, page, said

KEPT = "kept"
LISTED = 10  # a job takes three of the 40 components that a message may have, and the whole fits on a phone


def listing(jobs: Sequence[Running], now: float) -> Post:
    """List a member's jobs, each with its progress and a way to stop it or to see its result."""
    if not jobs:
        return page("Nothing of yours is running, and nothing was lately. Start with `/imagine` or `/train zip`.")
    more = len(jobs) - LISTED
    parts: list[Item | str] = []
    for running in jobs[:LISTED]:
        parts.append(_line(running, now))
        buttons = action_row(*_buttons(running.job))
        if buttons:
            parts.append(buttons)
    return page(
        f"### Your jobs: {sum(not running.job.state.is_over for running in jobs)} running",
        *parts,
        f"… and {more} more, which this list has no room for." if more > 0 else None,
    )


def cancelling(job: Job) -> Post:
    """Confirm that a job is being stopped."""
    what = f"The {type(job).__name__.lower()}" + (f" of **{job.plan.name}**" if isinstance(job, Training) else "")
    if job.state.is_over:
        return page(f"{what} is over already; there is nothing to cancel.")
    return page(f"{what} is being cancelled. What has run until then is charged.")


def _line(running: Running, now: float) -> str:
    job = running.job
    if isinstance(job, Training):
        what = f"Training **{job.plan.name}**"
    elif isinstance(job, Comparison):
        what = f"{plural(len(job.labels), 'picture')} compared, of {code(job.prompt, 60)}"
    elif isinstance(job, Generation):
        prompt = cut(" ".join(job.recipe.prompt.split()), 60)
        shown = f"of {code(prompt, 60)}" if prompt else f"with {find_model(job.recipe.model).title}"
        what = f"{plural(job.recipe.count, 'picture')} {shown}"
    else:
        what = type(job).__name__
    where = f"<#{job.channel_id}>"
    return f"{what} · {where} · asked for <t:{round(job.created_at)}:R>\n{_state(job, running.progress, now)}"


def _state(job: Job, progress: Progress | None, now: float) -> str:
    if job.state.is_over:
        return _outcome(job)
    if job.cancel_requested:
        return "being cancelled …"
    if progress and progress.total:
        left = f" · ready <t:{round(now + progress.seconds_left)}:R>" if progress.seconds_left is not None else ""
        return f"{bar(progress.fraction, 12)} step {progress.step:,} of {progress.total:,}{left}"
    return cut(sentence(progress.phase), 200) if progress and progress.phase else "waiting for a machine …"


def _outcome(job: Job) -> str:
    if job.state is JobState.CANCELED:
        return "cancelled"
    if job.state is JobState.FAILED:
        return cut(said(job.error) or "It did not work.", 300)
    if job.delivered == KEPT:
        return "done, but I may not write there and you take no direct messages; press *Show* to see it"
    link = message_link(job)
    return f"done: [see it]({link})" if link else "done"


def _buttons(job: Job) -> list[Button]:
    if job.state is JobState.SUCCEEDED:
        return [Button("show", job.id, "Show")]
    return [] if job.state.is_over or job.cancel_requested else [Button("cancel", job.id, "Cancel")]
