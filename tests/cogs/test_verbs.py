"""Every button and form that is drawn does something, and what does something is drawn."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord_client.shared import Verbs
from cogs.afterwards import ON_ONE
from tests.cogs.conftest import Stage

COGS = Path(__file__).parents[2] / "cogs"
PLANNING = {"advanced", "captions"}
AFTERWARDS = {one.verb for one in ON_ONE} | {"edit-picture", "begin"}
NAMED_ELSEWHERE = {
    "Button(verb, key, label)": PLANNING,  # below a report
    "Form(verb, dataset_id, title)": PLANNING,
    "Form(verb, job_id, title)": AFTERWARDS,  # what is done with a picture
    "Form(verb, row_id, title)": {"edit", "same-seed", "try", "reword"},  # another prompt
}
"""Calls that are given their verb by their callers, with all that they are given."""


def drawn(kind: str) -> Iterator[str]:
    """Find the verbs in all calls of `Button` or `Form`."""
    for path in COGS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == kind:
                match node.args[0]:
                    case ast.Constant(str() as verb):
                        yield verb
                    case _:
                        yield from NAMED_ELSEWHERE[ast.unparse(node)]


@pytest.mark.parametrize("kind", ["Button", "Form"])
async def test_every_verb_that_is_drawn_has_a_handler_and_every_handler_is_drawn(stage: Stage, kind: str):
    shared = stage.client.shared
    handled = shared.presses if kind == "Button" else shared.forms
    assert set(handled) == set(drawn(kind))


async def test_no_verb_does_two_things():
    async def handler(*_: object) -> None: ...

    verbs = Verbs()
    verbs.add({"again": handler})
    with pytest.raises(ValueError, match="again"):
        verbs.add({"edit": handler, "again": handler})
    assert list(verbs) == ["again"]
