"""Three guilds full of people who have something to hide."""

import asyncio
import io
import random
import re
import zipfile
from collections import Counter
from dataclasses import dataclass

from sandbox.discord import Answer, Channel, Guild, Person
from sandbox.visitor import Visitor, check_text
from tests.e2e.said import HOSTILE, Ear, Said
from tests.e2e.stage import WITHIN, Stage, photos
from tests.e2e.walls import Rows, is_settled, read_rows


@dataclass(frozen=True)
class Member:
    """A person in one of their guilds."""

    person: Person
    guild: Guild
    channels: tuple[Channel, ...]
    word: str  # planted in everything that is theirs in this guild

    @property
    def is_of(self) -> tuple[int, int]:
        return self.guild.id, self.person.id


class Scene:
    """Three guilds, two channels each, seven memberships of five people, each with something to hide."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        discord = stage.world.discord
        self.stage, self.dice, self.ear = stage, dice, Ear(discord)
        self.forms: list[tuple[Member, Answer]] = []
        self.tally: Counter[str] = Counter()
        guilds = {name: discord.guild(f"Guild {name}", boosts=2) for name in "ABC"}
        rooms = {
            name: (discord.channel(guild, f"{name}-one"), discord.channel(guild, f"{name}-two"))
            for name, guild in guilds.items()
        }
        self.members: list[Member] = []
        for name, where in {"anna": "AB", "ben": "AC", "carl": "B", "dora": "C", "emil": "A"}.items():
            person = discord.person(name, *(guilds[letter] for letter in where))
            self.members += [Member(person, guilds[letter], rooms[letter], self.plant()) for letter in where]

    def plant(self) -> str:
        """Make up a word that nothing else has in it."""
        return f"zq{self.dice.getrandbits(32):08x}"

    def rows(self) -> Rows:
        return read_rows(self.stage.bot.directory / "atelier.db")

    def remote(self) -> tuple[set[str], set[str]]:
        """List what is kept of people's work outside the rows: models at Replicate, files here."""
        folder = self.stage.bot.directory
        files = {
            str(path.relative_to(folder))
            for kind in ("pictures", "datasets", "sources")
            for path in (folder / kind).rglob("*.*")
        }
        return set(self.stage.world.replicate.state.models), files

    async def furnish(self) -> None:
        """Give every member a fine-tune, a picture of it, and an upload that waits for Start."""
        people = {member.person.id: list[Member]() for member in self.members}
        for member in self.members:
            people[member.person.id].append(member)
        await asyncio.gather(*map(self.train_all, people.values()))
        await self.settled()
        await asyncio.gather(*(self.paint(member) for member in self.members))
        await self.settled()

    async def train_all(self, memberships: list[Member]) -> None:
        """Train for one person in guild after guild: a person has one upload in line, wherever it is."""
        for member in memberships:
            await self.train(member)

    async def train(self, member: Member) -> None:
        visitor, word = self.visitor(member), member.word
        await visitor.changes(
            await visitor.hands_in(hostile_zip(word), f"n-{word}", f"Z{word}", steps=10), "Start", "Started"
        )
        check_text(await visitor.hands_in(hostile_zip(word), f"w-{word}", f"W{word}", steps=10), "Left out: 1")

    async def paint(self, member: Member) -> None:
        painted = await self.visitor(member).imagines(f"Z{member.word} {self.plant()} {HOSTILE}")
        check_text(painted, "1 picture with", f"n-{member.word}")

    def visitor(self, member: Member) -> Visitor:
        return Visitor(self.stage.world, member.person, self.dice.choice(member.channels), within=WITHIN)

    async def settled(self) -> Rows:
        """Wait until nothing is under way, and return what is remembered then."""
        async with asyncio.timeout(WITHIN):
            while not is_settled(rows := self.rows()):  # noqa: ASYNC110  # nobody tells of a row that was written
                await asyncio.sleep(0.01)
        return rows

    async def answered(self, answer: Answer) -> Said:
        """Wait until an interaction has its answer."""
        return await self.ear.answer(answer.interaction_id, WITHIN)


def hostile_zip(word: str) -> tuple[str, bytes]:
    """Pack photos beside a file that is left out and named in the report."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in photos(4, seed=sum(word.encode())):
            archive.writestr(f"{word}-{name}", data)
        # A name that turns the direction of text, or has another line in it, is refused with its whole archive.
        name = re.sub("[/\\n\\u202e\\u2066]", "", HOSTILE)
        archive.writestr(f"{word} {name}.pdf", b"%PDF")
    return f"{word}.zip", packed.getvalue()
