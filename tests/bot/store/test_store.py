"""The real store on a real file: nothing twice, nothing half, and no more spent than there is."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlite_utils

from bot.domain.entities import Enrichment, Generation, JobState, Picture
from bot.domain.outcomes import held_back
from bot.domain.policy import Budgets
from bot.errors import NameTaken
from bot.store import NotAdmitted, Store
from bot.store.database import copy
from bot.store.jobs import Jobs
from bot.store.migrations import migrations
from tests.bot.things import (
    ANNA,
    ANNA_ELSEWHERE,
    BEN,
    NOW,
    OTHER_GUILD,
    RICH,
    accept_one,
    accept_training,
    dataset,
    enrichment,
    fine_tune,
    generation,
    keep_waiting,
    plan,
    training,
)

CROWD = 50
PRICE = 3_000


async def accepted_training(store: Store, job_id: str = "t1", budgets: Budgets = RICH, name: str = "ziki") -> bool:
    wish = training(job_id, plan=plan(name=name))
    await keep_waiting(store, dataset(job_id, plan=wish.plan))
    return (await accept_training(store, wish, fine_tune(name=wish.plan.name), budgets))[1]


@pytest.mark.parametrize("quota", [0, 1, 7, 50])
async def test_a_crowd_at_once_pays_for_exactly_the_quota(store: Store, quota: int) -> None:
    budgets = Budgets(member=quota * PRICE, guild=10**9)
    wishes = [accept_one(store, generation(f"g{n}"), budgets) for n in range(CROWD)]
    results = await asyncio.gather(*wishes, return_exceptions=True)
    assert sum(isinstance(result, Generation) for result in results) == quota
    assert sum(isinstance(result, NotAdmitted) for result in results) == CROWD - quota
    assert await store.spent(ANNA, NOW) == (quota * PRICE, quota * PRICE)


async def test_two_members_share_the_budget_of_their_guild(store: Store) -> None:
    budgets = Budgets(member=10**9, guild=7 * PRICE)
    wishes = [accept_one(store, generation(f"g{n}", (ANNA, BEN)[n % 2]), budgets) for n in range(CROWD)]
    results = await asyncio.gather(*wishes, return_exceptions=True)
    assert sum(isinstance(result, Generation) for result in results) == 7
    assert sum(await asyncio.gather(*(_mine(store, actor) for actor in (ANNA, BEN)))) == 7 * PRICE
    await accept_one(store, generation("elsewhere", ANNA_ELSEWHERE), budgets)


async def _mine(store: Store, actor: object) -> int:
    return (await store.spent(actor, NOW))[0]  # pyright: ignore[reportArgumentType] - ANNA or BEN


async def test_a_crowd_of_trainings_pays_for_exactly_the_quota(store: Store) -> None:
    budgets = Budgets(member=5 * 1_800_000, guild=10**9)
    starts = [accepted_training(store, f"t{n}", budgets, name=f"n{n}") for n in range(CROWD)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    assert results.count(True) == 5
    assert sum(isinstance(result, NotAdmitted) for result in results) == CROWD - 5
    assert len(await store.fine_tunes.usable(ANNA)) == 5


async def test_the_same_generation_is_accepted_and_paid_once(store: Store) -> None:
    budgets = Budgets(member=PRICE, guild=PRICE)
    results = await asyncio.gather(*(accept_one(store, generation(), budgets) for _ in range(10)))
    assert {result.id for result in results} == {"g1"}
    assert await store.spent(ANNA, NOW) == (PRICE, PRICE)


async def test_the_same_training_is_new_once(store: Store) -> None:
    await keep_waiting(store, dataset())
    starts = [accept_training(store, training(), fine_tune(), RICH) for _ in range(10)]
    results = await asyncio.gather(*starts)
    assert [is_new for _, is_new in results].count(True) == 1
    assert len(await store.fine_tunes.usable(ANNA)) == 1


async def test_a_training_beyond_the_budget_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(NotAdmitted, match="member budget"):
        await accepted_training(store, budgets=Budgets(member=1_000_000, guild=10**9))
    assert await store.fine_tunes.usable(ANNA) == []
    assert await store.trainings.find("t1") is None
    kept = await store.undecided.dataset("t1")
    assert kept is not None
    assert kept.consent_at is None
    assert await store.spent(ANNA, NOW) == (0, 0)


async def test_a_name_is_trained_once_at_a_time(store: Store) -> None:
    assert await accepted_training(store, "t1")
    with pytest.raises(NotAdmitted, match="in training"):
        await accepted_training(store, "t2")
    await store.trainings.end("t1", JobState.FAILED, 0, NOW)
    assert await accepted_training(store, "t3")
    assert len(await store.fine_tunes.usable(ANNA)) == 1


async def test_a_job_ends_once_and_its_money_is_settled_once(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    ends = [(JobState.SUCCEEDED, 2_000, None), (JobState.FAILED, 0, "no"), (JobState.CANCELED, 9, None)]
    results = await asyncio.gather(*(store.generations.end("g1", s, c, NOW, e) for s, c, e in ends))
    assert {(job.state, job.cost, job.error) for job in results} == {ends[0]}
    assert await store.spent(ANNA, NOW) == (2_000, 2_000)


async def test_a_job_that_is_over_is_not_cancelled(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    await store.generations.end("g1", JobState.SUCCEEDED, 0, NOW)
    assert not (await store.generations.request_cancel("g1")).cancel_requested


async def test_money_of_another_month_is_another_budget(store: Store) -> None:
    budgets = Budgets(member=PRICE, guild=PRICE)
    await accept_one(store, generation("g1"), budgets)
    await accept_one(store, generation("g2", created_at=NOW + 31 * 86400), budgets)
    with pytest.raises(NotAdmitted):
        await accept_one(store, generation("g3"), budgets)


async def test_everyone_finds_their_own_first_then_what_is_shared(store: Store) -> None:
    for number, (actor, name, shared) in enumerate(
        [(ANNA, "zoe", False), (ANNA, "bob", True), (BEN, "ada", True), (BEN, "own", False)]
    ):
        wish = training(f"t{number}", actor, plan=plan(name=name))
        await keep_waiting(store, dataset(f"t{number}", actor, plan=wish.plan))
        await accept_training(store, wish, fine_tune(actor, name, shared=shared), RICH)
    assert [f.name for f in await store.fine_tunes.usable(ANNA)] == ["bob", "zoe", "ada"]
    assert [f.name for f in await store.fine_tunes.usable(BEN)] == ["ada", "own", "bob"]
    assert await store.fine_tunes.usable(ANNA_ELSEWHERE) == []


async def test_a_deleted_fine_tune_frees_its_name(store: Store) -> None:
    await accepted_training(store, "t1")
    await store.trainings.end("t1", JobState.SUCCEEDED, 0, NOW)
    [first] = await store.fine_tunes.usable(ANNA)
    assert await store.fine_tunes.mark_deleted(first.id, NOW)
    assert await store.fine_tunes.usable(ANNA) == []
    assert await store.fine_tunes.deleted() == [first.id]
    await accepted_training(store, "t2")
    [second] = await store.fine_tunes.usable(ANNA)
    assert second.id != first.id
    with pytest.raises(sqlite3.IntegrityError):
        await store._database.write(lambda db: db.execute("UPDATE fine_tunes SET deleted_at = NULL"))
    await store.fine_tunes.remove(first.id)
    assert await store.fine_tunes.by_id(first.id) is None


async def test_a_fine_tune_that_is_being_trained_cannot_be_hidden(store: Store) -> None:
    await accepted_training(store, "t1")
    [found] = await store.fine_tunes.usable(ANNA)
    assert not await store.fine_tunes.mark_deleted(found.id, NOW)
    assert await store.fine_tunes.usable(ANNA) == [found]


async def test_a_name_in_use_is_not_taken_again(store: Store) -> None:
    await accepted_training(store, "t1", name="one")
    await accepted_training(store, "t2", name="two")
    one, two = await store.fine_tunes.usable(ANNA)
    with pytest.raises(NameTaken, match="two"):
        await store.fine_tunes.update(one, name="two")
    assert (await store.fine_tunes.update(two, name="two")).name == "two"


async def test_versions_are_numbered_and_a_training_makes_one(store: Store) -> None:
    await accepted_training(store)
    [found] = await store.fine_tunes.usable(ANNA)
    trained = [training(job, fine_tune_id=found.id) for job in ("a", "b", "a", "c", "b")]
    made = await asyncio.gather(*(store.fine_tunes.add_version(job, f"o/n:{job.id}", NOW) for job in trained))
    assert [version.number for version in made] == [1, 2, 1, 3, 2]
    assert [v.remote for v in await store.fine_tunes.versions(found.id)] == ["o/n:a", "o/n:b", "o/n:c"]


async def test_a_new_trigger_word_counts_once_its_training_has_made_a_version(store: Store) -> None:
    await accepted_training(store)
    [found] = await store.fine_tunes.usable(ANNA)
    await store.fine_tunes.add_version(training(fine_tune_id=found.id), "o/n:a", NOW)
    await store.trainings.end("t1", JobState.SUCCEEDED, 0, NOW)
    again = training("t2", plan=plan(trigger_word="MOPSI"))
    await keep_waiting(store, dataset("t2", plan=again.plan))
    job, _ = await accept_training(store, again, fine_tune(), RICH)
    assert [f.trigger_word for f in await store.fine_tunes.usable(ANNA)] == [found.trigger_word]
    await store.fine_tunes.add_version(job, "o/n:b", NOW)
    assert [f.trigger_word for f in await store.fine_tunes.usable(ANNA)] == ["MOPSI"]


async def test_what_is_not_over_or_not_told_is_unfinished(store: Store) -> None:
    for number in range(4):
        await accept_one(store, generation(f"g{number}", created_at=NOW - number), RICH)
    await store.generations.end("g0", JobState.SUCCEEDED, 0, NOW)
    await store.generations.update("g0", delivered="message")
    await store.generations.end("g1", JobState.FAILED, 0, NOW)
    await store.generations.update("g2", state=JobState.RUNNING)
    assert [job.id for job in await store.generations.unfinished()] == ["g3", "g2", "g1"]


async def test_a_members_running_jobs_come_first_and_no_samples_between_them(store: Store) -> None:
    await accept_one(store, generation("old", created_at=NOW - 99), RICH)
    for number in range(5):
        await accept_one(store, generation(f"g{number}", created_at=NOW + number), RICH)
        await store.generations.end(f"g{number}", JobState.SUCCEEDED, 0, NOW)
        await store.generations.add_part(generation(f"s{number}", parent_id="t1", created_at=NOW + 99))
    assert [job.id for job in await store.generations.of_member(ANNA, 3)] == ["old", "g4", "g3"]
    assert await store.generations.of_member(ANNA_ELSEWHERE, 3) == []


async def test_samples_are_kept_once_and_cost_no_reservation(store: Store) -> None:
    for _ in range(2):
        await store.generations.add_part(generation("t1s1", parent_id="t1"))
    assert [sample.id for sample in await store.generations.parts_of("t1")] == ["t1s1"]
    assert await store.spent(ANNA, NOW) == (0, 0)


PICTURE = Picture(
    generation_id="g1", number=1, path="pictures/g1/1.webp", media_type="image/webp", width=8, height=8, size=9
)


async def test_pictures_replace_those_recorded_before(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    await store.pictures.keep("g1", [PICTURE, replace(PICTURE, number=2)])
    await store.pictures.keep("g1", [PICTURE])
    assert await store.pictures.of("g1") == [PICTURE]


async def test_a_generation_ends_with_its_pictures_and_its_bill_or_not_at_all(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    with pytest.raises(sqlite3.IntegrityError):
        await store.generations.succeed("g1", [PICTURE, PICTURE], 7, NOW, ())
    assert not await store.pictures.of("g1")
    assert not (await store.generations.get("g1")).state.is_over
    assert await store.spent(ANNA, NOW) == (PRICE, PRICE)
    ended = await store.generations.succeed("g1", [PICTURE], 7, NOW, [held_back(1)])
    assert (ended.state, ended.cost, ended.note) == (JobState.SUCCEEDED, 7, (held_back(1),))
    assert await store.pictures.of("g1") == [PICTURE]
    assert await store.spent(ANNA, NOW) == (7, 7)


async def test_a_dataset_is_discarded_once_and_only_until_it_is_started(store: Store) -> None:
    await keep_waiting(store, dataset("old", created_at=NOW - 100))
    await keep_waiting(store, dataset("new", created_at=NOW))
    await keep_waiting(store, dataset("started", created_at=NOW - 100, consent_at=NOW - 99))
    assert await store.undecided.discard_dataset("old")
    assert await store.undecided.dataset("old") is None
    assert not await store.undecided.discard_dataset("old")
    assert not await store.undecided.discard_dataset("started")


async def test_an_unknown_job_is_a_lookup_error(store: Store) -> None:
    for touch in (store.generations.get, store.generations.request_cancel):
        with pytest.raises(LookupError, match="generations has no g9"):
            await touch("g9")


async def test_a_run_belongs_to_one_job_of_whatever_kind_the_first_that_takes_it(store: Store) -> None:
    for number in range(CROWD):
        await accept_one(store, generation(f"g{number}"), RICH)
        await accept_one(store, enrichment(f"e{number}"), RICH)
    takes = [jobs.adopt(f"{jobs.table[0]}{n}", "r1", None, NOW) for n in range(CROWD) for jobs in _with_runs(store)]
    first, *others = await asyncio.gather(*takes)
    assert first is not None
    assert (first.id, first.state, first.remote_id, first.started_at) == ("g0", JobState.RUNNING, "r1", NOW)
    assert others == [None] * (2 * CROWD - 1)
    waiting = [job for jobs in _with_runs(store) for job in await jobs.unfinished() if job.remote_id is None]
    assert len(waiting) == 2 * CROWD - 1
    assert await store.generations.adopt("g0", "r1", None, NOW + 1) == first


def _with_runs(store: Store) -> tuple[Jobs[Generation], Jobs[Enrichment]]:
    return store.generations, store.enrichments


async def test_a_job_that_is_over_is_never_opened_again_and_its_run_is_paid_by_itself(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    ended = await store.generations.end("g1", JobState.FAILED, 0, NOW)
    assert await store.generations.adopt("g1", "r1", None, NOW) == ended
    assert await store.generations.adopt("g1", "r1", None, NOW) == ended
    assert await store.generations.get("g1") == ended
    assert [(late.run_id, late.jobs, late.job_id) for late in await store.late_runs.unsettled()] == [
        ("r1", "generations", "g1")
    ]
    await store.late_runs.settle("r1", PRICE)
    assert await store.spent(ANNA, NOW) == (PRICE, PRICE)


async def test_a_second_run_of_a_job_is_paid_by_itself(store: Store) -> None:
    await accept_one(store, generation(), RICH)
    first = await store.generations.adopt("g1", "r1", None, NOW)
    assert await store.generations.adopt("g1", "r2", None, NOW) == first
    assert [late.run_id for late in await store.late_runs.unsettled()] == ["r2"]


async def test_a_file_opened_again_holds_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "atelier.db"
    async with Store(path) as store:
        await accept_one(store, generation(), RICH)
    async with Store(path) as store:
        assert await store.generations.get("g1") == generation()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert migrations.pending(sqlite_utils.Database(file)) == []


async def test_a_copy_of_an_open_file_is_whole(store: Store, tmp_path: Path) -> None:
    writes = asyncio.gather(*(accept_one(store, generation(f"g{n}"), RICH) for n in range(CROWD)))
    await asyncio.to_thread(copy, tmp_path / "atelier.db", tmp_path / "copy.db")
    await writes
    async with Store(tmp_path / "copy.db") as copied:
        jobs = await copied.generations.unfinished()
        assert (await copied.spent(ANNA, NOW))[0] == len(jobs) * PRICE


async def test_names_are_unique_in_the_file_itself_unless_hidden(store: Store) -> None:
    row = {"guild_id": 1, "owner_id": 1, "name": "x", "trigger_word": "X", "kind": "style", "destination": "o/n"}
    row |= {"shared": 0, "created_at": 1.0}
    insert = store._database.write
    await insert(lambda db: db.table("fine_tunes").insert(row | {"deleted_at": 1.0}))
    for changes in ({}, {"deleted_at": 2.0}, {"guild_id": OTHER_GUILD}, {"owner_id": 2}):
        await insert(lambda db, changes=changes: db.table("fine_tunes").insert(row | changes))
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        await insert(lambda db: db.table("fine_tunes").insert(row))
