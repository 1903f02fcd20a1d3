"""What people see of a generation: its status, its result, what went wrong; pure."""

from collections.abc import Sequence

from bot.domain.catalog import model
from bot.domain.entities import FineTune, Generation, JobState, Recipe
from bot.domain.money import dollars
from bot.domain.wording import charged, cut, duration, plural, quote, sentence
from bot.flows.announcing import Painted
from cogs.buttons import Button, Style
from cogs.layouts.parts import DONE, FAILED, QUIET, WORKING, Image, Post, page, row

PROMPT_SHOWN = 2000  # characters; a message holds 4,000


def painter(generation: Generation, fine_tune: FineTune | None) -> str:
    """Name what paints: a fine-tune with its version, or a model of FLUX."""
    if fine_tune is not None:
        return f"**{fine_tune.name}**" + (f" v{generation.version}" if generation.version else "")
    if generation.fine_tune_id is not None:
        return "a fine-tune that is deleted"
    return model(generation.recipe.model).title


def status(generation: Generation, fine_tune: FineTune | None) -> Post:
    """Show that a generation is on its way."""
    return page(
        f"Painting {plural(generation.recipe.count, 'picture')} with {painter(generation, fine_tune)} · "
        f"about {dollars(generation.estimate)}{_basis(generation)} …",
        quote(generation.recipe.prompt, PROMPT_SHOWN),
        _note(generation),
        row(Button("cancel", generation.id, "Cancel")),
        colour=WORKING,
    )


def images_of(outcome: Painted) -> list[Image]:
    """List the pictures of a generation as they are to be shown."""
    return [
        Image(f"{picture.generation_id}-{picture.number}{path.suffix}", outcome.generation.recipe.prompt, path)
        for picture, path in outcome.pictures
    ]


def result(outcome: Painted, images: Sequence[Image], *, here: bool = True) -> Post:
    """Show a generation that is over; not here means in a direct message, where buttons cannot work."""
    generation = outcome.generation
    if generation.state is not JobState.SUCCEEDED:
        return _without_pictures(outcome, here=here)
    wanted = generation.recipe.count
    made = len(outcome.pictures)
    return page(
        f"{plural(made, 'picture')} with {painter(generation, outcome.fine_tune)}{_elsewhere(generation, here=here)}",
        quote(generation.recipe.prompt, PROMPT_SHOWN),
        _note(generation),
        f"{made} of {wanted} pictures came out." if made < wanted else None,
        None if images else "Discord finds the pictures too large. Press *Again* for others, or ask for fewer at once.",
        _small_print(generation),
        row(
            Button("again", generation.id, "Again", Style.primary),
            Button("vary", generation.id, "Vary"),
            Button("edit", generation.id, "Edit prompt"),
            Button("delete", generation.id, "Delete", Style.danger),
        )
        if here
        else None,
        colour=DONE,
        images=images,
    )


def deleted() -> Post:
    """Show that pictures were deleted by their owner."""
    return page("-# The pictures that were here are deleted.")


def _without_pictures(outcome: Painted, *, here: bool) -> Post:
    generation = outcome.generation
    canceled = generation.state is JobState.CANCELED
    reason = generation.error or "The pictures could not be painted. Press *Again* to try once more."
    return page(
        ("Cancelled" if canceled else "No pictures this time") + _elsewhere(generation, here=here),
        None if canceled and not generation.error else sentence(reason),
        quote(generation.recipe.prompt, PROMPT_SHOWN),
        f"-# {painter(generation, outcome.fine_tune)} · {charged(generation.cost)}",
        row(Button("again", generation.id, "Again", Style.primary), Button("edit", generation.id, "Edit prompt"))
        if here
        else None,
        colour=QUIET if canceled else FAILED,
    )


def marker(generation: Generation) -> str:
    """Give the words by which a direct message with a generation's outcome is found again."""
    return f"generation {generation.id}"


def _elsewhere(generation: Generation, *, here: bool) -> str:
    place = f"<#{generation.channel_id}>"
    return "" if here else f"\nI may not write in {place}, so it comes this way.\n-# {marker(generation)}"


def _basis(generation: Generation) -> str:
    return f" ({generation.basis})" if generation.basis else ""


def _note(generation: Generation) -> str | None:
    return f"-# {cut(sentence(generation.note).replace(chr(10), ' '), 500)}" if generation.note else None


def _small_print(generation: Generation) -> str:
    facts = [*_choices(generation.recipe), f"seed `{generation.recipe.seed}`"]
    if generation.started_at is not None and generation.ended_at is not None:
        facts.append(duration(generation.ended_at - generation.started_at))
    cost = dollars(generation.cost) + (", a guess: Replicate's price is unknown" if generation.is_guess else "")
    return "-# " + " · ".join([*facts, cost])


def _choices(recipe: Recipe) -> list[str]:
    """Write what was chosen, as far as people compare pictures by it."""
    row_ = model(recipe.model)
    chosen = {word: row_.read(recipe.settings, word) for word in ("steps", "guidance", "lora_scale", "aspect_ratio")}
    facts = [str(row_.fixed.get("model", recipe.model))]
    if chosen["steps"] is not None:
        facts.append(plural(int(chosen["steps"]), "step"))
    if chosen["guidance"] is not None:
        facts.append(f"guidance {chosen['guidance']:g}")
    if chosen["lora_scale"] not in (None, 1):
        facts.append(f"LoRA scale {chosen['lora_scale']:g}")
    if chosen["aspect_ratio"] is not None:
        facts.append(str(chosen["aspect_ratio"]))
    return facts
