"""What people see of a comparison that is over: the sheet, and what is missing from it; pure."""

from collections.abc import Sequence

from bot.domain.entities import Comparison, JobState
from bot.domain.wording import charged, cut, plural, quote
from bot.views.outcomes import Compared
from cogs.buttons import Button, Style
from cogs.layouts.generation import PROMPT_SHOWN, painted_with
from cogs.layouts.parts import DONE, FAILED, QUIET, Image, Post, action_row, page, said

REASON = 160  # characters of why a picture is missing; eight of them must fit


def sheet_of(outcome: Compared) -> list[Image]:
    """Give the labelled sheet, if one came out."""
    if outcome.sheet is None:
        return []
    told = f"{', '.join(outcome.comparison.labels)}: {outcome.comparison.prompt}"
    return [Image(f"{outcome.comparison.id}-sheet.jpg", told, outcome.sheet)]


def result(outcome: Compared, images: Sequence[Image], *, here: bool = True) -> Post:
    """Show a comparison that is over; not here means in a direct message."""
    comparison = outcome.comparison
    made = sum(bool(cell.pictures) for cell in outcome.cells)
    elsewhere = "" if here else f"\nI may not write in <#{comparison.channel_id}>, so it comes this way."
    named = {painted_with(cell.generation, cell.fine_tune) for cell in outcome.cells}
    one = f" with {named.pop()}" if len(named) == 1 else ""
    head = f"{plural(made, 'picture')}{one} compared" if made else _nothing(comparison)
    return page(
        f"{head}{elsewhere}",
        quote(comparison.prompt, PROMPT_SHOWN),
        _missing(outcome) if made else said(comparison.error),
        None if images or not made else "Discord finds the sheet too large.",
        _small_print(outcome),
        action_row(Button("drop-sheet", comparison.id, "Delete", Style.danger)) if here and made else None,
        colour={JobState.SUCCEEDED: DONE, JobState.CANCELED: QUIET}.get(comparison.state, FAILED),
        images=images,
    )


def _nothing(comparison: Comparison) -> str:
    return "Cancelled" if comparison.state is JobState.CANCELED else "No pictures this time"


def _missing(outcome: Compared) -> str:
    """Say of every picture that did not come out why."""
    lines = [
        f"**{label}** {'was cancelled' if cell.generation.state is JobState.CANCELED else 'did not come out'}: "
        f"{cut(said(cell.generation.error), REASON)}"
        for label, cell in zip(outcome.comparison.labels, outcome.cells, strict=True)
        if not cell.pictures
    ]
    return "\n".join(lines)


def _small_print(outcome: Compared) -> str:
    comparison = outcome.comparison
    seed = f"seed `{outcome.cells[0].generation.recipe.seed}`"
    guess = ", partly a guess" if any(cell.generation.is_guess for cell in outcome.cells) else ""
    who = f"asked for by <@{comparison.owner_id}>"
    return f"-# {seed} · {charged(comparison.cost)}{guess} · {who}"
