"""Pictures are found by the words of their prompts, by whoever may see them, and are gone once they are deleted."""

import random
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import access
from bot.domain.entities import Actor, Generation, JobState, Picture, Search
from bot.store import Store
from bot.store.gallery import PAGE, expression
from bot.store.migrations import migrations
from bot.store.queries import one, rows
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW, RICH, accept_one, generation, recipe, search

ACTORS = [Actor(guild_id=g, user_id=u, channel_id=10 * g + c) for g in (1, 2) for u in (1, 2, 11) for c in (1, 2)]
VOCABULARY = ("fox", "foxes", "Red", "beach", "épée", "ZIKI")


async def paint(store: Store, job_id: str, prompt: str, actor: Actor = ANNA, **changes: object) -> Generation:
    """Have a picture, with nobody told of it yet."""
    made = generation(job_id, actor, **({"recipe": recipe(prompt=prompt)} | changes))
    if made.parent_id:
        await store.generations.add_part(made)
    else:
        await accept_one(store, made, RICH)
    await keep(store, job_id, 2)
    return await store.generations.end(job_id, JobState.SUCCEEDED, 0, NOW)


async def keep(store: Store, job_id: str, count: int) -> None:
    kept = [
        Picture(generation_id=job_id, number=n, path="x", media_type="image/webp", width=8, height=8, size=9)
        for n in range(1, count + 1)
    ]
    await store.pictures.keep(job_id, kept)


async def found(store: Store, words: str, actor: Actor = ANNA, **changes: Any) -> list[str]:
    page = await store.gallery.older(actor, search(actor=actor, words=words, **changes), 100)
    return [job.id for _, job in page]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", ["g3", "g2", "g1"]),
        ("fox", ["g3", "g1"]),  # the last word may be only begun
        ("FOX beach", ["g1"]),
        ("fox red", ["g1"]),
        ("foxes red", []),
        ("bea fox", []),  # any other is whole
        ("epee", ["g2"]),
        ("red-haired", ["g2"]),
        ('"fox', ["g3", "g1"]),
        ("NOT fox", []),
        ("fox OR", []),
        ("prompt : fox", []),
        ("10u1", []),  # a mark, not a word
        ("fox*", ["g3", "g1"]),
        ("fox - beach", ["g1"]),
    ],
)
async def test_words_find_prompts_and_mean_nothing_else(store: Store, words: str, ids: list[str]) -> None:
    await paint(store, "g1", "A red fox on a beach")
    await paint(store, "g2", "red-haired, with an épée")
    await paint(store, "g3", "foxes")
    assert await found(store, words) == ids


@settings(max_examples=200, deadline=None)
@given(st.text() | st.text('"*^:()+-{}, ANDORTnear'))
def test_no_text_is_syntax(words: str) -> None:
    """Hold it against FTS5 itself; a NUL and half a pair of surrogates are taken out before, as from any text."""
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute("CREATE VIRTUAL TABLE prompts USING fts5(prompt, marks)")
        match = expression(ANNA, search(words=words.replace("\0", "").encode("utf-8", "ignore").decode()))
        assert file.execute("SELECT * FROM prompts WHERE prompts MATCH ?", [match]).fetchall() == []


async def test_what_is_wanted_narrows_it(store: Store) -> None:
    await paint(store, "g1", "a sea", fine_tune_id=7)
    await paint(store, "g2", "a sea", BEN, fine_tune_id=7)
    second = recipe(prompt="a sea", second_id=7)
    await paint(store, "g3", "", fine_tune_id=70, recipe=second)
    await paint(store, "g4", "a sea", ANNA_ELSEWHERE)
    assert await found(store, "sea") == ["g3", "g2", "g1"]
    assert await found(store, "sea", mine=True) == ["g3", "g1"]
    assert await found(store, "sea", fine_tune_id=7) == ["g3", "g2", "g1"]
    assert await found(store, "sea", fine_tune_id=70) == ["g3"]
    assert await found(store, "sea", fine_tune_id=7, mine=True) == ["g3", "g1"]
    assert await found(store, "sea", ANNA_ELSEWHERE) == ["g4"]


async def test_only_finished_pictures_that_were_asked_for_are_there(store: Store) -> None:
    await accept_one(store, generation("waits"), RICH)
    await paint(store, "sample", "a quiet sea", parent_id="t1")
    await accept_one(store, generation("kept"), RICH)
    await keep(store, "kept", 1)
    assert await found(store, "") == []
    await store.generations.end("kept", JobState.SUCCEEDED, 0, NOW)
    assert await found(store, "quiet") == ["kept"]


async def test_deleted_pictures_are_not_found_and_those_kept_again_once(store: Store) -> None:
    for name in ("g1", "g2"):
        await paint(store, name, "a sea")
    await keep(store, "g1", 1)
    assert sorted(await found(store, "sea")) == ["g1", "g2"]
    await keep(store, "g1", 0)
    assert await found(store, "sea") == ["g2"]
    left = "SELECT (SELECT count(*) FROM gallery) AS numbers, (SELECT count(*) FROM prompts) AS prompts"
    assert await store._database.read(lambda db: one(db, left)) == {"numbers": 1, "prompts": 1}
    await store._database.write(lambda db: db.execute("INSERT INTO prompts(prompts) VALUES ('integrity-check')"))


@settings(max_examples=5, deadline=None)
@given(st.integers())
async def test_everybody_finds_all_that_they_may_see_and_nothing_else(seed: int) -> None:
    """Compare with `access.may_see` over everything, read page by page in both directions."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with Store(Path(folder, "atelier.db")) as store:
            everything = [
                await paint(store, f"g{n}", " ".join(dice.choices(VOCABULARY, k=3)), dice.choice(ACTORS))
                for n in range(40)
            ]
            for actor in ACTORS:
                word, mine = dice.choice(("", *VOCABULARY)), dice.random() < 0.3
                wanted = [
                    job.id
                    for job in reversed(everything)
                    if access.may_see(actor, job)
                    and (not mine or access.owns(actor, job))
                    and any(each.startswith(word) for each in job.recipe.prompt.split())
                ]
                assert await pages(store, actor, search(actor=actor, words=word, mine=mine)) == wanted


async def pages(store: Store, actor: Actor, wanted: Search) -> Sequence[str]:
    """Turn pages of three to the end and back to the beginning; returns all that was there."""
    there = page = list(await store.gallery.older(actor, wanted, 3))
    while page := list(await store.gallery.older(actor, wanted, 3, page[-1][0] if page else 0)):
        there += page
    back = there[-1:]
    while page := list(await store.gallery.newer(actor, wanted, 3, back[-1][0] if back else 2**62)):
        back += page
    assert back == there[::-1]
    return [job.id for _, job in there]


async def test_pictures_of_an_older_release_are_found(tmp_path: Path) -> None:
    path = tmp_path / "atelier.db"
    async with Store(path) as store:
        await paint(store, "g2", "a sea", created_at=NOW + 2)
        await paint(store, "g1", "a seal", created_at=NOW + 1)
        await paint(store, "deleted", "a sea")
        await keep(store, "deleted", 0)
        await paint(store, "sample", "a sea", parent_id="t1")
    with closing(sqlite3.connect(path)) as file:  # as it was before there was a gallery
        for kind, name in file.execute("SELECT type, name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP {kind} {name}")
        for name in ("prompts", "gallery", "searches"):
            file.execute(f"DROP TABLE {name}")
        for table in ("generations", "trainings"):
            file.execute(f"DROP INDEX {table}_of_member")
            columns = "guild_id, owner_id, created_at"
            file.execute(f"CREATE INDEX idx_{table}_guild_id_owner_id_created_at ON {table} ({columns})")
        file.execute("DELETE FROM _sqlite_migrations WHERE name = 'gallery'")
        file.commit()
        assert [step.name for step in migrations.pending(sqlite_utils.Database(file))] == ["gallery"]
    async with Store(path) as store:
        assert await found(store, "sea") == ["g2", "g1"]


@pytest.mark.parametrize(("beyond", "direction"), [("<", "DESC"), (">", "ASC")])
async def test_nothing_is_sorted_and_nothing_is_gone_through_to_find_a_page(
    store: Store, beyond: str, direction: str
) -> None:
    sql = PAGE.format(beyond=beyond, direction=direction)
    scan, *lookups = await plan(store, sql, match=expression(ANNA, search(words="sea")), place=5, limit=3)
    assert scan.startswith("SCAN prompts VIRTUAL TABLE INDEX")
    assert [" ".join(step.split()[:2]) for step in lookups] == ["SEARCH gallery", "SEARCH generations"]


@pytest.mark.parametrize("table", ["generations", "trainings"])
async def test_a_members_latest_jobs_are_not_sorted(store: Store, table: str) -> None:
    asked: list[str] = []
    await store._database.read(lambda db: db.conn.set_trace_callback(asked.append))
    await getattr(store, table).of_member(ANNA, 3)
    await store._database.read(lambda db: db.conn.set_trace_callback(None))
    sql = next(each for each in asked if each.startswith("SELECT"))
    assert await plan(store, sql) == [f"SEARCH {table} USING INDEX {table}_of_member (guild_id=? AND owner_id=?)"]


async def plan(store: Store, sql: str, **values: object) -> list[str]:
    """Ask SQLite how it would go about a query."""
    steps = await store._database.read(lambda db: rows(db, f"EXPLAIN QUERY PLAN {sql}", **values))
    return [step["detail"] for step in steps]
