"""Guilds are walls and owners are owners, whatever is typed, pressed or forged; and a quota is a quota."""

import asyncio
import json
import random
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.visitor import Visitor
from tests.e2e.actors import MENUS, OWNED, VERBS, Actor, forge
from tests.e2e.said import HOSTILE, Said, escaped, mention_faults
from tests.e2e.scene import Member, Scene
from tests.e2e.stage import WITHIN, open_stage
from tests.e2e.walls import Action, Rows, changed, grants, revealed, stolen, words

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

SEED = 20261122
SPEED = 50.0
DECK = {
    "imagine": 22,
    "compare": 8,
    "models": 26,
    "look": 10,
    "gallery": 10,
    "complete": 16,
    "press": 32,
    "forge": 76,
    "form": 8,
    "forge_form": 8,
    "forge_command": 2,
    "forge_in_private": 2,
    "train": 3,
    "take_over": 3,
    "picture": 4,
    "menu": 12,
}
"""How often each thing is done: 242 actions."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Scene]:
    async with open_stage(tmp_path_factory.mktemp("walls")) as stage:
        stage.world.replicate.clock.speed = SPEED
        # Discord's schema says what follows a form that was opened; forged ones never were.
        stage.world.discord.rest.recorders.clear()
        made = Scene(stage, random.Random(SEED))
        await made.furnish()
        yield made
        assert made.ear.mentions == []
        assert [fault for said in made.ear.said for fault in escaped(said)] == []


async def test_nothing_of_anothers_is_revealed_or_changed(scene: Scene):
    print(f"seed {SEED}")  # noqa: T201  # pytest shows it with a failure
    scene.dice.seed(SEED)
    deck = [kind for kind, count in DECK.items() for _ in range(count)]
    scene.dice.shuffle(deck)
    before, faults = await scene.settled(), list[str]()
    for number, kind in enumerate(deck):
        models, files = scene.remote()
        heard = len(scene.ear.said)
        paid = len(scene.stage.world.replicate.created)
        action = await Actor(scene, before).do(kind)
        after = await scene.settled()
        said = scene.ear.since(heard)
        found = [
            *revealed(action, grants(before, after), said),
            *changed(action, before, after),
            *stolen(action, before, after),
            *unpaid(scene.stage.world.replicate.created[paid:], before, after),
            *gone(action, models, files, scene.remote(), before),
        ]
        faults += [f"seed {SEED}, action {number} ({action}): {fault}" for fault in found]
        before = after
    assert faults == []
    assert set(DECK) <= set(scene.tally)
    assert {f"{verb}:" for verb in VERBS} <= set(scene.tally)
    assert set(MENUS) <= set(scene.tally)
    assert {f"/models {word}" for word in (*OWNED, "list", "show", "adopt")} <= set(scene.tally)


async def test_what_is_anothers_is_as_if_it_were_not_there(scene: Scene):
    rows = await scene.settled()
    intruder = next(member for member in scene.members if member.person.name == "emil")
    foreign = [
        key
        for table in ("fine_tunes", "datasets", "trainings", "generations", "comparisons", "batches")
        for key, row in rows[table].items()
        if row["guild_id"] != intruder.guild.id
    ]
    assert len(foreign) >= 8
    for verb in sorted({*VERBS} - {"keep"}):  # which only says that nothing was deleted
        told = {await refused(scene, intruder, verb, str(row)) for row in [*foreign, 999_999, 10**18]}
        assert len(told) == 1, (verb, told)
    assert scene.rows() == rows


async def refused(scene: Scene, member: Member, verb: str, row: str) -> str:
    """Press a button that is not there, and return the answer without the id that was pressed."""
    answer = await forge(member, member.channels[0], f"{verb}:{row}", None)
    return (await scene.answered(answer)).text.replace(row, "ROW")


async def test_the_judges_see_what_they_are_there_to_see(scene: Scene):
    """Hold fabricated leaks, thefts and damages against the very checks that found nothing above."""
    rows = await scene.settled()
    known = grants(rows)
    owner, neighbour, stranger = (member_of(scene, name) for name in ("anna", "emil", "carl"))
    key, row, word = next(
        (key, row, word)
        for key, row in rows["generations"].items()
        if owner.is_of == (row["guild_id"], row["owner_id"])
        for word in words(json.loads(row["recipe"])["prompt"])
        if len(known[word]) == 1  # nobody else has it in anything of theirs
    )
    said = Said(
        kind="message", interaction=1, guild=owner.guild.id, channel=row["channel_id"], reader=None, raw=word, body={}
    )
    elsewhere = next(room.id for room in owner.channels if room.id != row["channel_id"])
    action = Action(who=neighbour.person.id, guild=neighbour.guild.id, channel=elsewhere, given="", what="fabricated")

    assert revealed(action, known, [said, replace(said, reader=owner.person.id, channel=elsewhere)]) == []
    assert revealed(action, known, [replace(said, reader=neighbour.person.id)]) == []  # in the gallery
    for leak in (
        replace(said, channel=elsewhere),
        replace(said, reader=neighbour.person.id, channel=elsewhere),
        replace(said, reader=neighbour.person.id, kind="choices"),
        replace(said, guild=stranger.guild.id, channel=stranger.channels[0].id),
        replace(said, guild=stranger.guild.id, reader=owner.person.id),  # the same person, in another guild
        replace(said, guild=None, reader=stranger.person.id),
        replace(said, channel=elsewhere, raw=f"again:{key}"),
    ):
        assert revealed(action, known, [leak]), leak
    assert revealed(replace(action, given=word), known, [replace(said, reader=neighbour.person.id)]) == []

    worse = {table: dict(content) for table, content in rows.items()}
    worse["generations"][key] = row | {"state": "canceled"}
    assert changed(action, rows, worse)
    assert changed(replace(action, guild=stranger.guild.id, who=owner.person.id), rows, worse)
    assert changed(replace(action, who=owner.person.id), rows, worse) == []
    worse["generations"]["1"] = row | {"id": "1", "owner_id": neighbour.person.id, "channel_id": elsewhere}
    assert stolen(action, rows, worse)

    text = {"components": [{"type": 10, "content": HOSTILE}]}
    assert len(escaped(replace(said, body=text))) >= 6
    assert mention_faults(text)
    assert mention_faults(text | {"allowed_mentions": {"parse": [], "users": [owner.person.id]}})


def member_of(scene: Scene, name: str) -> Member:
    return next(member for member in scene.members if member.person.name == name)


@pytest.mark.parametrize(
    ("budget", "people"), [("ATELIER_MEMBER_BUDGET", ["alice"]), ("ATELIER_GUILD_BUDGET", ["alice", "bob", "carol"])]
)
async def test_so_many_at_once_pay_for_exactly_what_is_left(tmp_path: Path, budget: str, people: list[str]):
    each, left, asked = 0.009, 7, 30  # dollars that three pictures of schnell cost
    async with open_stage(tmp_path / "world", **{budget: "0.07"}) as stage:
        world = stage.world
        members = [Visitor(world, getattr(world, name), world.channel, within=WITHIN) for name in people]
        ends = await asyncio.gather(
            *(members[n % len(members)].imagines(f"boat number {n}", count=3) for n in range(asked))
        )
        assert len(world.replicate.created) == left
        assert len([end for end in ends if len(end.pictures) == 3]) == left
        refusals = [end for end in ends if end.ephemeral]
        assert len(refusals) == asked - left
        assert all("$0.009" in refusal.text and "$0.070" in refusal.text for refusal in refusals)
        assert world.replicate.billed == round(left * each * 1_000_000)


def unpaid(created: list[Any], before: Rows, after: Rows) -> list[str]:
    """List what was bought at Replicate without a new row of the actor's that says so."""
    new = {
        row["remote_id"]
        for table in ("generations", "trainings")
        for key, row in after[table].items()
        if key not in before[table]
    }
    return [f"{made.id} was bought for nobody" for made in created if made.id not in new]


def gone(action: Action, models: set[str], files: set[str], left: tuple[set[str], set[str]], before: Rows) -> list[str]:
    """List the models and files of others that are no longer there."""
    theirs = lambda row: (row["guild_id"], row["owner_id"]) != (action.guild, action.who)  # noqa: E731
    lost = [row for row in before["fine_tunes"].values() if theirs(row) and row["destination"] in models - left[0]]
    jobs = {key: row for table in ("datasets", "generations") for key, row in before[table].items()}
    missing = [
        file for file in files - left[1] for key in [re.split(r"[/.]", file)[1]] if key in jobs and theirs(jobs[key])
    ]
    return [f"{row['destination']} is gone" for row in lost] + [f"{file} is gone" for file in missing]
