"""The child process: what it returns, what it may use, and what happens when it dies."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.dataset import workshop as workshop_module
from bot.dataset.workshop import DatasetRefused, Limits, Upload, Workshop
from tests.bombs import pixel_bomb
from tests.dataset.conftest import Bench
from tests.hostile import Member, archive, picture

GOOD = archive(*(Member(b"%d.png" % n, picture(n)) for n in range(3)))
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and Linux's memory limits")


def left_in(bench: Bench) -> set[str]:
    return {path.name for path in bench.folder.iterdir() if not path.name.startswith("upload-")}


def my_worker() -> int | None:
    """Return the id of the worker that this process has started, once it runs."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"bot.dataset.worker" in (entry / "cmdline").read_bytes():
                return int(entry.name)
    return None


async def child_of_mine() -> int:
    """Wait for the workshop's child process and return its id."""
    while (child := my_worker()) is None:  # noqa: ASYNC110 - another process cannot set an event of ours
        await asyncio.sleep(0)
    return child


async def test_an_upload_becomes_a_prepared_set(bench: Bench):
    prepared = await Workshop().prepare([bench.upload(GOOD)], bench.out)
    assert prepared.report.images == 3
    assert (prepared.archive, prepared.contact_sheet) == (bench.out, bench.sheet)
    assert len(prepared.sha256) == 64
    assert left_in(bench) == {"clean.zip", "clean.jpg"}


async def test_a_refusal_comes_back_whole_and_leaves_nothing(bench: Bench):
    upload = bench.upload(archive(Member(b"a.gif", picture(kind="GIF"))))
    with pytest.raises(DatasetRefused, match=r"a\.gif: It is a GIF") as caught:
        await Workshop().prepare([upload], bench.out)
    assert (caught.value.code, caught.value.left_out[0].code) == ("no_images", "format")
    assert left_in(bench) == set()


@linux
async def test_a_killed_worker_costs_that_upload_and_a_clear_sentence(bench: Bench, caplog: pytest.LogCaptureFixture):
    workshop = Workshop()
    fifo = bench.folder / "upload-fifo"
    os.mkfifo(fifo)  # the child waits for a writer, so that it can be met alive
    preparing = asyncio.create_task(workshop.prepare([Upload(fifo, "set.zip")], bench.out))
    os.kill(await child_of_mine(), signal.SIGKILL)
    with caplog.at_level(logging.CRITICAL + 1), pytest.raises(DatasetRefused, match="try again with fewer") as caught:
        await preparing
    assert caught.value.code == "worker_died"
    assert left_in(bench) == set()
    assert (await workshop.prepare([bench.upload(GOOD)], bench.out)).report.images == 3


@linux
async def test_a_cancelled_preparation_ends_its_child(bench: Bench):
    workshop = Workshop()
    fifo = bench.folder / "upload-fifo"
    os.mkfifo(fifo)
    preparing = asyncio.create_task(workshop.prepare([Upload(fifo, "set.zip")], bench.out))
    child = await child_of_mine()
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert left_in(bench) == set()


@linux
async def test_a_worker_that_never_ends_is_stopped(bench: Bench):
    fifo = bench.folder / "upload-fifo"
    os.mkfifo(fifo)
    with pytest.raises(DatasetRefused, match="too long") as caught:
        await Workshop(Limits(patience=1)).prepare([Upload(fifo, "set.zip")], bench.out)
    assert caught.value.code == "too_slow"
    assert left_in(bench) == set()


@linux
async def test_memory_is_limited(bench: Bench):
    large = archive(Member(data=picture(1, 4000, compress_level=1), method=0), Member(b"b.png", picture(2)))
    upload = bench.upload(large)
    report = (await Workshop(Limits(memory=160 << 20)).prepare([upload], bench.out)).report
    assert [(item.name, item.code) for item in report.left_out] == [("a.png", "memory")]
    assert (await Workshop().prepare([upload], bench.out)).report.images == 2
    with pytest.raises(DatasetRefused) as caught:
        await Workshop(Limits(memory=24 << 20)).prepare([upload], bench.out)
    assert caught.value.code == "worker_died"


async def test_the_child_gets_no_secrets(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, str] = {}
    start = asyncio.create_subprocess_exec

    async def spying(*arguments: str, env: dict[str, str], **options: object) -> asyncio.subprocess.Process:
        seen.update(env)
        return await start(*arguments, env=env, **options)  # type: ignore[arg-type]

    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setattr(workshop_module.asyncio, "create_subprocess_exec", spying)
    await Workshop().prepare([bench.upload(GOOD)], bench.out)
    assert seen
    assert "secret" not in seen.values()


@linux
async def test_processor_time_is_limited_and_time_on_the_clock_is_not(bench: Bench):
    photo = picture(1, 2400)  # takes a second to be made, and a third of one to be vetted, twelve times over
    upload = bench.upload(archive(*(Member(b"%d.png" % n, photo, method=0) for n in range(12))))
    with pytest.raises(DatasetRefused, match="Save the pictures as JPEG at 2048 pixels") as caught:
        await Workshop(Limits(seconds=1)).prepare([upload], bench.out)
    assert (caught.value.code, caught.value.detail) == ("too_slow", "over 1 s of processor time")
    assert left_in(bench) == set()


async def test_a_bomb_of_pixels_is_refused_before_one_is_decoded(bench: Bench):
    """160 flat pictures of 50 megapixels fit into 100 KB and took 88 s."""
    bomb = bench.upload(pixel_bomb())
    assert bomb.path.stat().st_size < 200_000
    with pytest.raises(DatasetRefused, match=r"8,000 megapixels together; an upload takes up to 2,000") as caught:
        await Workshop(Limits(seconds=10)).prepare([bomb], bench.out)
    assert caught.value.code == "pixels"
    assert left_in(bench) == set()


def test_forty_photos_of_a_phone_are_within_the_pixels_of_an_upload():
    assert Limits().upload_pixels >= 40 * 8_064 * 6_048
