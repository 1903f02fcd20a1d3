"""What members do with fine-tunes: find, name, share, choose a version, delete; and with their jobs."""

from dataclasses import replace

import pytest

from bot.domain.entities import JobState
from bot.errors import UserError
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import (
    ANNA,
    ANNA_ELSEWHERE,
    BEN,
    RICH,
    accept_one,
    accept_training,
    dataset,
    fine_tune,
    generation,
    keep_waiting,
    plan,
    training,
)


async def test_a_list_shows_ones_own_then_what_is_shared(at: Rooms) -> None:
    await at.furnish(ANNA, "mine", versions=2)
    await at.furnish(BEN, "shared", shared=True)
    await at.furnish(BEN, "secret")
    cards = await at.studio.fine_tunes.list(ANNA)
    assert [(card.fine_tune.name, card.mine, len(card.versions)) for card in cards] == [
        ("mine", True, 2),
        ("shared", False, 1),
    ]
    assert await at.studio.fine_tunes.list(ANNA_ELSEWHERE) == []


async def test_a_card_counts_pictures_and_shows_a_training_that_runs(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    await at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="x", model="ziki"))
    await keep_waiting(at.store, dataset("t9"))
    await accept_training(at.store, training("t9", plan=plan(name="ziki")), fine_tune(), RICH)
    card = await at.studio.fine_tunes.show(ANNA, " ZIKI ")
    assert (card.generations, card.training and card.training.id) == (1, "t9")


async def test_suggestions_match_what_is_typed_and_name_old_versions(at: Rooms) -> None:
    mine = await at.furnish(ANNA, "ziki", versions=2)
    await at.furnish(BEN, "theirs", shared=True)
    labels = [choice.label for choice in await at.studio.fine_tunes.suggest(ANNA, "", bases=True)]
    assert labels[:6] == [
        "ziki · ZIKI · yours",
        "ziki · version 2",
        "ziki · version 1",
        "theirs · ZIKI · shared",
        "FLUX.1 schnell · without a fine-tune",
        "FLUX.1 dev · without a fine-tune",
    ]
    assert "FLUX.2 pro · without a fine-tune" in labels
    assert not [label for label in labels if "Kontext" in label]  # which needs a picture
    [only] = await at.studio.fine_tunes.suggest(ANNA, " VERSION 1", bases=True)
    assert only.value == f"ft:{mine.id}:1"
    assert [c.label for c in await at.studio.fine_tunes.suggest(ANNA, "", own=True)] == labels[:1]


async def test_no_more_is_suggested_than_discord_shows(at: Rooms) -> None:
    for number in range(30):
        await at.furnish(ANNA, f"n{number}", versions=0)
    assert len(await at.studio.fine_tunes.suggest(ANNA, "")) == 25


async def test_a_name_is_found_among_ones_own_first(at: Rooms) -> None:
    await at.furnish(BEN, "ziki", shared=True)
    assert (await at.studio.fine_tunes.show(ANNA, "ziki")).fine_tune.owner_id == BEN.user_id
    mine = await at.furnish(ANNA, "ziki")
    assert (await at.studio.fine_tunes.show(ANNA, "ziki")).fine_tune == mine


async def test_renaming_minds_the_rules_and_collisions(at: Rooms) -> None:
    await at.furnish(ANNA, "one")
    await at.furnish(ANNA, "two")
    await at.furnish(BEN, "theirs", shared=True)
    for new, words in (("two", "already have"), ("Not A Name", "1 to 32 letters"), ("dev", "plain FLUX")):
        with pytest.raises(UserError, match=words):
            await at.studio.fine_tunes.rename(ANNA, "one", new)
    assert (await at.studio.fine_tunes.rename(ANNA, "one", "Theirs")).name == "theirs"
    assert [card.fine_tune.name for card in await at.studio.fine_tunes.list(ANNA)] == ["theirs", "two", "theirs"]


async def test_a_default_version_must_be_there(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki", versions=2)
    assert (await at.studio.fine_tunes.set_default(ANNA, "ziki", 1)).fine_tune.default_version == 1
    assert (await at.studio.fine_tunes.set_default(ANNA, "ziki", None)).fine_tune.default_version is None
    with pytest.raises(UserError, match="no version 3"):
        await at.studio.fine_tunes.set_default(ANNA, "ziki", 3)


async def test_what_was_never_trained_to_the_end_does_not_paint(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki", versions=0)
    with pytest.raises(UserError, match="no finished training yet"):
        await at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="x", model="ziki"))


async def test_deleting_hides_it_at_once_and_has_it_forgotten(at: Rooms) -> None:
    mine = await at.furnish(ANNA, "ziki", shared=True)
    await at.studio.fine_tunes.delete(ANNA, "ziki")
    assert at.started.flows == [("forget", str(mine.id))]
    for actor in (ANNA, BEN):
        assert await at.studio.fine_tunes.list(actor) == []
        with pytest.raises(UserError, match="no fine-tune"):
            await at.studio.fine_tunes.show(actor, f"ft:{mine.id}")


async def test_while_it_is_trained_it_is_not_deleted(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    await keep_waiting(at.store, dataset("t9"))
    await accept_training(at.store, training("t9", plan=plan(name="ziki")), fine_tune(), RICH)
    with pytest.raises(UserError, match="Cancel the training with /jobs first"):
        await at.studio.fine_tunes.delete(ANNA, "ziki")
    assert len(await at.studio.fine_tunes.list(ANNA)) == 1
    assert at.started.flows == []


async def test_a_job_is_cancelled_by_its_owner_while_it_runs(at: Rooms) -> None:
    await accept_one(at.store, generation(), RICH)
    with pytest.raises(UserError, match="Only the person who started this"):
        await at.studio.jobs.cancel(BEN, "g1")
    for actor in (ANNA_ELSEWHERE, replace(BEN, channel_id=101)):
        with pytest.raises(UserError, match="no longer there"):
            await at.studio.jobs.cancel(actor, "g1")
    assert (await at.studio.jobs.cancel(ANNA, "g1")).cancel_requested
    await at.store.generations.end("g1", JobState.CANCELED, 0, 0.0)
    with pytest.raises(UserError, match="over already"):
        await at.studio.jobs.cancel(ANNA, "g1")


async def test_running_jobs_are_listed_first_however_old(at: Rooms) -> None:
    await accept_one(at.store, generation("old", created_at=1.0), RICH)
    for number in range(12):
        job_id = f"g{number}"
        await accept_one(at.store, generation(job_id, created_at=10.0 + number), RICH)
        await at.store.generations.end(job_id, JobState.SUCCEEDED, 0, 0.0)
        await at.store.generations.update(job_id, delivered="kept" if number == 3 else "message")
    listed = [running.job.id for running in await at.studio.jobs.running(ANNA)]
    assert listed[:3] == ["old", "g3", "g11"]
    assert len(listed) == 10
