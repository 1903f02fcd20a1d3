"""What people see of several wishes at once: what they are and what they cost, before anything is paid; pure."""

from collections.abc import Sequence
from os.path import commonprefix

from bot.domain.entities import Batch, Generation
from bot.domain.money import dollars
from bot.domain.wording import code, cut, plural, sentence
from cogs.buttons import Button, Style
from cogs.layouts.parts import QUIET, WORKING, Post, page, row

SHOWN = 160  # characters of a prompt; sixteen of them must fit into a message
BEFORE = 30  # characters that stay of what all prompts begin with


def offer(batch: Batch) -> Post:
    """List the prompts, or what is compared, with what all of it costs."""
    if batch.labels:
        head, lines = f"Compare {plural(batch.pictures, 'picture')}", _compared(batch)
    else:
        head = f"{plural(len(batch.wishes), 'prompt')}, {plural(batch.pictures, 'picture')}"
        lines = _prompts(batch)
    told = " and ".join(dict.fromkeys(wish.basis for wish in batch.wishes if wish.basis))
    notes = list(dict.fromkeys(wish.note for wish in batch.wishes if wish.note))
    return page(
        f"### {head}, about {dollars(batch.estimate)}",
        "\n".join(lines),
        f"-# {cut(sentence(' '.join(notes)).replace(chr(10), ' '), 500)}" if notes else None,
        f"-# {f'Each {told}. ' if told else ''}All with seed `{batch.wishes[0].recipe.seed}`. "
        "Nothing is charged before *Paint all*.",
        row(
            Button("paint-all", batch.id, "Paint all", Style.success),
            Button("drop-batch", batch.id, "Cancel"),
        ),
        colour=WORKING,
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


def _compared(batch: Batch) -> list[str]:
    costs = zip(batch.labels, batch.wishes, strict=True)
    return [
        code(batch.prompt, 500),
        *(f"{number}. {label} · {dollars(wish.estimate)}" for number, (label, wish) in enumerate(costs, 1)),
    ]


def _telling(prompt: str, shared: int) -> str:
    """Leave out the beginning of a long prompt where all of them begin alike."""
    start = shared - BEFORE
    return prompt if len(prompt) <= SHOWN or start <= 0 else f"…{prompt[start:]}"
