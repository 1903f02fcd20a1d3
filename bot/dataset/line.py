"""The line before work that takes long: few places a member, guilds in turn, members in turn, and each place told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from bot.domain.entities import Actor
from bot.errors import UserError

Moved = Callable[[int, float], None]
"""Hears, with every move, how many turns come before one's own, and in how many seconds it will probably begin."""
FIRST_GUESS = 20.0  # seconds of a turn, until there was one
NEW = 0.3  # share of the last turn in what a turn is thought to take
FULL = "Too many are in line already. Try again in some minutes."


def unheard(ahead: int, seconds: float) -> None:
    """Tell nobody."""


class Line:
    """Lets `parallel` turns be taken at a time; a member holds `each` places, and `longest` is the line."""

    def __init__(self, *, each: int, refusal: str, parallel: int = 1, longest: int = 100) -> None:
        self._each = each
        self._refusal = refusal
        self._longest = longest
        self._free = parallel
        self._parallel = parallel
        self._held: list[Place] = []
        self._waiting: list[Place] = []
        self._guilds: dict[int, int] = {}
        """The number of the last turn of each guild, as long as anybody is in line; so too of each member."""
        self._members: dict[tuple[int, int], int] = {}
        self._turns = 0
        self._usual = FIRST_GUESS

    @asynccontextmanager
    async def place(self, actor: Actor) -> AsyncGenerator[Place]:
        """Hold a place, in which a turn can be waited for; raises UserError where a member has enough of them."""
        if sum(place.member == actor.user_id for place in self._held) >= self._each:
            raise UserError(self._refusal)
        if len(self._held) >= self._longest:
            raise UserError(FULL)
        place = Place(self, actor)
        self._held.append(place)
        try:
            yield place
        finally:
            self._held.remove(place)
            if not self._held:
                self._guilds.clear()
                self._members.clear()

    @asynccontextmanager
    async def take(self, place: Place) -> AsyncGenerator[None]:
        """Wait until it is a place's turn, and have it."""
        self._waiting.append(place)
        try:
            self._go_on()
            await place.comes.wait()
            began = time.monotonic()
            try:
                yield
            finally:
                self._usual += NEW * (time.monotonic() - began - self._usual)
        finally:
            if place in self._waiting:
                self._waiting.remove(place)
            else:
                self._free += 1
            self._go_on()

    def _go_on(self) -> None:
        """Give what is free to those whose turn it is, and tell the others where they are now."""
        heard = any(place.moved is not unheard for place in self._waiting)
        order = self._in_turn(len(self._waiting) if heard else self._free)
        for place in order[: self._free]:
            self._waiting.remove(place)
            self._note(self._guilds, self._members, place)
            place.comes.set()
        given = min(self._free, len(order))
        self._free -= given
        busy = self._parallel - self._free
        for index, place in enumerate(order[given:]):
            place.moved(busy + index, self._usual * (busy + index) / self._parallel)

    def _in_turn(self, most: int) -> list[Place]:
        """Say who comes next: the guild whose last turn is longest ago, in it such a member, then who came first."""
        waiting, guilds, members = list(self._waiting), dict(self._guilds), dict(self._members)
        order: list[Place] = []
        while waiting and len(order) < most:
            place = min(waiting, key=lambda one: (guilds.get(one.guild, 0), members.get((one.guild, one.member), 0)))
            waiting.remove(place)
            order.append(place)
            self._note(guilds, members, place)
        return order

    def _note(self, guilds: dict[int, int], members: dict[tuple[int, int], int], place: Place) -> None:
        self._turns += 1
        guilds[place.guild] = members[place.guild, place.member] = self._turns


class Place:
    """A member's place in a line."""

    def __init__(self, line: Line, actor: Actor) -> None:
        self.guild, self.member = actor.guild_id, actor.user_id
        self.comes = asyncio.Event()
        self.moved = unheard
        self._line = line

    @asynccontextmanager
    async def turn(self, moved: Moved = unheard) -> AsyncGenerator[None]:
        """Wait for one turn and have it; `moved` hears how the line moves meanwhile."""
        self.moved = moved
        self.comes.clear()
        async with self._line.take(self):
            yield
