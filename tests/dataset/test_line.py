"""The line before the workshop: whose turn it is, how many places a member has, and what those hear who wait."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from bot.dataset.line import FIRST_GUESS, FULL, Line
from bot.domain.entities import Actor
from bot.errors import UserError

REFUSAL = "Your other upload is still being checked: wait for its report."


def actor(member: int, guild: int = 10) -> Actor:
    return Actor(guild_id=guild, user_id=member, channel_id=100)


@dataclass
class People:
    """Those who wait in a line, each for a turn that ends when the test says so."""

    line: Line = field(default_factory=lambda: Line(each=1, refusal=REFUSAL))
    turns: list[str] = field(default_factory=list[str])
    heard: dict[str, list[tuple[int, float]]] = field(default_factory=dict[str, list[tuple[int, float]]])
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, asyncio.Task[None]])
    ends: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    async def come(self, *who: tuple[str, Actor]) -> None:
        for name, person in who:
            self.ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._wait(name, person))
        await self.settle()

    async def _wait(self, name: str, person: Actor) -> None:
        said = self.heard.setdefault(name, [])
        async with self.line.place(person) as place, place.turn(lambda ahead, seconds: said.append((ahead, seconds))):
            self.turns.append(name)
            await self.ends[name].wait()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await self.tasks[name]
        await self.settle()

    async def settle(self) -> None:
        """Let everybody do what can be done now."""
        for _ in range(5):
            await asyncio.sleep(0)


async def test_a_member_has_one_place_from_fetching_to_the_report():
    people = People()
    await people.come(("anna", actor(1)), ("ben", actor(2)))
    for again in (actor(1), actor(2), actor(1, guild=20)):
        with pytest.raises(UserError, match=REFUSAL):
            async with people.line.place(again):
                pass
    await people.end("anna")
    await people.end("ben")
    async with people.line.place(actor(1)) as place, place.turn():
        pass


async def test_guilds_take_turns_and_so_do_the_members_of_each():
    people = People()
    crowd = [(f"a{n}", actor(n)) for n in range(1, 5)]
    await people.come(*crowd, ("b1", actor(11, guild=20)), ("b2", actor(12, guild=20)))
    for name in ("a1", "b1", "a2", "b2", "a3", "a4"):
        assert people.turns[-1] == name
        await people.end(name)


async def test_a_member_who_had_a_turn_comes_after_those_who_wait():
    people = People(Line(each=4, refusal=REFUSAL))
    await people.come(*((f"anna{n}", actor(1)) for n in range(4)), ("ben", actor(2)))
    with pytest.raises(UserError, match=REFUSAL):
        async with people.line.place(actor(1)):
            pass
    for name in ("anna0", "ben", "anna1", "anna2", "anna3"):
        assert people.turns[-1] == name
        await people.end(name)


async def test_those_who_wait_hear_how_the_line_moves():
    people = People()
    await people.come(("anna", actor(1)), ("ben", actor(2)), ("cleo", actor(3)))
    assert people.heard["anna"] == []
    assert people.heard["cleo"][-1] == (2, 2 * FIRST_GUESS)
    await people.end("anna")
    assert [ahead for ahead, _ in people.heard["cleo"]] == [2, 1]
    assert people.heard["cleo"][-1][1] < FIRST_GUESS  # as the turn before took no time
    await people.end("ben")
    await people.end("cleo")
    assert people.turns == ["anna", "ben", "cleo"]


@pytest.mark.parametrize("who", ["anna", "ben", "cleo"])
async def test_who_goes_away_holds_nobody_up(who: str):
    people = People()
    await people.come(("anna", actor(1)), ("ben", actor(2)), ("cleo", actor(3)))
    people.tasks.pop(who).cancel()
    await people.settle()
    for name in list(people.tasks):
        await people.end(name)
    assert people.turns == [name for name in ("anna", "ben", "cleo") if name != who or name == "anna"]


async def test_a_turn_that_fails_is_over():
    line = Line(each=1, refusal=REFUSAL)
    with pytest.raises(ZeroDivisionError):
        async with line.place(actor(1)) as place, place.turn():
            raise ZeroDivisionError
    async with line.place(actor(1)) as place, place.turn():
        pass


async def test_the_line_has_an_end():
    line = Line(each=1, refusal=REFUSAL, longest=3)
    async with AsyncExitStack() as stack:
        for number in range(3):
            await stack.enter_async_context(line.place(actor(number)))
        with pytest.raises(UserError, match=FULL):
            await stack.enter_async_context(line.place(actor(9)))
