"""How the end of each kind of job is shown, one row each; a kind without a row of its own gets a plain card. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.entities import JobState
from bot.domain.wording import charged
from bot.views.outcomes import Compared, Outcome, Painted, Trained
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
    older: Callable[[Any], Sequence[str]] = lambda _: ()
    """By what the message of a job was known in older versions: a button's id, or a line of small print."""
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
        f"-# {charged(job.cost)}",
        None if here else f"-# I may not write in <#{job.channel_id}>, so it comes this way.",
        colour={JobState.SUCCEEDED: DONE, JobState.CANCELED: QUIET}.get(job.state, FAILED),
        images=images,
    )


PLAIN = Layout(show=_plain, images=lambda _: ())
LAYOUTS: dict[type[Any], Layout] = {
    Painted: Layout(
        show=generation.result,
        images=generation.images_of,
        older=lambda job: (f"again:{job.id}", f"generation {job.id}"),
        in_its_message=True,
    ),
    Trained: Layout(
        show=training.card,
        images=training.sheet_of,
        older=lambda job: (f"training {job.id}",),
        follows_status=True,
    ),
    Compared: Layout(
        show=comparisons.result,
        images=comparisons.sheet_of,
        older=lambda job: (f"comparison {job.id}",),
    ),
}
