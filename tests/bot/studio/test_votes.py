"""The team chooses the LoRA scale of a fine-tune: one vote a member, and the owner's word goes before it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.entities import Actor
from bot.errors import UserError
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms, rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, sample

TRAINING = f"{ANNA.guild_id}-{ANNA.user_id}-ziki-1"
CARL = replace(BEN, user_id=3)


@pytest.fixture
async def at(store: Store, tmp_path: Path, remote: Replicate) -> Rooms:
    """Have a fine-tune of Anna's, not shared, with a sheet of three scales."""
    found = rooms(store, tmp_path, remote)
    await found.furnish(ANNA, "ziki")
    for scale in (0.8, 1.0, 1.2):
        await store.generations.add_part(sample(TRAINING, ANNA, scale))
    return found


async def scale_of(at: Rooms, **more: object) -> object:
    """Paint, and tell at which LoRA scale."""
    request = ImagineRequest(prompt="ziki at sea", **more)  # type: ignore[arg-type] - the test names its fields
    return (await at.studio.generations.wish(ANNA, "g1", request)).recipe.settings["lora_scale"]


async def vote(at: Rooms, actor: Actor, scale: str) -> dict[float, int]:
    return dict((await at.studio.votes.cast(actor, f"{TRAINING}:{scale}")).votes)


async def test_who_sees_the_card_has_one_vote_and_may_change_it(at: Rooms) -> None:
    assert await vote(at, BEN, "1.2") == {0.8: 0, 1.0: 0, 1.2: 1}
    assert await vote(at, BEN, "0.8") == {0.8: 1, 1.0: 0, 1.2: 0}
    assert await vote(at, BEN, "0.8") == {0.8: 1, 1.0: 0, 1.2: 0}
    assert await vote(at, ANNA, "0.8") == {0.8: 2, 1.0: 0, 1.2: 0}


async def test_the_winner_is_what_imagine_paints_with(at: Rooms) -> None:
    assert await scale_of(at) == 1.0
    await vote(at, ANNA, "1.2")
    await vote(at, BEN, "1.2")
    await vote(at, CARL, "0.8")
    assert await scale_of(at) == 1.2
    assert await scale_of(at, settings={"lora_scale": 0.5}) == 0.5
    await vote(at, BEN, "1.0")
    assert await scale_of(at) == 1.0


async def test_the_owners_word_goes_before_the_votes(at: Rooms) -> None:
    await vote(at, BEN, "1.2")
    await at.furnish(ANNA, "ziki", versions=2)
    card = await at.studio.fine_tunes.set_default(ANNA, "ziki", 1, 0.9)
    assert card.default == card.versions[0]
    assert (card.versions[0].lora_scale, card.versions[1].lora_scale) == (0.9, None)
    await vote(at, BEN, "0.8")
    assert await scale_of(at) == 0.9
    card = await at.studio.fine_tunes.set_default(ANNA, "ziki", None, 1.1)  # of the version that paints already
    assert (card.fine_tune.default_version, card.versions[0].lora_scale) == (1, 1.1)
    assert await scale_of(at, model=f"ft:{card.fine_tune.id}:2") == 1.0
    with pytest.raises(UserError, match="between -1 and 3"):
        await at.studio.fine_tunes.set_default(ANNA, "ziki", None, 3.5)
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.fine_tunes.set_default(BEN, "ziki", None, 1.0)


@pytest.mark.parametrize("actor", [ANNA_ELSEWHERE, replace(BEN, channel_id=101), replace(BEN, guild_id=20)], ids=str)
async def test_who_does_not_see_the_card_has_no_vote(at: Rooms, actor: Actor) -> None:
    with pytest.raises(UserError, match="nothing to vote on"):
        await vote(at, actor, "0.8")
    assert await at.store.votes.count(TRAINING) == {}


@pytest.mark.parametrize("ballot", ["", ":", TRAINING, f"{TRAINING}:", f"{TRAINING}:0.80", f"{TRAINING}:nan", "x:1.0"])
async def test_a_forged_ballot_counts_nothing(at: Rooms, ballot: str) -> None:
    with pytest.raises(UserError, match="nothing to vote on"):
        await at.studio.votes.cast(BEN, ballot)
    assert await at.store.votes.count(TRAINING) == {}


async def test_nothing_of_the_votes_stays_with_a_deleted_fine_tune(at: Rooms) -> None:
    await vote(at, BEN, "0.8")
    [card] = await at.studio.fine_tunes.list(ANNA)
    await at.store.fine_tunes.remove(card.fine_tune.id)
    assert await at.store.votes.count(TRAINING) == {}
    with pytest.raises(UserError, match="nothing to vote on"):
        await vote(at, BEN, "0.8")
