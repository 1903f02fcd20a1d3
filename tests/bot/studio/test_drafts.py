"""What waits for a press has a share of room for each member; when its row goes, its files go."""

import sqlite3
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.dataset.report import Report
from bot.domain.entities import Actor, Dataset
from bot.domain.prompts import MAX_PROMPT
from bot.errors import UserError
from bot.files import disk
from bot.studio.drafts import MOST, MOST_BYTES
from bot.studio.requests import ImagineRequest
from tests.bot.studio.album import CAT, kept, painted
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, dataset, plan, search

CHOICES = ImagineRequest(prompt="a {red|blue|green|grey} sea", pictures={"image": [CAT]})
Usage = namedtuple("Usage", "total used free")


def zips(at: Rooms) -> list[str]:
    return sorted(path.stem for path in (at.services.data / "datasets").glob("*.zip"))


async def keeps(at: Rooms, number: int, actor: Actor = ANNA, size: int = 1000, **changes: Any) -> list[str]:
    """Have a draft with its files, and name those that gave way."""
    name = f"{actor.guild_id}u{actor.user_id}n{number}"
    for suffix in ("zip", "jpg"):
        path = at.services.data / "datasets" / f"{name}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"file")
    report = Report(archive_bytes=size).to_json()
    wish = dataset(name, actor, report=report, plan=plan(name=f"n{number}"), archive=f"datasets/{name}.zip", **changes)
    return [one.id for one in await at.studio.drafts.keep(wish)]


async def test_the_oldest_upload_of_a_member_makes_room_for_a_sixth(at: Rooms) -> None:
    assert await keeps(at, 1, BEN) == []
    assert await keeps(at, 0, consent_at=1.0) == []  # it has been started
    for number in range(1, MOST[Dataset] + 1):
        assert await keeps(at, number) == []
    assert await keeps(at, 6, ANNA_ELSEWHERE) == ["10u1n1"]
    assert zips(at) == ["10u1n0", "10u1n2", "10u1n3", "10u1n4", "10u1n5", "10u2n1", "20u1n6"]
    assert not (at.services.data / "datasets/10u1n1.jpg").exists()
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.trainings.find(ANNA, "10u1n1")


async def test_large_uploads_make_room_sooner_but_never_for_themselves(at: Rooms) -> None:
    for number in (1, 2):
        assert await keeps(at, number, size=95_000_000) == []
    assert await keeps(at, 3, size=95_000_000) == ["10u1n1"]
    assert await keeps(at, 4, size=MOST_BYTES[Dataset] + 1) == ["10u1n3", "10u1n2"]
    assert zips(at) == ["10u1n4"]


async def test_the_pictures_of_a_batch_are_on_the_disk_once(at: Rooms) -> None:
    batch = await at.studio.batches.prepare(ANNA, "b1", CHOICES)
    files = [at.services.data / "sources" / name for name in kept(at)]
    assert len(files) == len(batch.wishes) == 4
    assert len({path.stat().st_ino for path in files}) == 1


async def test_where_files_have_one_name_only_they_are_copied(at: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _: Path) -> None:
        raise OSError(95, "Operation not supported", str(path))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    await at.studio.batches.prepare(ANNA, "b1", CHOICES)
    files = [at.services.data / "sources" / name for name in kept(at)]
    assert len({path.read_bytes() for path in files}) == 1
    assert len({path.stat().st_ino for path in files}) == 4


async def test_the_files_of_a_batch_go_with_its_row_unless_they_are_painted(at: Rooms) -> None:
    await at.studio.batches.prepare(ANNA, "b0", replace(CHOICES, prompt="a {red|blue} sea"))
    await at.studio.batches.paint(ANNA, "b0")
    for number in range(1, 7):
        await at.studio.batches.prepare(ANNA, f"b{number}", CHOICES)
    there = {name[:2] for name in kept(at)}
    assert there == {"b0", "b2", "b3", "b4", "b5", "b6"}
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.batches.paint(ANNA, "b1")
    await at.a_day_later()
    assert {name[:2] for name in kept(at)} == {"b0"}


async def test_a_batch_that_is_refused_in_its_middle_leaves_nothing(at: Rooms) -> None:
    with pytest.raises(UserError):
        await at.studio.batches.prepare(ANNA, "b1", replace(CHOICES, prompt=f"{{a|{'b' * MAX_PROMPT}}} c"))
    assert kept(at) == []


async def test_selections_and_searches_have_a_share_too(at: Rooms) -> None:
    for number in range(7):
        await at.studio.pictures.select(BEN, f"s{number}", [CAT])
    assert [name[:2] for name in kept(at)] == ["s2", "s3", "s4", "s5", "s6"]
    for number in range(22):
        await at.studio.drafts.keep(search(f"f{number}"))
    assert [await at.store.gallery.search(f"f{number}") is None for number in (1, 2)] == [True, False]


async def test_what_cannot_be_written_down_leaves_nothing(at: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(at.store.undecided, "keep", full)
    for act in (
        at.studio.batches.prepare(ANNA, "b1", CHOICES),
        at.studio.pictures.select(ANNA, "s1", [CAT]),
        keeps(at, 1),
    ):
        with pytest.raises(sqlite3.OperationalError):
            await act
    assert (kept(at), zips(at)) == ([], [])


async def test_after_a_day_all_that_waits_goes_while_the_bot_runs(at: Rooms) -> None:
    await keeps(at, 1)
    await keeps(at, 2, consent_at=1.0)
    await at.studio.pictures.select(ANNA, "s1", [CAT])
    await at.studio.batches.prepare(ANNA, "b1", CHOICES)
    await at.studio.gallery.find(ANNA, "f1", "sea")
    at.services.now = lambda: 4e9
    await at.studio.drafts.sweep()  # the clock on the wall was set, and no day has gone by
    assert len(zips(at) + kept(at)) == 7
    await at.a_day_later()
    assert (zips(at), kept(at)) == (["10u1n2"], [])
    assert await at.store.gallery.search("f1") is None


async def test_nothing_is_begun_on_a_full_disk(at: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    await painted(at)
    await keeps(at, 1)
    await at.studio.batches.prepare(ANNA, "b1", replace(CHOICES, pictures={}))
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: Usage(1 << 40, 0, disk.FOR_RESULTS - 1))
    for act in (
        at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="a sea")),
        at.studio.generations.again(ANNA, "g1", "g0"),
        at.studio.pictures.select(ANNA, "s1", [CAT]),
        at.studio.batches.paint(ANNA, "b1"),
        at.studio.trainings.start(ANNA, "10u1n1"),
    ):
        with pytest.raises(UserError, match=r"disk is full\. \*Cancel\* uploads .* and try again"):
            await act
    assert (await at.studio.spending.allowance(ANNA)).member_spent == 3_000  # of the picture before


def test_what_still_comes_in_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: Usage(1 << 40, 0, 100))
    room = disk.Disk(tmp_path)
    with room.room(60, keep_free=20):
        with pytest.raises(UserError), room.room(60, keep_free=20):
            pass
        with room.room(20, keep_free=20):
            pass
    with room.room(80, keep_free=20):
        pass
