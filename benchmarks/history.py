"""How fast a member's history and gallery open when a million generations are kept."""

import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import sqlite_utils

from benchmarks.tables import Table, ms, p50, p99
from bot.domain.catalog import SCHNELL
from bot.domain.entities import Actor, Generation, JobState, Recipe, Search
from bot.store import Store
from bot.store.database import Database
from bot.store.queries import run
from bot.store.rows import to_row

ROWS, GUILDS, MEMBERS = 1_000_000, 20, 50
RARE = 100_000  # every so many prompts have the rare word; every second one has the common word
PAGE, LOOKS = 10, 500
DEEP = ROWS // 50  # a place with as good as all of it already paged through
Look = Callable[[Actor], Awaitable[Sequence[object]]]


async def measure() -> Table:
    """Fill a database and open pages."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "atelier.db")
        filled = await _fill(path)
        rows = [["rows written, with pictures and index", f"{ROWS / filled:,.0f} a second"]]
        async with Store(path) as store:
            for what, look in _looks(store).items():
                waits = await _waits(look)
                rows += [[f"{what}, p50", ms(p50(waits))], [f"{what}, p99", ms(p99(waits))]]
        rows.append(["size of the database", f"{_size(path) / 1e6:,.0f} MB"])
    return Table("history", "History and text search at 1,000,000 generations", ("what", "figure"), rows)


def _looks(store: Store) -> dict[str, Look]:
    """Name what is looked for; a guild has one channel here, so that a member may see all of its 50,000 pictures."""

    def search(words: str, place: int = ROWS + 1, *, mine: bool = False) -> Look:
        def look(actor: Actor) -> Awaitable[Sequence[object]]:
            wanted = Search(id="", guild_id=0, owner_id=0, words=words, mine=mine, created_at=0.0)
            return store.gallery.older(actor, wanted, PAGE, place)

        return look

    return {
        f"a member's {PAGE} latest jobs": lambda actor: store.generations.of_member(actor, PAGE),
        "a page of the gallery": search(""),
        "search: a rare word": search("zeppelin"),
        "search: a word of 500,000 prompts": search("beach"),
        "search: the same, a deep page": search("beach", DEEP),
        "search: the same, one's own": search("beach", mine=True),
        "search: the same, only begun": search("be"),
        "search: both words": search("zeppelin beach"),
        "search: no match": search("submarine"),
    }


async def _waits(look: Look) -> list[float]:
    """Look with one member after another; seconds. In every second guild nobody ever wrote the common word."""
    waits: list[float] = []
    for number in range(LOOKS):
        actor = Actor(guild_id=number % GUILDS, user_id=number * 7 % MEMBERS, channel_id=1)
        began = time.perf_counter()
        await look(actor)
        waits.append(time.perf_counter() - began)
    return waits


def _size(path: Path) -> int:
    return path.stat().st_size


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
    """Write one generation a million times, each with an id, an owner, a time, a prompt and a picture of its own."""
    row = to_row(_generation())
    beach = "CASE n % 2 WHEN 0 THEN 'a forest' ELSE 'a beach' END"
    zeppelin = f"CASE n % {RARE} WHEN 0 THEN ' below a zeppelin' ELSE '' END"
    own = {
        "id": "CAST(n AS TEXT)",
        "guild_id": f"n % {GUILDS}",
        "owner_id": f"n / {GUILDS} % {MEMBERS}",
        "created_at": "1.7e9 + n",
        "recipe": f"json_set(:recipe, '$.prompt', 'a photo of ZIKI on ' || {beach} || {zeppelin} || ', number ' || n)",
    }
    values = ", ".join(own.get(name, f":{name}") for name in row)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :rows)"
    insert = f"INSERT INTO generations ({', '.join(row)}) {numbers} SELECT {values} FROM numbers"  # noqa: S608 - our own words
    run(db, insert, rows=ROWS, **row)
    pictures = "(generation_id, number, path, media_type, width, height, size)"
    kept = "id, 1, 'pictures/' || id || '/1.webp', 'image/webp', 1024, 1024, 90000"
    run(db, f"INSERT INTO pictures {pictures} SELECT {kept} FROM generations ORDER BY created_at")  # noqa: S608


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
