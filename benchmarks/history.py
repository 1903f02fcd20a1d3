"""How fast a member's history opens when a million generations are kept."""

import tempfile
import time
from pathlib import Path

import sqlite_utils

from benchmarks.tables import Table, ms, p50, p99
from bot.domain.catalog import SCHNELL
from bot.domain.entities import Actor, Generation, JobState, Recipe
from bot.store import Store
from bot.store.database import Database
from bot.store.queries import run
from bot.store.rows import to_row

ROWS, GUILDS, MEMBERS = 1_000_000, 20, 50
PAGE, LOOKS = 10, 500


async def measure() -> Table:
    """Fill a database and open pages."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "atelier.db")
        filled = await _fill(path)
        async with Store(path) as store:
            looks: list[float] = []
            for number in range(LOOKS):
                actor = Actor(guild_id=number % GUILDS, user_id=number * 7 % MEMBERS, channel_id=1)
                began = time.perf_counter()
                page = await store.generations.of_member(actor, PAGE)
                looks.append(time.perf_counter() - began)
                if len(page) != PAGE:
                    raise SystemExit(f"the page has {len(page)} generations, not {PAGE}")
    rows = [
        ["rows written", f"{ROWS / filled:,.0f} a second"],
        [f"a member's {PAGE} latest, p50", ms(p50(looks))],
        [f"a member's {PAGE} latest, p99", ms(p99(looks))],
        ["text search", "not built yet"],
    ]
    return Table("history", "History at 1,000,000 generations", ("what", "figure"), rows)


async def _fill(path: Path) -> float:
    """Write the rows; returns the seconds that took."""
    database = Database(path)
    await database.open()
    began = time.perf_counter()
    await database.write(_multiply)
    filled = time.perf_counter() - began
    await database.close()
    return filled


def _multiply(db: sqlite_utils.Database) -> None:
    """Write one generation a million times, each with an id, an owner, a time and a prompt of its own."""
    row = to_row(_generation())
    own = {
        "id": "CAST(n AS TEXT)",
        "guild_id": f"n % {GUILDS}",
        "owner_id": f"n / {GUILDS} % {MEMBERS}",
        "created_at": "1.7e9 + n",
        "recipe": "json_set(:recipe, '$.prompt', 'a photo of ZIKI on a beach, number ' || n)",
    }
    values = ", ".join(own.get(name, f":{name}") for name in row)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :rows)"
    insert = f"INSERT INTO generations ({', '.join(row)}) {numbers} SELECT {values} FROM numbers"  # noqa: S608 - our own words
    run(db, insert, rows=ROWS, **row)


def _generation() -> Generation:
    recipe = Recipe(prompt="", model=SCHNELL.key, remote=SCHNELL.remote, seed=1, settings=SCHNELL.choose({}))
    return Generation(
        id="",
        guild_id=0,
        owner_id=0,
        channel_id=1,
        state=JobState.SUCCEEDED,
        estimate=3000,
        cost=3000,
        created_at=0.0,
        ended_at=1.8e9,
        delivered="message",
        recipe=recipe,
    )
