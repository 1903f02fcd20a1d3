"""What people see of a prompt with choices: what it stands for and what that costs, before anything is paid; pure."""

from os.path import commonprefix

from bot.domain.entities import Batch
from bot.domain.money import dollars
from bot.domain.wording import code, cut, plural, sentence
from cogs.buttons import Button, Style
from cogs.layouts.parts import QUIET, WORKING, Post, page, row

SHOWN = 160  # characters of a prompt; sixteen of them must fit into a message
BEFORE = 30  # characters that stay of what all prompts begin with


def offer(batch: Batch) -> Post:
    """List the prompts with what all of them cost."""
    prompts = [wish.recipe.prompt for wish in batch.wishes]
    shared = len(commonprefix(prompts))  # noqa: RUF071 - character by character is what is meant
    lines = [f"{number}. {code(_telling(prompt, shared), SHOWN)}" for number, prompt in enumerate(prompts, 1)]
    told = " and ".join(dict.fromkeys(wish.basis for wish in batch.wishes if wish.basis))
    notes = list(dict.fromkeys(wish.note for wish in batch.wishes if wish.note))
    return page(
        f"### {plural(len(prompts), 'prompt')}, {plural(batch.pictures, 'picture')}, about {dollars(batch.estimate)}",
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


def painting(count: int) -> Post:
    """Say where the pictures will come."""
    return page(
        f"Painting {plural(count, 'prompt')}. Each comes into this channel as soon as it is done; /jobs shows how far "
        "they are.",
        colour=WORKING,
    )


def dropped() -> Post:
    """Say that nothing is painted."""
    return page("Cancelled. Nothing was charged.", colour=QUIET)


def _telling(prompt: str, shared: int) -> str:
    """Leave out the beginning of a long prompt where all of them begin alike."""
    start = shared - BEFORE
    return prompt if len(prompt) <= SHOWN or start <= 0 else f"…{prompt[start:]}"
