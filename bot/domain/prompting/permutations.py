"""`{a|b|c}` in a prompt: one prompt for each choice, and for each combination of several; pure."""

import itertools
import math
import re
from collections.abc import Iterator

from bot.errors import UserError

MAX_PERMUTED = 16  # pictures from one command; a slip of the pen must not cost more
SIGN = re.compile(r"\\[{}|]|[{}|]|[^{}|\\]+|\\")
Part = list[str]
"""A piece of a prompt: its only text, or the choices of a pair of braces."""


def permutations(prompt: str, count: int = 1) -> list[str]:
    r"""List the prompts that one prompt stands for, the last group changing first; only one where it has no choices.

    `\{`, `\|` and `\}` stand for themselves. `count` is how many pictures each gets. Raises UserError where braces and
    bars do not fit together, or where it would be more than MAX_PERMUTED pictures.
    """
    parts = list(_parts(prompt))
    number = math.prod(len(part) for part in parts)
    if number > 1 and number * count > MAX_PERMUTED:
        raise UserError(
            f"This prompt stands for {number:,} prompts, which makes {number * count:,} pictures; "
            f"at most {MAX_PERMUTED} are painted at once. Leave some choices out, or ask for a smaller count."
        )
    return ["".join(choice) for choice in itertools.product(*parts)]


def _parts(prompt: str) -> Iterator[Part]:
    signs = SIGN.findall(prompt)
    if "|" not in signs or not {"{", "}"} & set(signs):
        yield [_plain(signs)]  # braces without choices, and bars without braces, are only characters
        return
    outside: list[str] = []
    inside: list[list[str]] | None = None
    for sign in signs:
        if sign == "{" and inside is None:
            yield [_plain(outside)]
            outside, inside = [], [[]]
        elif sign == "}" and inside is not None and len(inside) > 1:
            yield list(dict.fromkeys(_plain(choice).strip() for choice in inside))
            inside = None
        elif sign in "{}":
            raise _unbalanced()
        elif inside is None:
            outside.append(sign)
        elif sign == "|":
            inside.append([])
        else:
            inside[-1].append(sign)
    if inside is not None:
        raise _unbalanced()
    yield [_plain(outside)]


def _plain(signs: list[str]) -> str:
    return "".join(sign.removeprefix("\\") if len(sign) > 1 else sign for sign in signs)


def _unbalanced() -> UserError:
    return UserError(
        "The braces of this prompt do not fit together. Choices are written `{red|green|blue}`, not one group within "
        "another; write `\\{` and `\\}` for braces that are to be in the prompt."
    )
