"""What people see of the menu of a message: a picture's recipe, and what can be done with a picture; pure."""

from collections.abc import Collection

from bot.domain.addresses import shown
from bot.domain.catalog import Model, Task, find_model
from bot.domain.entities import FineTune, Generation, Recipe, Setting
from bot.domain.money import dollars
from bot.domain.wording import charged, code, inert, plural
from cogs.buttons import Button, Style
from cogs.layouts.generation import painted_with
from cogs.layouts.parts import QUIET, WORKING, Post, action_row, link, page

COMMANDS = {
    Task.PAINT: "/imagine prompt:",
    Task.EDIT: "/picture edit instruction:",
    Task.FILL: "/picture fill prompt:",
    Task.VARY: "/picture vary",
    Task.TRACE: "/picture trace prompt:",
    Task.UPSCALE: "/picture upscale",
}
REPLICATE = "https://replicate.com"
COMMAND_SHOWN = 2800  # characters; a message holds 4,000


def recipe(generation: Generation, fine_tune: FineTune | None, options: Collection[str]) -> Post:
    """Tell everything that decides what a picture looks like; `options` are the settings with an option of their own.

    fine_tune is None where whoever asks may not use it, or where there is none.
    """
    made, model = generation.recipe, find_model(generation.recipe.model)
    hidden = generation.fine_tune_id is not None and fine_tune is None
    remote, _, version = made.remote.partition(":")
    facts = [
        f"**Model** {painted_with(generation, fine_tune)}" + ("" if hidden else f" · {code(remote)}"),
        f"**Version** {code(version)}" if version and not hidden else "",
        f"**Settings** {_settings(model, made)}",
        f"**Seed** `{made.seed}`" if model.takes("seed") else "",
        f"**Begins with** {plural(_sources(made), 'picture')}, to be attached anew" if made.sources else "",
        f"**Cost** {_cost(generation)}",
        f"**Terms** {model.licence}",
    ]
    return page(
        "### Recipe",
        f"```\n{inert(_command(generation, fine_tune, options), COMMAND_SHOWN)}\n```",
        "\n".join(filter(None, facts)),
        action_row(
            None if hidden else link("The model on Replicate", f"{REPLICATE}/{remote}"),
            link("The run on Replicate", generation.remote_url),
        ),
        colour=QUIET,
    )


def uses(job_id: str, count: int) -> Post:
    """Offer what can be done with pictures."""
    which = "this picture" if count == 1 else f"one of these {count} pictures"
    return page(
        f"### What to do with {which}?",
        "*Edit* changes it by a sentence. *Vary* paints pictures like it. *Upscale* makes it larger. *Use as start "
        "picture* paints another prompt over it. You see the price with the picture, as with /imagine.",
        action_row(
            Button("edit-picture", job_id, "Edit", Style.primary),
            Button("vary", job_id, "Vary"),
            Button("upscale", job_id, "Upscale"),
            Button("begin", job_id, "Use as start picture"),
        ),
        "-# The buttons work for a day.",
        colour=WORKING,
    )


def _command(generation: Generation, fine_tune: FineTune | None, options: Collection[str]) -> str:
    """Write a recipe as a command that paints the same; what has no option of its own goes into `more`."""
    made, model = generation.recipe, find_model(generation.recipe.model)
    start = COMMANDS[model.task]
    words = " ".join(made.prompt.split()).replace("{", "\\{").replace("}", "\\}") if model.takes("prompt") else ""
    parts = [start, words] if words else [start]
    if model.task is not Task.PAINT:
        return " ".join(parts)
    chosen = _chosen(model, made)
    if made.second:
        chosen["second_lora"] = f"ft:{made.second_id}" if made.second_id else chosen.get("second_lora", "")
    if fine_tune is not None:
        parts.append(f"model: ft:{fine_tune.id}:{generation.version}")
        parts += [f"variant: {model.fixed['model']}"] if "model" in model.fixed else []
    elif generation.fine_tune_id is None:
        parts.append(f"model: {model.key.removesuffix('-lora')}")
    parts += [f"count: {made.count}"] if model.takes("count") else []
    parts += [f"seed: {made.seed}"] if model.takes("seed") else []
    parts += [f"{word}: {_written(value)}" for word, value in chosen.items() if word in options]
    more = [f"{word}={_written(value)}" for word, value in chosen.items() if word not in options]
    return " ".join([*parts, *([f"more: {', '.join(more)}"] if more else [])])


def _chosen(model: Model, made: Recipe) -> dict[str, Setting]:
    sized = "width" in made.settings
    settings = shown(made.settings)
    chosen = {
        field.word: settings[field.name]
        for field in model.fields
        if field.name in settings and not (sized and field.name == "aspect_ratio")
    }
    if made.second_id:  # the address of its weights is a key to them
        chosen["second_lora"] = made.second
    return chosen


def _settings(model: Model, made: Recipe) -> str:
    told = {"count": made.count} if model.takes("count") else {}
    return (
        ", ".join(code(f"{word} {_written(value)}") for word, value in {**told, **_chosen(model, made)}.items())
        or "none"
    )


def _written(value: Setting) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sources(made: Recipe) -> int:
    return sum(len(paths) for paths in made.sources.values())


def _cost(generation: Generation) -> str:
    if not generation.state.is_over:
        return f"about {dollars(generation.estimate)}, not over yet"
    guess = ", a guess: Replicate's price is unknown" if generation.is_guess else ""
    return f"{charged(generation.cost)}{guess} · estimated {dollars(generation.estimate)}"
