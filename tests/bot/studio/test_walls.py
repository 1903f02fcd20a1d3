"""Guilds are walls and owners are owners: whatever anybody asks for, nothing of another's is shown or changed."""

import asyncio
import inspect
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, cast

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.catalog import Task
from bot.domain.entities import (
    Actor,
    Batch,
    Comparison,
    Dataset,
    Enrichment,
    FineTune,
    Generation,
    JobState,
    Picture,
    Search,
    Training,
)
from bot.domain.team import Whom
from bot.errors import UserError
from bot.replicate_api import Replicate
from bot.store import Store
from bot.store.queries import rows as query
from bot.studio.batches import Batches
from bot.studio.comparisons import Comparisons
from bot.studio.enriching import Enriching
from bot.studio.fine_tunes import FineTunes
from bot.studio.gallery import Gallery
from bot.studio.generations import Generations
from bot.studio.jobs import JobList, Spending
from bot.studio.pictures import Pictures
from bot.studio.requests import (
    AdoptRequest,
    CompareRequest,
    ImagineRequest,
    ImportRequest,
    PictureRef,
    ToolRequest,
    Withheld,
)
from bot.studio.team import Leading
from bot.studio.trainings import Trainings
from bot.studio.votes import Votes
from bot.views.fine_tunes import Choice
from bot.views.jobs import Allowance
from bot.views.outcomes import Painted, Trained
from tests.bot.studio.conftest import NOWHERE
from tests.bot.studio.rooms import Rooms, rooms
from tests.bot.things import (
    NOW,
    RICH,
    accept_comparison,
    accept_one,
    batch,
    comparison,
    dataset,
    enrichment,
    generation,
    keep_waiting,
    sample,
    search,
    selection,
)

ACTORS = [Actor(guild_id=g, user_id=u, channel_id=100 * g + c) for g in (1, 2, 3) for u in (1, 2, 3) for c in (1, 2)]
KEYS = {
    "fine_tunes": "id",
    "datasets": "id",
    "trainings": "id",
    "generations": "id",
    "batches": "id",
    "comparisons": "id",
    "enrichments": "id",
    "searches": "id",
    "selections": "id",
    "ledger": "job_id",
    "pictures": "generation_id",
    "votes": "rowid",
    "versions": "rowid",
}
Shown = FineTune | Dataset | Training | Generation | Batch | Comparison | Enrichment | Search
Table = Mapping[str, Mapping[Any, Mapping[str, Any]]]

KNOWN = [f"{kind}{guild}{user}" for kind in "gdbesc" for guild in (1, 2, 3) for user in (1, 2, 3)]
JOB_IDS = st.sampled_from([*KNOWN, "", "nothing"])
REFS = (
    st.sampled_from(["mine", "shared", "MINE", "dev", "new"])
    | st.builds("ft:{}".format, st.integers(0, 20))
    | st.builds("ft:{}:{}".format, st.integers(0, 20), st.integers(0, 3))
    | st.text(max_size=8)
)
PROMPTS = st.sampled_from(["a sea", "ZIKI at sea", "WORD11 at sea", "WORD21", "word32 and WORD12"])
PLACES = st.builds("{}.{}".format, JOB_IDS, st.integers(0, 30)) | JOB_IDS
NEW = st.just("new")
LORAS = REFS | st.sampled_from(["fofr/flux", "atelier-demo/mine", "https://replicate.com/Atelier-Demo/shared"])
SETTINGS = st.fixed_dictionaries({}, optional={"second_lora": LORAS, "lora": LORAS})
PICTURES = st.builds(PictureRef, job_id=JOB_IDS, number=st.integers(0, 2))
BEGINNINGS = st.fixed_dictionaries({}, optional={"image": st.tuples(PICTURES)})
WISHES = st.builds(ImagineRequest, prompt=PROMPTS, model=st.none() | REFS, settings=SETTINGS, pictures=BEGINNINGS)
HELD = st.builds(Withheld, st.uuids().map(str), WISHES, st.just(()))  # no two interactions have one id
ORDERS = st.builds(
    ToolRequest,
    task=st.sampled_from([Task.EDIT, Task.VARY, Task.UPSCALE]),
    pictures=st.fixed_dictionaries({"image": st.tuples(PICTURES)}),
    prompt=PROMPTS,
)
MESSAGES = st.builds(lambda guild, user: 10 * guild + user, st.integers(1, 3), st.integers(1, 3))
ADOPTIONS = st.builds(
    AdoptRequest,
    name=st.sampled_from(["mine", "adopted"]),
    trigger_word=st.just("ZIKI"),
    model=st.sampled_from(["atelier-demo/mine", "ATELIER-demo/atelier-mine", "fofr/flux", "adopted/model", "mine"]),
)
IMPORTS = st.builds(
    ImportRequest, name=st.sampled_from(["mine", "new", "a b"]), trigger_word=st.just("ZIKI"), url=st.just("a/b")
)
MODELS = st.lists(REFS, max_size=3).map(tuple)
COMPARED = st.builds(CompareRequest, prompt=PROMPTS, models=MODELS, scales=st.sampled_from([(), (0.5, 1.0)]))
SCALES = st.sampled_from(["0.8", "1.0", "1.1"])
BALLOTS = st.builds("{}-{}-mine-1:{}".format, st.integers(1, 3), st.integers(1, 3), SCALES) | JOB_IDS
CALLS = {
    "fine_tunes.list": (),
    "fine_tunes.suggest": (st.sampled_from(["", "i", "WORD", "version"]),),
    "fine_tunes.show": (REFS,),
    "fine_tunes.share": (REFS,),
    "fine_tunes.unshare": (REFS,),
    "fine_tunes.delete": (REFS,),
    "fine_tunes.adopt": (ADOPTIONS,),
    "fine_tunes.rename": (REFS, st.sampled_from(["mine", "shared", "new", "x"])),
    "fine_tunes.set_default": (REFS, st.none() | st.integers(0, 3)),
    "fine_tunes.publish": (REFS,),
    "fine_tunes.unpublish": (REFS,),
    "trainings.find": (JOB_IDS,),
    "trainings.change": (JOB_IDS, st.sampled_from([{}, {"steps": "200"}, {"resolution": "512"}, {"steps": "x"}])),
    "trainings.take_advice": (JOB_IDS,),
    "trainings.reveal": (JOB_IDS,),
    "trainings.prepare_import": (NEW, IMPORTS),
    "trainings.start": (JOB_IDS,),
    "trainings.discard": (JOB_IDS,),
    "jobs.running": (),
    "jobs.cancel": (JOB_IDS,),
    "jobs.outcome": (JOB_IDS,),
    "spending.allowance": (),
    "leading.money": (),
    "leading.set_budget": (st.sampled_from(Whom), st.integers(0, 3), st.sampled_from(["5", "default", "x"])),
    "leading.add_once": (st.sampled_from(Whom), st.integers(0, 3), st.sampled_from(["5", "x"])),
    "leading.pause": (st.just("stop"),),
    "leading.resume": (),
    "gallery.find": (NEW, st.sampled_from(["", "sea", "a s", "WORD21", '"']), st.none() | REFS, st.booleans()),
    "gallery.older": (PLACES,),
    "gallery.newer": (PLACES,),
    "gallery.show": (JOB_IDS,),
    "votes.cast": (BALLOTS,),
    "generations.imagine": (NEW, WISHES),
    "generations.imagine_once": (NEW, WISHES),
    "generations.wish": (NEW, WISHES),
    "generations.takes": (WISHES,),
    "generations.unshared": (WISHES,),
    "generations.find": (JOB_IDS,),
    "generations.delete": (JOB_IDS,),
    "generations.again": (NEW, JOB_IDS),
    "generations.edit": (NEW, JOB_IDS, PROMPTS),
    "generations.same_seed": (NEW, JOB_IDS, PROMPTS),
    "generations.shown_in": (MESSAGES,),
    "pictures.numbers": (JOB_IDS,),
    "pictures.words": (JOB_IDS,),
    "pictures.make": (NEW, ORDERS),
    "pictures.vary": (NEW, PICTURES, st.sampled_from(["subtle", "strong"])),
    "pictures.begin": (NEW, PICTURES, PROMPTS, st.just(0.5)),
    "batches.prepare": (NEW, WISHES),
    "batches.hold": (HELD,),
    "batches.paint": (JOB_IDS,),
    "batches.discard": (JOB_IDS,),
    "comparisons.prepare": (NEW, COMPARED),
    "comparisons.unshared": (COMPARED,),
    "comparisons.prepare_like": (NEW, JOB_IDS),
    "comparisons.delete": (JOB_IDS,),
    "enriching.ask": (NEW, PROMPTS, st.none()),
    "enriching.find": (JOB_IDS,),
    "enriching.paint": (JOB_IDS,),
}
OPTIONS = {"trainings.reveal": {"public": True}}
CALL = st.sampled_from(sorted(CALLS)).flatmap(lambda name: st.tuples(st.just(name), *CALLS[name]))


def test_every_use_case_is_asked_for() -> None:
    parts = {
        "batches": Batches,
        "comparisons": Comparisons,
        "enriching": Enriching,
        "fine_tunes": FineTunes,
        "gallery": Gallery,
        "generations": Generations,
        "jobs": JobList,
        "pictures": Pictures,
        "spending": Spending,
        "leading": Leading,
        "trainings": Trainings,
        "votes": Votes,
    }
    known = {
        f"{part}.{name}"
        for part, kind in parts.items()
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and "actor" in inspect.signature(method).parameters
    }
    others = {"trainings.prepare", "pictures.select", "fine_tunes.find"}  # two need files; with one all others look
    assert known == set(CALLS) | others


async def furnished(store: Store, data: Path, remote: Replicate) -> Rooms:
    """Give everybody in three guilds one of everything: private and shared fine-tunes, drafts, jobs, prompts."""
    at = rooms(store, data, remote)
    for actor in ACTORS[::2]:
        who = f"{actor.guild_id}{actor.user_id}"
        mine = await at.furnish(actor, "mine", trigger=f"WORD{who}")
        for scale in (0.8, 1.0):
            await store.generations.add_part(sample(f"{actor.guild_id}-{actor.user_id}-mine-1", actor, scale))
        await at.furnish(actor, "shared", shared=True)
        await keep_waiting(store, dataset(f"d{who}", actor))
        job = generation(f"g{who}", actor, fine_tune_id=mine.id, version=1)
        await accept_one(store, job, RICH)
        await store.generations.update(job.id, message_id=10 * actor.guild_id + actor.user_id)
        await store.undecided.keep(selection(f"s{who}", actor, paths=(f"p{who}.png",)), 9)
        await store.undecided.keep(batch(f"b{who}", [replace(job, id=f"b{who}p1")]), 9)
        await accept_one(store, enrichment(f"e{who}", actor), RICH)
        cell = replace(job, id=f"c{who}c1", parent_id=f"c{who}", delivered="kept")
        await accept_comparison(store, comparison(f"c{who}", actor), [cell])
        await store.undecided.keep(search(f"s{who}", actor), 9)
        if actor.user_id == 1:
            await store.enrichments.end(f"e{who}", JobState.SUCCEEDED, 0, NOW)
            await store.generations.end(job.id, JobState.SUCCEEDED, 0, NOW)
            await store.generations.end(cell.id, JobState.SUCCEEDED, 0, NOW)
            await store.comparisons.end(f"c{who}", JobState.SUCCEEDED, 0, NOW)
        picture = Picture(
            generation_id=job.id, number=1, path=f"p{who}.png", media_type="image/png", width=64, height=64, size=9
        )
        Image.new("RGB", (64, 64), (actor.guild_id, actor.user_id, 0)).save(data / picture.path)
        await store.pictures.keep(job.id, [picture])
    return at


async def snapshot(store: Store) -> Table:
    """Read every row there is."""

    def work(db: Any) -> Table:
        found = {table: query(db, f"SELECT rowid, * FROM {table}") for table in KEYS}  # noqa: S608
        return {table: {row[KEYS[table]]: row for row in found[table]} for table in KEYS}

    return await store._database.read(work)


def owner(table: str, row: Mapping[str, Any], everything: Table) -> tuple[int, int]:
    """Tell whose a row is."""
    if table == "pictures":
        row = everything["generations"][row["generation_id"]]
    if table == "versions":
        row = everything["fine_tunes"][row["fine_tune_id"]]
    if table == "votes":
        return everything["trainings"][row["training_id"]]["guild_id"], row["user_id"]
    return row["guild_id"], row["owner_id"] if "owner_id" in row else row["user_id"]


WAITING = ("datasets", "batches", "selections", "searches")


def check_changes(actor: Actor, before: Table, after: Table) -> None:
    for table in KEYS:
        for key in before[table].keys() | after[table].keys():
            old, new = before[table].get(key), after[table].get(key)
            if table in WAITING and old and new is None and old["owner_id"] == actor.user_id:
                continue  # what waits for a press has one share of room for each member, over all servers
            if old != new and not (table == "versions" and is_voted(actor, old, new, before)):
                for row, everything in ((old, before), (new, after)):
                    assert row is None or owner(table, row, everything) == (actor.guild_id, actor.user_id), (table, key)


def is_voted(actor: Actor, old: Any, new: Any, before: Table) -> bool:
    """Tell whether nothing but the winner of a vote changed, below a card that this actor sees."""
    training = before["trainings"][old["training_id"]]
    seen = actor.user_id == training["owner_id"] or actor.channel_id == training["channel_id"]
    return old | {"voted_scale": new["voted_scale"]} == new and seen and actor.guild_id == training["guild_id"]


def check_shown(actor: Actor, shown: Any, everything: Table) -> None:
    """See that all there is in an answer is this actor's, shared in this guild, or was shown in this channel."""
    if isinstance(shown, Choice) and shown.value.startswith("ft:"):
        row = everything["fine_tunes"][int(shown.value.split(":")[1])]
        assert row["guild_id"] == actor.guild_id
        assert row["owner_id"] == actor.user_id or row["shared"]
    if isinstance(shown, Shown):
        assert shown.guild_id == actor.guild_id
        mine = shown.owner_id == actor.user_id
        assert mine or _is_open(actor, shown, everything), shown
    if isinstance(shown, Painted):  # which names what painted it, to all who see it
        assert shown.fine_tune is None or shown.fine_tune.id == shown.generation.fine_tune_id
        shown = replace(shown, fine_tune=None)
    if is_dataclass(shown) and not isinstance(shown, type):
        for field in fields(shown):
            check_shown(actor, getattr(shown, field.name), everything)
    elif isinstance(shown, Sequence) and not isinstance(shown, str | bytes):
        for item in shown:
            check_shown(actor, item, everything)


def _is_open(actor: Actor, shown: Shown, everything: Table) -> bool:
    if isinstance(shown, FineTune):
        return bool(everything["fine_tunes"][shown.id]["shared"])
    return not isinstance(shown, Dataset | Batch | Enrichment | Search) and shown.channel_id == actor.channel_id


def check_sources(at: Rooms, actor: Actor, made: Generation) -> None:
    """See that the pictures which it begins with are the actor's, or were shown in this channel."""
    for path in (path for paths in made.recipe.sources.values() for path in paths):
        with Image.open(at.services.data / path) as image:
            guild, user, _ = cast("tuple[int, int, int]", image.getpixel((5, 5)))
        assert guild == actor.guild_id
        assert user == actor.user_id or actor.channel_id == 100 * guild + 1


UNSHRUNK = [phase for phase in Phase if phase is not Phase.shrink]  # it takes minutes, and the assertion says it all


@settings(max_examples=15, deadline=None, phases=UNSHRUNK)
@given(st.lists(st.tuples(st.sampled_from(ACTORS), CALL), min_size=40, max_size=60))
def test_nobody_sees_or_changes_what_is_anothers(wishes: list[tuple[Actor, tuple[Any, ...]]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            remote = Replicate("r8_nowhere", base_url=NOWHERE)
            try:
                async with Store(Path(folder) / "atelier.db") as store:
                    at = await furnished(store, Path(folder), remote)
                    for number, (actor, wish) in enumerate(wishes):
                        await attempt(at, actor, wish, number)
            finally:  # or the next test is told of what this one left open
                await remote.close()

    asyncio.run(play())


def check_painter(actor: Actor, made: Generation, before: Table) -> None:
    """See that what paints, and each LoRA beside it, is this actor's to use; no address leads around that."""
    for number in filter(None, (made.fine_tune_id, made.recipe.second_id)):
        row = before["fine_tunes"][number]
        assert row["guild_id"] == actor.guild_id
        assert row["owner_id"] == actor.user_id or row["shared"]
    for field in ("extra_lora", "lora_weights"):
        address = str(made.recipe.settings.get(field, ""))
        if "atelier-demo" in address.lower():
            second = [v for v in before["versions"].values() if v["fine_tune_id"] == made.recipe.second_id]
            assert address in [version["remote"].replace(":", "/") for version in second]


async def attempt(at: Rooms, actor: Actor, wish: tuple[Any, ...], number: int) -> None:
    """Ask for one thing, and hold all that comes of it against whose it is."""
    part, method = wish[0].split(".")
    arguments = [f"new{number}" if argument == "new" else argument for argument in wish[1:]]
    use_case = getattr(getattr(at.studio, part), method)
    given = inspect.signature(use_case).parameters  # some of which are given by name only
    named = dict(zip([name for name in given if name != "actor"], arguments, strict=False))
    before = await snapshot(at.store)
    try:
        shown = await use_case(actor, **named, **OPTIONS.get(wish[0], {}))
    except UserError:
        shown = None
    after = await snapshot(at.store)
    check_changes(actor, before, after)
    if isinstance(shown, Trained) and wish[0] == "votes.cast":
        shown = shown.training  # the rest of the card is what everybody in its channel sees
    check_shown(actor, shown, {**before, **after})
    if isinstance(shown, Generation) and shown.id.startswith("new"):
        check_painter(actor, shown, before)
    for made in (shown,) if isinstance(shown, Generation) else shown.wishes if isinstance(shown, Batch) else ():
        check_sources(at, actor, made)
    if isinstance(shown, Allowance):
        mine = [row for row in after["ledger"].values() if row["guild_id"] == actor.guild_id]
        assert shown.guild_spent == sum(row["reserved"] if row["spent"] is None else row["spent"] for row in mine)
