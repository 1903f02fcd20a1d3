"""What an operator sees of the commands before Discord or Replicate come into play."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.run import backup
from bot.errors import AtelierError
from bot.files.lock import AlreadyRunning, sole_owner
from bot.settings import Settings
from bot.store import Store
from tests.bot.things import RICH, accept_one, generation

ROOT = Path(__file__).parents[3]
TOKENS = {"DISCORD_TOKEN": "planted-discord", "REPLICATE_API_TOKEN": "r8_planted_replicate"}


def command(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an empty folder with nothing but these variables."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | env
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_without_settings_it_says_all_that_is_missing(tmp_path: Path) -> None:
    ran = command(tmp_path, "run", ATELIER_LOG_LEVEL="chatty")
    assert ran.returncode == 2
    lines = ran.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["DISCORD_TOKEN", "REPLICATE_API_TOKEN", "ATELIER_LOG_LEVEL"]
    assert not list(tmp_path.iterdir())


def test_settings_may_stand_in_a_file_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=x\nATELIER_LOG_LEVEL=chatty\nATELIER_MIN_SIDE=tiny\n")
    ran = command(tmp_path, "run", ATELIER_LOG_LEVEL="INFO")
    assert [line.split()[0] for line in ran.stderr.splitlines()] == ["REPLICATE_API_TOKEN", "ATELIER_MIN_SIDE"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_as_windows_writes_it_is_read_or_named(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text("ATELIER_MIN_SIDE=tiny\n", encoding)
    ran = command(tmp_path, "run", **TOKENS)
    assert ran.returncode == 2
    said = {"utf-16": ".env is not written in UTF-8.", "utf-8-sig": "ATELIER_MIN_SIDE must be a whole number."}
    assert ran.stderr.startswith(said[encoding])


def test_a_second_process_on_the_same_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with sole_owner(tmp_path / "data"):
        ran = command(tmp_path, "run", **TOKENS)
    assert ran.returncode == 1
    assert ran.stderr == (
        "Another Atelier is running with data. Stop it first, or set ATELIER_DATA_DIR to another folder.\n"
    )


def test_the_lock_is_held_once_and_let_go(tmp_path: Path) -> None:
    with sole_owner(tmp_path), pytest.raises(AlreadyRunning), sole_owner(tmp_path):
        pass
    with sole_owner(tmp_path):
        assert (tmp_path / "lock").exists()


def test_the_system_lets_go_for_a_process_that_was_killed(tmp_path: Path) -> None:
    holds = (
        "import sys, pathlib; from bot.files.lock import sole_owner\n"
        "with sole_owner(pathlib.Path(sys.argv[1])): print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(AlreadyRunning), sole_owner(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with sole_owner(tmp_path):
        pass


async def test_a_copy_is_made_while_the_store_is_open_and_opens_again(tmp_path: Path) -> None:
    settings = Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(tmp_path / "data")})
    pictures = settings.data_dir / "pictures" / "g1"
    pictures.mkdir(parents=True)
    (pictures / "1.webp").write_bytes(b"picture")
    async with Store(settings.data_dir / "atelier.db") as store:
        await accept_one(store, generation(), RICH)
        with sole_owner(settings.data_dir):
            assert await asyncio.to_thread(backup, settings, tmp_path / "copy") == 0
        await accept_one(store, generation("g2"), RICH)
    assert (tmp_path / "copy" / "pictures" / "g1" / "1.webp").read_bytes() == b"picture"
    async with Store(tmp_path / "copy" / "atelier.db") as copied:
        assert await copied.generations.find("g1") == generation()
        assert await copied.generations.find("g2") is None
    with pytest.raises(AtelierError, match="exists already"):
        backup(settings, tmp_path / "copy")


def test_a_copy_of_nothing_says_so(tmp_path: Path) -> None:
    ran = command(tmp_path, "backup", "copy", **TOKENS)
    assert ran.returncode == 1
    assert ran.stderr.startswith("There is nothing in")
    assert not (tmp_path / "copy").exists()
