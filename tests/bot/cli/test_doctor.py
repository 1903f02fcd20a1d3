"""What the doctor says of each thing that it looks at."""

import sqlite3
import sys
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import doctor
from bot.files.data_folder import Unusable, prepare
from bot.replicate_api import Replicate
from bot.settings import Settings
from bot.store import Store
from tests.bot.conftest import Far

TOKENS = {"DISCORD_TOKEN": "planted-discord", "REPLICATE_API_TOKEN": "r8_planted_replicate"}
Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "well"), [(50 << 30, True), (1 << 30, False)])
def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, well: bool) -> None:
    monkeypatch.setattr("bot.cli.doctor.shutil.disk_usage", lambda _: Usage(1 << 40, 0, free))
    settings = Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(tmp_path / "data")})
    found, line = doctor._disk(settings)
    assert found is well
    assert f"{free >> 30} GiB free" in line
    assert ("make room" in line) is not well


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    well, line = doctor._disk(Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": str(tmp_path / "data")}))
    assert not well
    assert "cannot be used (File exists): set ATELIER_DATA_DIR" in line


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that even root may not write to")
def test_a_folder_that_cannot_be_written_to() -> None:
    well, line = doctor._disk(Settings.from_env(TOKENS | {"ATELIER_DATA_DIR": "/proc"}))
    assert not well
    assert "set ATELIER_DATA_DIR to a folder that this user may write to" in line


async def test_the_database_is_looked_at_as_a_start_would(tmp_path: Path) -> None:
    path = tmp_path / "atelier.db"
    assert doctor._database(tmp_path) == (True, "no database yet: the first start makes it")
    async with Store(path):
        assert doctor._database(tmp_path) == (True, f"database {path}")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS compatibility (id INTEGER PRIMARY KEY, schema INTEGER, code TEXT)")
        db.execute("INSERT OR REPLACE INTO compatibility VALUES (1, 999, 'Atelier 9')")
        db.commit()
    well, line = doctor._database(tmp_path)
    assert not well
    assert "Run Atelier 9 or newer" in line
    path.write_bytes(b"nonsense" * 4096)
    well, line = doctor._database(tmp_path)
    assert not well
    assert "atelier.db is damaged" in line


@pytest.mark.parametrize("name", ["pictures", "sources", "datasets"])
def test_a_file_where_a_folder_belongs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    well, line = doctor._database(tmp_path)
    assert not well
    assert f"{name} is a file where a folder belongs. Move it away" in line
    with pytest.raises(Unusable, match="is a file where a folder belongs"):
        prepare(tmp_path)


async def test_replicate_as_it_should_be(remote: Replicate) -> None:
    assert await doctor._account(remote) == (True, "Replicate: models will belong to atelier-demo")
    well, line = await doctor._trainer(remote, "ostris/flux-dev-lora-trainer")
    assert well
    assert "the one this release was tested with" in line


def test_what_is_copied_elsewhere_is_said() -> None:
    key = {"WANDB_API_KEY": "planted-weights-and-biases-0123456789abc"}
    settings = Settings.from_env(TOKENS | key | {"HF_TOKEN": "planted-hf", "ATELIER_HF_NAMESPACE": "team"})
    copied, recorded = doctor._copies(settings)
    assert "copied to team, into a private repository" in copied
    assert "in the project atelier" in recorded
    assert "planted" not in copied + recorded
    assert list(doctor._copies(Settings.from_env(TOKENS))) == []


async def test_a_token_that_is_not_accepted(remote: Replicate, far: Far) -> None:
    far.goes_wrong("*", status=401)
    well, line = await doctor._account(remote)
    assert not well
    assert "Make a new one" in line


async def test_a_replicate_that_cannot_be_reached(remote: Replicate, far: Far) -> None:
    far.internet.broken["api.replicate.com"] = "refuse"
    for well, line in (await doctor._account(remote), await doctor._trainer(remote, "ostris/flux-dev-lora-trainer")):
        assert not well
        assert "Check" in line


async def test_a_trainer_that_is_not_there(remote: Replicate) -> None:
    well, line = await doctor._trainer(remote, "nobody/nothing")
    assert not well
    assert "ATELIER_TRAINER" in line


@pytest.mark.parametrize(
    ("model", "well", "words"),
    [
        ("meta/meta-llama-3-8b-instruct", True, "language model meta/"),
        ("nobody/nothing", False, "Check ATELIER_ENRICH_MODEL"),
        ("nightmareai/real-esrgan", False, "takes no prompt: set ATELIER_ENRICH_MODEL"),
    ],
)
async def test_a_language_model_is_looked_up(remote: Replicate, model: str, well: bool, words: str) -> None:
    found, line = await doctor._language_model(remote, model)
    assert found is well
    assert words in line


async def test_everything_away_is_said_line_by_line_without_a_secret(
    tmp_path: Path, far: Far, capsys: pytest.CaptureFixture[str]
) -> None:
    env = TOKENS | {"ATELIER_DATA_DIR": str(tmp_path / "data"), "HTTPS_PROXY": far.proxy}
    far.internet.broken["api.replicate.com"] = "refuse"
    assert await doctor.examine(Settings.from_env(env)) == 1
    printed = capsys.readouterr().out
    assert printed.count("FIX ") == 3
    assert "Discord cannot be reached" in printed
    assert "planted" not in printed
