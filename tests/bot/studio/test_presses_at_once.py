"""Two presses at once: one wins, decided in the database, and only who takes something away removes its files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.studio.requests import CompareRequest, ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, dataset, keep_waiting, plan

FOXES = ImagineRequest(prompt="a {red|blue} fox")
MODELS = CompareRequest(prompt="a fox", models=("schnell", "dev"))
Act = Callable[[], Awaitable[Any]]


@pytest.fixture
async def files(at: Rooms) -> list[Path]:
    """Have an upload that waits for Start, with its files."""
    await keep_waiting(at.store, dataset())
    folder = at.services.data / "datasets"
    folder.mkdir()
    files = [folder / "t1.zip", folder / "t1.jpg"]
    for file in files:
        file.write_bytes(b"photos")
    return files


def overtaken(at: Rooms, monkeypatch: pytest.MonkeyPatch, reads: str, other: Act) -> None:
    """Let somebody else's press come through, whole, right after the next read of a draft."""
    read = getattr(at.store.undecided, reads)

    async def slow(draft_id: str) -> object:
        found = await read(draft_id)
        monkeypatch.setattr(at.store.undecided, reads, read)
        await other()
        return found

    monkeypatch.setattr(at.store.undecided, reads, slow)


async def test_cancel_before_start_leaves_no_training(
    at: Rooms, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(at, monkeypatch, "dataset", lambda: at.studio.trainings.discard(ANNA, "t1"))
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.trainings.start(ANNA, "t1")
    assert await at.store.trainings.find("t1") is None
    assert (at.started.flows, await at.store.spent(ANNA, at.services.now())) == ([], (0, 0))
    assert await at.store.fine_tunes.usable(ANNA) == []
    assert not any(file.exists() for file in files)


async def test_start_before_cancel_keeps_the_photos(
    at: Rooms, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(at, monkeypatch, "dataset", lambda: at.studio.trainings.start(ANNA, "t1"))
    with pytest.raises(UserError, match="started already"):
        await at.studio.trainings.discard(ANNA, "t1")
    assert at.started.flows == [("train", "t1")]
    assert all(file.exists() for file in files)


@pytest.mark.parametrize("first", ["start", "sweep"])
async def test_start_and_the_sweep_at_once_keep_the_photos_or_start_nothing(
    at: Rooms, files: list[Path], first: str
) -> None:
    now = at.services.now()
    at.services.now = lambda: now + 25 * 3600.0
    acts = [at.studio.trainings.start(ANNA, "t1"), at.studio.drafts.sweep()]
    await asyncio.gather(*(acts if first == "start" else acts[::-1]), return_exceptions=True)
    started = await at.store.trainings.find("t1") is not None
    assert [file.exists() for file in files] == [started, started]
    assert (await at.store.undecided.dataset("t1") is not None) == started
    assert bool(at.started.flows) == started


async def test_cancel_twice_is_said(at: Rooms, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    overtaken(at, monkeypatch, "dataset", lambda: at.studio.trainings.discard(ANNA, "t1"))
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.trainings.discard(ANNA, "t1")
    assert not any(file.exists() for file in files)


async def test_a_plan_that_is_changed_before_start_is_not_started_as_it_was(
    at: Rooms, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = plan(steps=900)
    overtaken(at, monkeypatch, "dataset", lambda: at.store.undecided.change_plan("t1", changed, 5))
    with pytest.raises(UserError, match="changed at the same moment"):
        await at.studio.trainings.start(ANNA, "t1")
    assert await at.store.trainings.find("t1") is None
    started = await at.studio.trainings.start(ANNA, "t1")
    assert (started.plan, started.estimate) == (changed, 5)


@pytest.mark.parametrize(("prepare", "request_"), [("batches", FOXES), ("comparisons", MODELS)])
async def test_cancel_before_paint_all_paints_nothing(
    at: Rooms, monkeypatch: pytest.MonkeyPatch, prepare: str, request_: object
) -> None:
    await getattr(at.studio, prepare).prepare(ANNA, "b1", request_)
    overtaken(at, monkeypatch, "batch", lambda: at.studio.batches.discard(ANNA, "b1"))
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.batches.paint(ANNA, "b1")
    assert (at.started.flows, await at.store.spent(ANNA, at.services.now())) == ([], (0, 0))


@pytest.mark.parametrize(("prepare", "request_"), [("batches", FOXES), ("comparisons", MODELS)])
async def test_paint_all_before_cancel_keeps_what_it_begins_with(
    at: Rooms, monkeypatch: pytest.MonkeyPatch, prepare: str, request_: object
) -> None:
    batch = await getattr(at.studio, prepare).prepare(ANNA, "b1", request_)
    sources = [at.services.data / "sources" / wish.id for wish in batch.wishes]
    for folder in sources:
        folder.mkdir(parents=True)
    overtaken(at, monkeypatch, "batch", lambda: at.studio.batches.paint(ANNA, "b1"))
    with pytest.raises(UserError, match="painted already"):
        await at.studio.batches.discard(ANNA, "b1")
    assert all(folder.exists() for folder in sources)
    with pytest.raises(UserError, match="painted already"):
        await at.studio.batches.paint(ANNA, "b1")
