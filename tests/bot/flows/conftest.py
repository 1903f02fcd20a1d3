"""Atelier before a fast Replicate."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.flows import engine, following, forgetting, keeping, submitting, training
from bot.replicate_api import Replicate
from bot.store import Store
from tests.bot.app import App, opened


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every pause short."""
    monkeypatch.setattr(submitting, "AWAY", 0.01)
    monkeypatch.setattr(submitting, "LISTED", 0.0)
    monkeypatch.setattr(following, "FIRST_LOOKS", 0.01)
    monkeypatch.setattr(following, "SLOWEST", {"predictions": 0.02, "trainings": 0.02})
    monkeypatch.setattr(keeping, "PAUSE", 0.001)
    monkeypatch.setattr(training, "BETWEEN_EDITS", 0.0)
    monkeypatch.setattr(forgetting, "PAUSE", 0.001)
    monkeypatch.setattr(engine, "PAUSE", 0.001)


@pytest.fixture
async def app(tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession) -> AsyncIterator[App]:
    async with opened(tmp_path, store, remote, session) as it:
        yield it
