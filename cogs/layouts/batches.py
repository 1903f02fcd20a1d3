"""What people see of several wishes at once: what they are and what they cost, before anything is paid; pure."""

from collections.abc import Sequence
from os.path import commonprefix

from bot.domain import sentences
from bot.domain.catalog import find_model
from bot.domain.entities import Batch, Comparison, Generation
from bot.domain.money import dollars
from bot.domain.wording import code, plural, quote
from bot.studio.requests import Unshared
from cogs.buttons import Button, Style
from cogs.layouts.generation import basis_of
from cogs.layouts.parts import QUIET, WORKING, Post, action_row, page, said, small

SHOWN = 160  # characters of a prompt; sixteen of them must fit into a message
WITHOUT = "Paint without it"
OWNERS_SHOWN = 5
BEFORE = 30  # characters that stay of what all prompts begin with


def offer(batch: Batch, unshared: Sequence[Unshared] = ()) -> Post:
    """List the prompts, or what is compared, with what all of it costs, and whose fine-tunes are left out."""
    if batch.comparison:
        head, lines = f"Compare {plural(batch.pictures, 'picture')}", _compared(batch, batch.comparison)
    else:
        head = f"{plural(len(batch.wishes), 'prompt')}, {plural(batch.pictures, 'picture')}"
        lines = _prompts(batch)
    told = " and ".join(dict.fromkeys(sentences.basis(wish.basis) for wish in batch.wishes if wish.basis))
    notes = dict.fromkeys(said(*wish.note) for wish in batch.wishes if wish.note)
    paint = WITHOUT if unshared else "Paint all"
    return page(
        f"### {head}, about {dollars(batch.estimate)}",
        _owners(unshared),
        "\n".join(lines),
        small(" ".join(notes)),
        f"-# {f'Each {told}. ' if told else ''}All with seed `{batch.wishes[0].recipe.seed}`. "
        f"Nothing is charged before *{paint}*.",
        action_row(
            Button("paint-all", batch.id, paint, Style.success),
            Button("drop-batch", batch.id, "Cancel"),
        ),
        colour=WORKING,
    )


def without(batch: Batch, unshared: Sequence[Unshared]) -> Post:
    """Say whose fine-tunes a prompt names, before anything is painted, and offer to paint without them."""
    [wish] = batch.wishes
    model = "" if wish.fine_tune_id else f" with {find_model(wish.recipe.model).title}"
    return page(
        "### Not shared with you",
        _owners(unshared),
        quote(wish.recipe.prompt, 1000),
        f"*{WITHOUT}* paints {plural(wish.recipe.count, 'picture')}{model}, "
        f"which takes these words like any others: about {dollars(wish.estimate)}{basis_of(wish)}.",
        small(said(*wish.note)),
        f"-# Nothing is charged before *{WITHOUT}*.",
        action_row(Button("paint-all", batch.id, WITHOUT, Style.success), Button("drop-batch", batch.id, "Cancel")),
        colour=WORKING,
    )


def not_shared(unshared: Sequence[Unshared]) -> Post:
    """Say whose fine-tunes a prompt names where there is nothing to be painted without them."""
    return page("### Not shared with you", _owners(unshared), colour=QUIET)


def _owners(unshared: Sequence[Unshared]) -> str | None:
    """Say of each trigger whose it is, and whom to ask; no more of what is not shared."""
    owners: dict[str, list[str]] = {}
    for one in unshared[:OWNERS_SHOWN]:
        owners.setdefault(one.words, []).append(f"<@{one.owner_id}>")
    return "\n".join(
        f"{code(words)} belongs to a fine-tune of {' and of '.join(dict.fromkeys(whose))} that is not shared with you. "
        f"Ask {' or '.join(dict.fromkeys(whose))} for `/models share`, then run the command again."
        for words, whose in owners.items()
    )


def painting(accepted: Sequence[Generation]) -> Post:
    """Say where the pictures will come."""
    count = len(accepted)
    if accepted[0].parent_id:
        return page(
            f"Painting {plural(count, 'picture')}. The sheet comes into this channel as soon as all are done; "
            "/jobs shows it and cancels it.",
            colour=WORKING,
        )
    if count == 1:
        return page(
            "Painting. It comes into this channel as soon as it is done; /jobs shows how far it is.", colour=WORKING
        )
    return page(
        f"Painting {plural(count, 'prompt')}. Each comes into this channel as soon as it is done; /jobs shows how far "
        "they are.",
        colour=WORKING,
    )


def dropped() -> Post:
    """Say that nothing is painted."""
    return page("Cancelled. Nothing was charged.", colour=QUIET)


def _prompts(batch: Batch) -> list[str]:
    prompts = [wish.recipe.prompt for wish in batch.wishes]
    shared = len(commonprefix(prompts))  # noqa: RUF071 - character by character is what is meant
    return [f"{number}. {code(_telling(prompt, shared), SHOWN)}" for number, prompt in enumerate(prompts, 1)]


def _compared(batch: Batch, comparison: Comparison) -> list[str]:
    costs = zip(comparison.labels, batch.wishes, strict=True)
    return [
        code(comparison.prompt, 500),
        *(f"{number}. {label} · {dollars(wish.estimate)}" for number, (label, wish) in enumerate(costs, 1)),
    ]


def _telling(prompt: str, shared: int) -> str:
    """Leave out the beginning of a long prompt where all of them begin alike."""
    start = shared - BEFORE
    return prompt if len(prompt) <= SHOWN or start <= 0 else f"…{prompt[start:]}"
