"""What a start finds: files without rows and rows without files, each told or put right."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.entities import JobState, Picture
from bot.flows.orphans import remove_orphan_pictures, remove_orphans
from bot.store import Store
from tests.bot.things import NOW, RICH, accept_one, batch, dataset, generation, plan, recipe, selection


def put(data: Path, *names: str) -> None:
    for name in names:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"bytes")


def there(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data)) for path in data.rglob("*.*") if "atelier" not in path.name)


async def painted(store: Store, job_id: str, numbers: Sequence[int], *, over: bool = True) -> None:
    await accept_one(store, generation(job_id), RICH)
    rows = [
        Picture(
            generation_id=job_id,
            number=number,
            path=f"pictures/{job_id}/{number}.png",
            media_type="image/png",
            width=8,
            height=8,
            size=5,
        )
        for number in numbers
    ]
    await store.pictures.keep(job_id, rows)
    if over:
        await store.generations.end(job_id, JobState.SUCCEEDED, 0, NOW)


async def test_what_waits_without_its_files_is_forgotten_and_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun = recipe(sources={"image": ["sources/lost-p1/image-1.png"]})
    whole = recipe(sources={"image": ["sources/whole-p1/image-1.png"]})
    for one in (
        dataset("lost"),
        dataset("whole"),
        dataset("import", plan=plan(pretrained="https://huggingface.co/x")),
        batch("lost-b", [generation("lost-p1", recipe=begun)]),
        batch("whole-b", [generation("whole-p1", recipe=whole)]),
        batch("words", [generation("words-p1")]),
        selection("lost-s"),
        selection("whole-s"),
    ):
        await store.undecided.keep(one, 9)
    put(tmp_path, "datasets/whole.zip", "sources/whole-p1/image-1.png", "sources/whole-s/image-1.png")
    put(tmp_path, "datasets/nobodys.zip", "sources/nobodys/image-1.png")
    await remove_orphans(store, tmp_path)
    assert there(tmp_path) == ["datasets/whole.zip", "sources/whole-p1/image-1.png", "sources/whole-s/image-1.png"]
    assert {one.id for one in await store.undecided.with_files()} == {"whole", "import", "whole-b", "words", "whole-s"}
    assert caplog.text.count("has lost its files, so it is forgotten") == 3


async def test_what_is_left_of_deleted_pictures_is_removed(store: Store, tmp_path: Path) -> None:
    await painted(store, "deleted", [])
    await painted(store, "some", [1])
    await painted(store, "runs", [], over=False)
    put(tmp_path, "pictures/deleted/1.png", "pictures/some/1.png", "pictures/some/2.png", "pictures/some/sheet.jpg")
    put(tmp_path, "pictures/runs/1.png")
    await remove_orphan_pictures(store, tmp_path)
    assert there(tmp_path) == ["pictures/runs/1.png", "pictures/some/1.png", "pictures/some/sheet.jpg"]
    assert not (tmp_path / "pictures/deleted").exists()


async def test_pictures_of_no_job_and_pictures_that_are_missing_are_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await painted(store, "g1", [1, 2])
    put(tmp_path, "pictures/g1/1.png", "pictures/strange/1.png")
    await remove_orphan_pictures(store, tmp_path)
    assert there(tmp_path) == ["pictures/g1/1.png", "pictures/strange/1.png"]
    assert "1 folders in" in caplog.text
    assert "such as strange. Is atelier.db an older copy?" in caplog.text
    assert "1 pictures are missing, such as pictures/g1/2.png" in caplog.text
