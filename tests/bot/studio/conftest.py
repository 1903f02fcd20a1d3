"""A studio whose Replicate is nowhere: nothing that is tested here may ask it anything."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.replicate_api import Replicate
from bot.store import Store
from tests.bot.studio.album import CAT, MASK, Attached, drawn
from tests.bot.studio.rooms import Rooms, rooms

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def attached() -> Attached:
    return Attached({CAT.url: drawn("red"), MASK.url: drawn()})


@pytest.fixture
async def at(store: Store, tmp_path: Path, attached: Attached) -> AsyncIterator[Rooms]:
    remote = Replicate("r8_nowhere", base_url=NOWHERE)
    yield rooms(store, tmp_path, remote, attached)
    await remote.close()
