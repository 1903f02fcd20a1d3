"""The arrows between the packages and the one owner of each outside library, read off the source."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ("bot", "cogs", "sandbox")

# Which of our modules each part may import besides its own; the longest name that fits a module counts.
ARROWS = {
    "bot": "",  # app, cli, discord_client, web and __main__ put the parts together: everything in bot is theirs
    "bot.errors": "",
    "bot.domain": "bot.errors",
    "bot.settings": "bot.errors bot.domain bot.prices",
    "bot.prices": "bot.errors bot.domain",
    "bot.dataset": "bot.errors bot.domain",
    "bot.store": "bot.errors bot.domain",
    "bot.vocabulary": "",
    "bot.files": "bot.errors bot.domain",
    "bot.files.data_folder": "bot.errors bot.store.database bot.store.soundness bot.files",
    "bot.outside": "bot.errors",
    "bot.metrics": "",
    "bot.replicate_api": "bot.errors bot.domain bot.metrics",
    "bot.views": "bot.errors bot.domain bot.dataset.report",
    "bot.flows": "bot.errors bot.domain bot.views bot.store bot.replicate_api bot.files bot.outside bot.metrics",
    # The bag of all that flows and use cases work with.
    "bot.flows.services": "bot.errors bot.domain bot.views bot.store bot.replicate_api bot.files bot.outside"
    " bot.metrics bot.dataset bot.vocabulary bot.flows",
    "bot.studio": "bot.errors bot.domain bot.views bot.store bot.dataset bot.files bot.flows bot.outside",
    # Discord's face, with its client and the words for what there is to announce or to wait for.
    "cogs": "bot.errors bot.domain bot.views bot.studio bot.discord_client bot.flows.announcing bot.dataset.line",
    "sandbox": "",
}

# Who may import each outside library, and the parts of the standard library that need an owner as well.
OWNERS = {
    "PIL": "bot.dataset bot.files.pictures sandbox",
    # discord.py lets aiohttp's errors through.
    "aiohttp": "bot.outside bot.replicate_api bot.web bot.app bot.cli.doctor bot.discord_client cogs sandbox",
    # SimCord is built on discord.py.
    "discord": "bot.discord_client bot.cli.doctor cogs sandbox.discord",
    "dotenv": "bot.__main__",
    "httpx": "bot.replicate_api",
    "numpy": "sandbox",
    "orjson": "sandbox",
    "pillow_heif": "bot.dataset sandbox",
    "prometheus_client": "bot.metrics",
    "pydantic": "bot.replicate_api",
    "replicate": "bot.replicate_api",
    "simcord": "sandbox.discord",
    "sqlite3": "bot.store bot.flows.engine sandbox",
    "sqlite_utils": "bot.store",
    "tenacity": "bot.flows.engine",
    "trustme": "sandbox",
    "yarl": "bot.outside bot.web sandbox",
    "zipfile": "bot.dataset sandbox",
    "zstandard": "sandbox",
}


def within(name: str, places: str) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places.split())


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def allowed(module: str, name: str) -> bool:
    library = name.partition(".")[0]
    if library in HOUSE:
        part = max((part for part in ARROWS if within(module, part)), key=len)
        return within(name, f"{part} {ARROWS[part]}")
    return within(module, OWNERS[library]) if library in OWNERS else library in sys.stdlib_module_names


def faults(module: str, source: str) -> list[str]:
    return [f"{module} imports {name}" for name in imported(source) if not allowed(module, name)]


def test_every_import_follows_the_arrows_and_every_library_has_its_owner():
    sources = {path.relative_to(ROOT): path for part in HOUSE for path in (ROOT / part).rglob("*.py")}
    modules = {".".join(name.with_suffix("").parts).removesuffix(".__init__"): path for name, path in sources.items()}
    assert {module.partition(".")[0] for module in modules} == set(HOUSE)
    assert [fault for module, path in modules.items() for fault in faults(module, path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.discord_client.client", "import cogs.train"),
        ("bot.studio", "from cogs import train"),
        ("bot.domain.money", "from bot.store import Store"),
        ("bot.domain.money", "import sqlite_utils"),
        ("bot.store", "from bot import studio"),
        ("bot.flows.training", "import tenacity"),
        ("bot.flows.training", "def late():\n    from replicate import Client"),
        ("bot.studio", "import bot"),
        ("cogs.train", "from bot.store import Store"),
        ("cogs.train", "from bot.flows import engine"),
        ("cogs.train", "import tenacity"),
        ("sandbox.painter", "from bot.errors import UserError"),
        ("sandbox.painter", "import simcord"),
        ("bot.web", "import requests"),
        ("bot.web", "from . import hooks"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str):
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.__main__", "from bot.studio import Studio"),
        ("bot.flows.engine", "from tenacity import retry\nimport sqlite3"),
        ("bot.replicate_api.client", "import replicate, httpx\nfrom bot.domain.entities import JobState"),
        ("cogs.train", "import discord\nfrom bot.studio import Studio\nfrom cogs import layouts"),
        ("sandbox.discord.live", "import asyncio, simcord\nfrom sandbox import internet"),
    ],
)
def test_a_right_import_is_not(module: str, source: str):
    assert faults(module, source) == []


def test_what_costs_comes_in_by_one_door():
    """Nothing but the door sets money aside or keeps jobs; parts of a job, and late runs, are what others may add."""
    found = {
        (path.relative_to(ROOT).as_posix(), line.strip())
        for path in (ROOT / "bot").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r'set_aside\(|table\("(ledger|trainings|generations|comparisons|enrichments)"\)\.insert', line)
        and "migrations" not in path.parts
    }
    assert {path for path, _ in found} == {
        "bot/store/admission.py",  # the door
        "bot/store/ledger.py",  # what it is written with
        "bot/store/late_runs.py",  # what will be charged anyhow
        "bot/store/generations.py",  # parts of what was accepted
    }
    assert [line for path, line in found if path == "bot/store/generations.py"] == [
        'db.table("generations").insert(to_row(part), ignore=True)'
    ]
