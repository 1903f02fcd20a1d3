"""A result can be fetched again by whoever paid for it, and by nobody else."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.entities import Actor, JobState, Picture, Training
from bot.domain.outcomes import LOST
from bot.errors import UserError
from bot.flows.services import Services
from bot.store import Store
from bot.studio.jobs import JobList
from bot.views.outcomes import Painted, Trained
from tests.bot.things import (
    ANNA,
    ANNA_ELSEWHERE,
    BEN,
    NOW,
    RICH,
    accept_one,
    accept_training,
    dataset,
    fine_tune,
    generation,
    keep_waiting,
    training,
)

OVER: dict[str, Any] = {"state": JobState.SUCCEEDED, "delivered": "kept"}


def picture(of: str) -> Picture:
    return Picture(
        generation_id=of, number=1, path=f"pictures/{of}/1.webp", media_type="image/webp", width=8, height=8, size=9
    )


@pytest.fixture
async def jobs(store: Store, tmp_path: Path) -> JobList:
    services = cast(Services, SimpleNamespace(store=store, data=tmp_path))
    await accept_one(store, generation("g1"), RICH)
    await store.pictures.keep("g1", [picture("g1")])
    await store.generations.update("g1", **OVER)
    return JobList(services)


@pytest.fixture
async def trained(store: Store) -> Training:
    await keep_waiting(store, dataset())
    job, _ = await accept_training(store, training(), fine_tune(), RICH)
    assert job.fine_tune_id is not None
    await store.fine_tunes.add_version(job, f"atelier-demo/ziki:{'1' * 64}", NOW)
    for number in (1, 2):
        sample = replace(generation(f"t1s{number}"), parent_id=job.id, fine_tune_id=job.fine_tune_id)
        await store.generations.add_part(sample)
        await store.pictures.keep(sample.id, [picture(sample.id)])
    return await store.trainings.update(job.id, **OVER)


async def test_a_generation_comes_with_its_pictures(jobs: JobList, tmp_path: Path):
    outcome = await jobs.outcome(ANNA, "g1")
    assert isinstance(outcome, Painted)
    assert outcome.generation.id == "g1"
    assert [path for _, path in outcome.pictures] == [tmp_path / "pictures/g1/1.webp"]


async def test_it_is_there_in_every_channel_of_its_guild(jobs: JobList):
    assert isinstance(await jobs.outcome(replace(ANNA, channel_id=999), "g1"), Painted)


async def test_a_training_comes_with_its_version_and_its_samples(jobs: JobList, trained: Training):
    outcome = await jobs.outcome(ANNA, trained.id)
    assert isinstance(outcome, Trained)
    assert outcome.version is not None
    assert outcome.version.number == 1
    assert outcome.fine_tune.name == "ziki"
    assert [sample.generation.id for sample in outcome.samples] == ["t1s1", "t1s2"]
    assert all(len(sample.pictures) == 1 for sample in outcome.samples)


@pytest.mark.parametrize("actor", [BEN, ANNA_ELSEWHERE, replace(ANNA_ELSEWHERE, user_id=9)])
async def test_for_everybody_else_it_is_as_if_it_were_not_there(jobs: JobList, trained: Training, actor: Actor):
    refusals: set[str] = set()
    for job_id in ("g1", trained.id, "t1s1", "no such job", ""):
        with pytest.raises(UserError) as refused:
            await jobs.outcome(actor, job_id)
        refusals.add(refused.value.text)
    assert len(refusals) == 1


async def test_what_is_not_done_yet_has_no_result(jobs: JobList, store: Store):
    await accept_one(store, generation("g2"), RICH)
    with pytest.raises(UserError, match="not done yet"):
        await jobs.outcome(ANNA, "g2")


async def test_what_its_owner_deleted_is_gone(jobs: JobList, store: Store, trained: Training):
    await store.pictures.keep("g1", [])
    with pytest.raises(UserError, match="deleted"):
        await jobs.outcome(ANNA, "g1")
    await store.fine_tunes.remove(trained.fine_tune_id or 0)
    with pytest.raises(UserError, match="is deleted"):
        await jobs.outcome(ANNA, trained.id)


async def test_a_failure_tells_its_reason(jobs: JobList, store: Store):
    await store.pictures.keep("g1", [])
    await store.generations.update("g1", state=JobState.FAILED, error=LOST)
    outcome = await jobs.outcome(ANNA, "g1")
    assert isinstance(outcome, Painted)
    assert outcome.generation.error == LOST
