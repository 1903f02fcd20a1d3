"""How often a generation goes to the database from its command to its end: each time is a hand-over to a thread."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest

from bot.studio.requests import ImagineRequest
from cogs.layouts.generation import status
from tests.bot.app import App
from tests.bot.conftest import Far
from tests.bot.flows.test_train import trained
from tests.bot.things import ANNA

COUNTED: ContextVar[Counter[str] | None] = ContextVar("COUNTED", default=None)
"""Where a test is counted, and every task that begins there: what else asks the database is not."""


@pytest.fixture
def counts(app: App, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    database: Any = app.store._database

    def counted(name: str) -> Callable[..., Awaitable[Any]]:
        real = getattr(database, name)

        async def work(*arguments: Any) -> Any:
            count = COUNTED.get()
            if count is not None:
                count[name] += 1
            return await real(*arguments)

        return work

    for name in ("read", "write"):
        monkeypatch.setattr(database, name, counted(name))
    return Counter()


async def test_from_a_trigger_word_to_the_end_of_a_generation(app: App, far: Far, counts: Counter[str]) -> None:
    """Two reads and one write accept it, and its status needs nothing more."""
    await trained(app)
    COUNTED.set(counts)
    wish = await app.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="ZIKI at sea"))
    assert wish.fine_tune_id is not None
    assert counts == {"read": 2, "write": 1}
    assert "**ziki** v1" in str(status(wish).view.to_components())
    await app.studio.generations.run(wish, wish.message_id)
    COUNTED.set(None)
    await app.told("g1")
    # Read where its row stands: to begin, to submit, to collect, to tell; then its fine-tune and its pictures.
    # Write the intent before it is sent, the run, the pictures with the bill, and that it is told.
    assert counts == {"read": 2 + 4 + 2, "write": 1 + 4}
