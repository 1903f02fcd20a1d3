"""What people see of a generation: its status, its result, what went wrong; pure."""

from collections.abc import Mapping, Sequence

from bot.domain import sentences
from bot.domain.catalog import CUSTOM, MATCHED, Task, find_model
from bot.domain.entities import FineTune, Generation, JobState, Recipe, Setting
from bot.domain.loras import lora_name
from bot.domain.money import dollars
from bot.domain.wording import charged, code, duration, plural, quote
from bot.views.outcomes import Painted
from cogs.buttons import Button, Style
from cogs.layouts.parts import DONE, FAILED, QUIET, WORKING, Image, Item, Post, action_row, masked, page, said, small

TOLD: Mapping[str, tuple[str, Setting | None]] = {
    "guidance": ("guidance {}", None),
    "lora_scale": ("LoRA scale {}", 1),
    "prompt_strength": ("strength {}", None),
    "aspect_ratio": ("{}", CUSTOM),
    "megapixels": ("{} MP", "1"),
    "resolution": ("{}", None),
    "go_fast": ("fast", False),
    "raw": ("raw", False),
    "scale": ("{} × larger", None),
    "face_enhance": ("faces restored", False),
    "outpaint": ("{}", "None"),
}
"""What is said of a setting below the picture, and the value of which nothing is said."""
DOING = {
    Task.PAINT: "Painting",
    Task.EDIT: "Editing",
    Task.FILL: "Filling in",
    Task.VARY: "Varying",
    Task.TRACE: "Tracing",
    Task.UPSCALE: "Upscaling",
}
PROMPT_SHOWN = 2000  # characters; a message holds 4,000


def painted_with(generation: Generation, fine_tune: FineTune | None) -> str:
    """Name what paints: a fine-tune with its version, or a model of FLUX."""
    return _painted_with(generation, fine_tune.name if fine_tune else "")


def _painted_with(generation: Generation, name: str) -> str:
    if name:
        return f"**{name}**" + (f" v{generation.version}" if generation.version else "")
    if generation.fine_tune_id is not None:
        return "a fine-tune that is deleted or not shared with you"
    return find_model(generation.recipe.model).title


def status(generation: Generation) -> Post:
    """Show that a generation, accepted just now, is on its way."""
    doing = DOING[find_model(generation.recipe.model).task]
    with_what = _painted_with(generation, generation.recipe.fine_tune)
    return page(
        f"{doing} {plural(generation.recipe.count, 'picture')} with {with_what} · "
        f"about {dollars(generation.estimate)}{basis_of(generation)} …",
        _prompt(generation),
        small(said(*generation.note)),
        action_row(Button("cancel", generation.id, "Cancel")),
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
    with_what = painted_with(generation, outcome.fine_tune)
    return page(
        f"{plural(made, 'picture')} with {with_what}{_elsewhere(generation, here=here)}",
        _prompt(generation),
        small(said(*generation.note)),
        f"{made} of {wanted} pictures came out." if made < wanted else None,
        None if images else "Discord finds the pictures too large. Press *Again* for others, or ask for fewer at once.",
        _small_print(generation),
        *(_buttons(generation) if here else ()),
        colour=DONE,
        images=images,
    )


def _buttons(generation: Generation) -> list[Item | None]:
    """Offer what its model can do: what comes of its words and its seed, then what can be done with its pictures."""
    made = find_model(generation.recipe.model)
    painted, job = made.task is Task.PAINT, generation.id
    words, seed = made.takes("prompt"), made.takes("seed")
    vary = Button("vary", job, "Vary subtle" if painted else "Vary")
    pictured = (
        Button("edit-picture", job, "Edit"),
        Button("upscale", job, "Upscale"),
        Button("begin", job, "Use as start picture"),
        Button("compare", job, "Compare") if painted and _is_comparable(generation.recipe) else None,
        Button("delete", job, "Delete", Style.danger),
    )
    if made.task is Task.UPSCALE:  # which would make the very same again
        return [action_row(vary, *pictured)]
    recipe = (
        Button("again", job, "Again", Style.primary),
        vary,
        Button("vary-strong", job, "Vary strong") if painted else None,
        Button("edit", job, "Edit prompt") if words else None,
        Button("same-seed", job, "Same seed") if words and seed else None,
    )
    return [action_row(*recipe), action_row(*pictured)]


def _is_comparable(recipe: Recipe) -> bool:
    return "lora_scale" in recipe.settings or not recipe.sources


def deleted() -> Post:
    """Show that pictures were deleted by their owner."""
    return page("-# The pictures that were here are deleted.")


def _without_pictures(outcome: Painted, *, here: bool) -> Post:
    generation = outcome.generation
    canceled = generation.state is JobState.CANCELED
    reason = said(generation.error) or "The pictures could not be painted. Press *Again* to try once more."
    return page(
        ("Cancelled" if canceled else "No pictures this time") + _elsewhere(generation, here=here),
        None if canceled and not generation.error else reason,
        _prompt(generation),
        f"-# {painted_with(generation, outcome.fine_tune)} · {charged(generation.cost)}",
        action_row(
            Button("again", generation.id, "Again", Style.primary),
            Button("edit", generation.id, "Edit prompt")
            if find_model(generation.recipe.model).takes("prompt")
            else None,
        )
        if here
        else None,
        colour=QUIET if canceled else FAILED,
    )


def _prompt(generation: Generation) -> str | None:
    return quote(generation.recipe.prompt, PROMPT_SHOWN) if generation.recipe.prompt else None


def _elsewhere(generation: Generation, *, here: bool) -> str:
    place = f"<#{generation.channel_id}>"
    return "" if here else f"\nI may not write in {place}, so it comes this way."


def basis_of(generation: Generation) -> str:
    """Say in brackets what an estimate is made of, where there is anything to say."""
    return f" ({sentences.basis(generation.basis)})" if generation.basis else ""


def _small_print(generation: Generation) -> str:
    seed = [f"seed `{generation.recipe.seed}`"] if find_model(generation.recipe.model).takes("seed") else []
    facts = [*_choices(generation.recipe), *seed]
    if generation.started_at is not None and generation.ended_at is not None:
        facts.append(duration(generation.ended_at - generation.started_at))
    cost = dollars(generation.cost) + (", a guess: Replicate's price is unknown" if generation.is_guess else "")
    run = masked("Open on Replicate", generation.remote_url)
    return "-# " + " · ".join([*facts, cost, *([run] if run else [])])


def _choices(recipe: Recipe) -> list[str]:
    """Write what was chosen, as far as people compare pictures by it."""
    model = find_model(recipe.model)
    chosen = {field.word: recipe.settings[field.name] for field in model.fields if field.name in recipe.settings}
    facts = [str(model.fixed.get("model", recipe.model))]
    if recipe.strength:
        facts.append(f"{recipe.strength} variation")
    if "lora" in chosen:
        facts.append(f"LoRA {code(lora_name(str(chosen['lora'])))}")
    if "steps" in chosen:
        facts.append(plural(int(chosen["steps"]), "step"))
    if "image" in recipe.sources or chosen.get("aspect_ratio") == MATCHED:
        chosen.pop("aspect_ratio", None)  # the picture's own is kept
    for word, (words, usual) in TOLD.items():
        if chosen.get(word, usual) != usual:
            facts.append(words.format(_number(chosen[word])))
    if "width" in chosen:
        facts.append(f"{chosen['width']} × {chosen['height']}")
    if recipe.second:
        facts.append(f"second LoRA {code(recipe.second)} at {_number(chosen.get('second_scale', 1))}")
    return facts


def _number(value: Setting) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
