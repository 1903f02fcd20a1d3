"""Things to test with: people in guilds, and entities with every value filled in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.dataset.report import Report
from bot.domain import catalog
from bot.domain.entities import (
    Actor,
    Batch,
    Comparison,
    Dataset,
    Enrichment,
    FineTune,
    Generation,
    Kind,
    Plan,
    Recipe,
    Search,
    Selection,
    Training,
)
from bot.domain.policy import Budgets, Policy
from bot.store import Accepted, Request, Store
from bot.store.jobs import J

GUILD, OTHER_GUILD = 10, 20
CHANNEL = 100
ANNA = Actor(guild_id=GUILD, user_id=1, channel_id=CHANNEL)
BEN = Actor(guild_id=GUILD, user_id=2, channel_id=CHANNEL)
ANNA_ELSEWHERE = Actor(guild_id=OTHER_GUILD, user_id=1, channel_id=200)
RICH = Budgets(member=10**12, guild=10**12)
NOW = 1_790_000_000.0  # 2026-09-21


def recipe(**changes: Any) -> Recipe:
    row = catalog.find_model(changes.get("model", "schnell"))
    basic = Recipe(prompt="a quiet sea", model=row.key, remote=row.remote, seed=7, settings=row.choose({}))
    return replace(basic, **changes)


def generation(job_id: str = "g1", actor: Actor = ANNA, **changes: Any) -> Generation:
    basic = Generation(
        id=job_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        estimate=3_000,
        created_at=NOW,
        recipe=recipe(),
    )
    return replace(basic, **changes)


def sample(training_id: str, actor: Actor, scale: float, **changes: Any) -> Generation:
    """Have a picture of a training's sheet, painted at a LoRA scale."""
    row = catalog.FINE_TUNE_DEV
    told = recipe(model=row.key, remote="atelier-demo/ziki:1", settings=row.choose({"lora_scale": scale}))
    return generation(f"{training_id}s{scale}", actor, parent_id=training_id, recipe=told, delivered="kept", **changes)


def comparison(comparison_id: str, actor: Actor = ANNA, **changes: Any) -> Comparison:
    basic = Comparison(
        id=comparison_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        estimate=3_000,
        created_at=NOW,
        prompt="a quiet sea",
        labels=("FLUX.1 schnell",),
    )
    return replace(basic, **changes)


def batch(batch_id: str, wishes: Sequence[Generation]) -> Batch:
    first = wishes[0]
    return Batch(
        id=batch_id,
        guild_id=first.guild_id,
        owner_id=first.owner_id,
        channel_id=first.channel_id,
        wishes=tuple(wishes),
        created_at=NOW,
    )


def search(search_id: str = "s1", actor: Actor = ANNA, **changes: Any) -> Search:
    basic = Search(id=search_id, guild_id=actor.guild_id, owner_id=actor.user_id, words="", created_at=NOW)
    return replace(basic, **changes)


def enrichment(job_id: str = "e1", actor: Actor = ANNA, **changes: Any) -> Enrichment:
    basic = Enrichment(
        id=job_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        estimate=10_000,
        created_at=NOW,
        prompt="a quiet sea",
        preset="photo",
        model="meta/meta-llama-3-8b-instruct",
        seed=7,
    )
    return replace(basic, **changes)


def selection(selection_id: str = "s1", actor: Actor = ANNA, **changes: Any) -> Selection:
    basic = Selection(
        id=selection_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        paths=(f"sources/{selection_id}/image-1.png",),
        created_at=NOW,
    )
    return replace(basic, **changes)


def plan(**changes: Any) -> Plan:
    return replace(Plan(name="ziki", trigger_word="ZIKI", kind=Kind.SUBJECT, steps=20), **changes)


def training(job_id: str = "t1", actor: Actor = ANNA, **changes: Any) -> Training:
    basic = Training(
        id=job_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        estimate=1_800_000,
        created_at=NOW,
        plan=plan(),
        sha256="ab" * 32,
    )
    return replace(basic, **changes)


def dataset(dataset_id: str = "t1", actor: Actor = ANNA, **changes: Any) -> Dataset:
    basic = Dataset(
        id=dataset_id,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        channel_id=actor.channel_id,
        plan=plan(),
        report=Report().to_json(),
        archive=f"datasets/{dataset_id}.zip",
        sha256="ab" * 32,
        estimate=1_800_000,
        created_at=NOW,
    )
    return replace(basic, **changes)


def fine_tune(actor: Actor = ANNA, name: str = "ziki", **changes: Any) -> FineTune:
    basic = FineTune(
        id=0,
        guild_id=actor.guild_id,
        owner_id=actor.user_id,
        name=name,
        trigger_word="ZIKI",
        kind=Kind.SUBJECT,
        destination=f"atelier-demo/atelier-{name}",
        created_at=NOW,
    )
    return replace(basic, **changes)


async def accept(store: Store, *jobs: J, budgets: Budgets = RICH, **more: Any) -> Accepted[J]:
    """Have somebody's jobs accepted by a team with these budgets."""
    owner = Actor(guild_id=jobs[0].guild_id, user_id=jobs[0].owner_id, channel_id=jobs[0].channel_id)
    return await store.accept(Request(actor=owner, jobs=jobs, **more), Policy(budgets))


async def accept_one(store: Store, job: J, budgets: Budgets = RICH) -> J:
    """Have one job accepted."""
    return (await accept(store, job, budgets=budgets)).jobs[0]


async def keep_waiting(store: Store, draft: Dataset) -> None:
    """Keep a vetted upload until its owner decides."""
    await store.undecided.keep(draft, 99)


async def accept_training(
    store: Store, wish: Training, new: FineTune, budgets: Budgets = RICH
) -> tuple[Training, bool]:
    """Have a training accepted whose upload was read as it is wished; tells whether it is new."""
    draft = dataset(wish.id, plan=wish.plan, estimate=wish.estimate)
    accepted = await accept(store, wish, budgets=budgets, waited=draft, fine_tune=new)
    return accepted.jobs[0], accepted.is_new


async def accept_comparison(
    store: Store, wish: Comparison, cells: Sequence[Generation], waited: Batch | None = None
) -> Comparison:
    """Have a comparison accepted with its parts."""
    return (await accept(store, wish, parts=cells, waited=waited)).jobs[0]
