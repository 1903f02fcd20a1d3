"""Guilds are walls and owners are owners."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import access
from bot.domain.entities import Actor
from tests.bot.things import fine_tune, generation

FEW = st.integers(1, 3)
ACTORS = st.builds(Actor, guild_id=FEW, user_id=FEW, channel_id=FEW)


@given(ACTORS, ACTORS, st.booleans())
def test_a_fine_tune_is_used_by_its_owner_and_when_shared_by_the_guild(asks: Actor, owner: Actor, shared: bool) -> None:
    thing = fine_tune(owner, shared=shared)
    same_guild, same_person = asks.guild_id == owner.guild_id, asks.user_id == owner.user_id
    assert access.may_use(asks, thing) == (same_guild and (same_person or shared))
    assert access.owns(asks, thing) == (same_guild and same_person)


@given(ACTORS, ACTORS)
def test_a_job_is_seen_by_its_owner_and_in_its_channel(asks: Actor, owner: Actor) -> None:
    job = generation(actor=owner)
    same_guild = asks.guild_id == owner.guild_id
    expected = same_guild and (asks.user_id == owner.user_id or asks.channel_id == owner.channel_id)
    assert access.may_see(asks, job) == expected
