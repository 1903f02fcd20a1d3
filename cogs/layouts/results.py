"""How the end of each kind of job is shown, one row each; a kind without a row of its own gets a plain card. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.entities import Job, JobState
from bot.domain.wording import charged
from bot.flows.announcing import Compared, Outcome, Painted, Trained
from cogs.layouts import comparisons, generation, training
from cogs.layouts.parts import DONE, FAILED, QUIET, Image, Post, page, said


class Show(Protocol):
    """Builds a result from its pictures, for the channel or for a direct message."""

    def __call__(self, outcome: Any, images: Sequence[Image], /, *, here: bool) -> Post: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Layout:
    """How a kind of outcome is shown, and where."""

    show: Show
    images: Callable[[Any], Sequence[Image]]
    markers: Callable[[Any], Sequence[str]]
    """The words by which the message is found again, of a job: in one of its texts or in a button's id."""
    follows_status: bool = False
    """Whether it comes after a status message of its own, and so long after it that its owner is mentioned."""
    in_its_message: bool = False
    """Whether it takes the place of the job's status."""


def layout_of(outcome: Outcome) -> Layout:
    """Choose how an outcome is shown."""
    return LAYOUTS.get(type(outcome), PLAIN)


def shown(outcome: Outcome, *, here: bool = True) -> Post:
    """Show an outcome with all its pictures."""
    layout = layout_of(outcome)
    return layout.show(outcome, layout.images(outcome), here=here)


def _plain(outcome: Outcome, images: Sequence[Image], /, *, here: bool) -> Post:
    job = outcome.job
    words = {JobState.SUCCEEDED: "is done", JobState.CANCELED: "was cancelled"}.get(job.state, "did not work")
    return page(
        f"<@{job.owner_id}> Your {type(job).__name__.lower()} {words}.",
        said(job.error),
        said(*job.note),
        f"-# {charged(job.cost)}\n-# {_plain_markers(job)[0]}",
        None if here else f"-# I may not write in <#{job.channel_id}>, so it comes this way.",
        colour={JobState.SUCCEEDED: DONE, JobState.CANCELED: QUIET}.get(job.state, FAILED),
        images=images,
    )


def _plain_markers(job: Job) -> Sequence[str]:
    return [f"{type(job).__name__.lower()} {job.id}"]


PLAIN = Layout(show=_plain, images=lambda _: (), markers=_plain_markers)
LAYOUTS: dict[type[Any], Layout] = {
    Painted: Layout(
        show=generation.result,
        images=generation.images_of,
        markers=lambda job: (f"again:{job.id}", generation.marker(job)),
        in_its_message=True,
    ),
    Trained: Layout(
        show=training.card,
        images=training.sheet_of,
        markers=lambda job: (training.marker(job),),
        follows_status=True,
    ),
    Compared: Layout(
        show=comparisons.result,
        images=comparisons.sheet_of,
        markers=lambda job: (comparisons.marker(job),),
    ),
}
