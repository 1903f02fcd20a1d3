"""The operator's price file: what is read of it, and that all that is wrong in it is said at once."""

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain import catalog
from bot.errors import SettingsError
from bot.prices import read_prices
from bot.settings import Settings
from tests.bot.things import recipe

GOOD = """
["2-pro"]
per_run = 0.01
per_megapixel = 0.02
source = "our contract, 2026-11"

["2-flex"]
enabled = true

[schnell]
enabled = false
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(GOOD)
    return path


def test_own_prices_and_switches_are_read(file: Path) -> None:
    prices = read_prices(file)
    assert prices.of("2-pro") == catalog.Price(per_run=10_000, per_megapixel=20_000, source="our contract, 2026-11")
    assert prices.estimate(recipe(model="2-pro")) == 30_000
    assert prices.of("2-flex") == catalog.PRICES["2-flex"]
    assert (prices.offers(catalog.find_model("2-flex")), prices.offers(catalog.SCHNELL)) == (True, False)


def test_everything_wrong_is_said_at_once(file: Path) -> None:
    file.write_text(
        "dev = 3\n"
        '[ghost]\nper_picture = 1\n["2-pro"]\nper_picture = -1\nper_week = 3\nenabled = "yes"\nsource = 7\n'
        "[pro]\nper_second = 1\nper_picture = true\n"
    )
    with pytest.raises(SettingsError) as raised:
        read_prices(file)
    told = "\n".join(raised.value.problems)
    for part in ("dev must be a table", "ghost is no model", "2-pro.per_picture must be an amount", "2-pro.per_week"):
        assert part in told
    for part in (
        "2-pro.enabled must be true or false",
        "2-pro.source must be a text",
        "pro has per_second and another",
    ):
        assert part in told


@pytest.mark.parametrize(("content", "word"), [(None, "cannot be read"), ("[", "is no TOML"), ("\x00", "is no TOML")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None, word: str) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match=f"own.toml {word}"):
        read_prices(path)


def test_the_settings_take_the_file_and_pass_its_problems_on(file: Path) -> None:
    tokens = {"DISCORD_TOKEN": "d", "REPLICATE_API_TOKEN": "r"}
    assert Settings.from_env(tokens | {"ATELIER_PRICES": str(file)}).prices.of("2-pro").per_run == 10_000
    assert Settings.from_env(tokens).prices.of("2-pro").per_run == 15_000
    file.write_text("[ghost]")
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"ATELIER_PRICES": str(file)})
    assert len(raised.value.problems) == 3  # two tokens are missing, too


def test_the_list_is_printed_without_any_token(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISCORD_TOKEN", "REPLICATE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ATELIER_PRICES", str(file))
    assert main(["prices"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(lines) == {"model", *catalog.PRICES}
    assert "$0.01 a run + $0.02 a megapixel" in lines["2-pro"]
    assert "our contract, 2026-11" in lines["2-pro"]
    assert "replicate.com/pricing" in lines["dev"]
    assert " no " in lines["schnell"]
