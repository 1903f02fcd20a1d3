"""What an operator may have done to the data folder, and what they are told at the next start."""

import asyncio
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import run
from bot.errors import AtelierError
from bot.files.data_folder import Unusable, make_private, prepare
from bot.files.lock import AlreadyRunning, sole_owner
from bot.settings import Settings
from bot.store import Store
from bot.store.migrations.steps import SCHEMA, NewerSchema, require
from tests.bot.things import RICH, accept_one, generation
from tests.shared import FOREVER

TOKENS = {"DISCORD_TOKEN": "planted-discord", "REPLICATE_API_TOKEN": "r8_planted_replicate"}


async def lived_in(data: Path) -> Path:
    """Make a folder as a bot leaves it; returns its database."""
    for name in ("pictures/g1/1.webp", "datasets/d1.zip", "sources/s1/image-1.png", "jobs.db"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"")
    (data / "datasets" / "d1.zip").write_bytes(b"photos")
    async with Store(data / "atelier.db") as store:
        await accept_one(store, generation(), RICH)
    return data / "atelier.db"


def modes(folder: Path) -> set[str]:
    """List the modes of a folder and all that is in it."""
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("what", ["missing", "empty", "without a table"])
async def test_a_folder_without_its_database_begins_no_new_life(tmp_path: Path, what: str):
    database = await lived_in(tmp_path)
    database.unlink()
    if what == "empty":
        database.touch()
    elif what == "without a table":
        with closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode=WAL")
    with pytest.raises(Unusable, match=r"missing or empty, but pictures, sources, datasets .* restore .* backup"):
        prepare(tmp_path)
    settings = Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(tmp_path)})
    for command in (run.run(settings), run.sync(settings)):
        with pytest.raises(Unusable):
            await command
    with pytest.raises(Unusable):
        run.backup(settings, tmp_path / "copy")
    assert (tmp_path / "datasets" / "d1.zip").read_bytes() == b"photos"


@pytest.mark.parametrize("left", ["pictures", "jobs.db"])
async def test_a_database_without_a_job_is_not_that_of_jobs_that_were(tmp_path: Path, left: str):
    database = await lived_in(tmp_path)
    database.unlink()
    async with Store(database):
        pass
    if left == "jobs.db":
        shutil.rmtree(tmp_path / "pictures")
        with closing(sqlite3.connect(tmp_path / "jobs.db")) as db:
            db.execute("CREATE TABLE workflow_status (workflow_uuid TEXT)")
            prepare(tmp_path)  # as a bot that was killed in its first upload leaves it
            db.execute("INSERT INTO workflow_status VALUES ('generate-g1')")
            db.commit()
    with pytest.raises(Unusable, match=rf"missing or empty, but {left} .* restore .* backup"):
        prepare(tmp_path)
    assert (tmp_path / "datasets" / "d1.zip").read_bytes() == b"photos"


async def test_a_new_folder_and_a_whole_one_are_taken(tmp_path: Path):
    prepare(tmp_path)
    await lived_in(tmp_path)
    prepare(tmp_path)


async def test_a_damaged_database_is_named_with_what_to_do(tmp_path: Path):
    database = await lived_in(tmp_path)
    database.write_bytes(b"no database at all, whatever its name says" * 100)
    with pytest.raises(Unusable, match=r"atelier\.db is damaged \(file is not a database\)\. .*python -m bot backup"):
        prepare(tmp_path)


async def test_what_an_earlier_version_kept_of_its_flows_may_be_damaged_or_gone(tmp_path: Path):
    await lived_in(tmp_path)
    (tmp_path / "jobs.db").write_bytes(b"no database at all, whatever its name says" * 100)
    prepare(tmp_path)
    (tmp_path / "jobs.db").unlink()
    prepare(tmp_path)


async def test_a_page_that_was_spoilt_is_found_after_a_process_was_killed(tmp_path: Path):
    database = await lived_in(tmp_path)
    holds = sqlite3.connect(database)  # as in a process that was killed, its last changes stay beside the file
    holds.execute("UPDATE generations SET note = 'x'")
    holds.commit()
    shutil.copytree(tmp_path, killed := tmp_path / "killed")
    holds.close()
    spoilt = bytearray((killed / "atelier.db").read_bytes())
    spoilt[8192:] = b"\xff" * (len(spoilt) - 8192)
    (killed / "atelier.db").write_bytes(spoilt)
    with pytest.raises(Unusable, match=r"atelier\.db is damaged .*python -m bot backup"):
        prepare(killed)


async def test_code_that_is_too_old_for_a_database_says_which_is_not(tmp_path: Path):
    async with Store(tmp_path / "atelier.db") as store:
        await store._database.write(lambda db: require(db, SCHEMA, "the Atelier of today"))
    async with Store(tmp_path / "atelier.db") as store:
        await store._database.write(lambda db: require(db, SCHEMA + 1, "the Atelier of tomorrow"))
    before = (tmp_path / "atelier.db").read_bytes()
    with pytest.raises(NewerSchema, match="Run the Atelier of tomorrow or newer, or put the backup"):
        await Store(tmp_path / "atelier.db").__aenter__()
    assert (tmp_path / "atelier.db").read_bytes() == before


async def test_what_an_earlier_version_left_open_is_closed_to_others(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    await lived_in(data)
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (data / "elsewhere").symlink_to(tmp_path / "nowhere")
    make_private(data)
    (data / "elsewhere").unlink()
    assert modes(data) == {"0o700", "0o600"}


async def test_what_lies_on_another_disk_is_closed_as_well(tmp_path: Path):
    disk, data = tmp_path / "disk", tmp_path / "data"
    for name in ("data", "pictures"):
        (disk / name).mkdir(parents=True)
    data.symlink_to(disk / "data")
    (data / "pictures").symlink_to(disk / "pictures")
    await lived_in(data)
    for path in disk.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    make_private(data)
    assert modes(disk / "data") | modes(disk / "pictures") == {"0o700", "0o600"}


async def test_a_backup_is_for_its_owner_alone(tmp_path: Path):
    data = tmp_path / "data"
    await lived_in(data)
    before = os.umask(0o022)
    try:
        run.backup(Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(data)}), tmp_path / "copy")
    finally:
        os.umask(before)
    assert modes(tmp_path / "copy") == {"0o700", "0o600"}


def test_a_lock_that_was_removed_still_holds(tmp_path: Path):
    with sole_owner(tmp_path):
        (tmp_path / "lock").unlink()
        with pytest.raises(AlreadyRunning), sole_owner(tmp_path):
            pass


@pytest.mark.parametrize("what", ["the folder", "the database"])
async def test_a_folder_that_is_replaced_meanwhile_is_left(tmp_path: Path, what: str):
    data = tmp_path / "data"
    await lived_in(data)
    with sole_owner(data) as held:
        lost = asyncio.create_task(held.lost(look=0.001))
        await asyncio.sleep(0)
        moved = data if what == "the folder" else data / "atelier.db"
        moved.rename(tmp_path / "old")
        if what == "the folder":
            await lived_in(data)
            with sole_owner(data):  # as a second bot would
                await asyncio.wait_for(lost, FOREVER)
        await asyncio.wait_for(lost, FOREVER)


def test_a_disk_that_locks_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def flock(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(AtelierError, match=r"cannot be locked .*ATELIER_DATA_DIR"), sole_owner(tmp_path):
        pass


@pytest.mark.parametrize("what", ["file", "below a file", "without a lock that can be had"])
def test_a_folder_that_is_of_no_use_is_named_with_what_to_do(tmp_path: Path, what: str):
    data = tmp_path / "data"
    if what == "without a lock that can be had":
        (data / "lock").mkdir(parents=True)
    else:
        data.touch()
    named = data / "deeper" if what == "below a file" else data
    with pytest.raises(AtelierError, match=rf"{named} cannot be used \(.*Set ATELIER_DATA_DIR"), sole_owner(named):
        pass


def test_a_database_that_is_a_folder_is_one_sentence(tmp_path: Path):
    (tmp_path / "data" / "atelier.db").mkdir(parents=True)
    settings = Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(tmp_path / "data")})
    for use in (lambda: prepare(settings.data_dir), lambda: run.backup(settings, tmp_path / "copy")):
        with pytest.raises(Unusable, match=r"atelier\.db is a folder, not a database"):
            use()
