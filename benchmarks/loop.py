"""How late the bot's event loop is while everything happens at once."""

import asyncio

from benchmarks.stage import Stage, figures, free_port, photos, stage, zipped
from benchmarks.tables import Table, ms, p50, p99
from sandbox.discord.people import Person
from sandbox.discord.seen import Message

GENERATIONS, ROUNDS = 50, 3
BUCKET = "atelier_loop_lag_seconds_bucket"


async def measure() -> Table:
    """Measure the loop and a member beside it."""
    port = free_port()
    upload, other = zipped(photos(20)), zipped(photos(20, seed=8))
    lags: list[dict[str, float]] = []
    waits: list[float] = []
    for _ in range(ROUNDS):
        async with stage(speed=2.0, members=GENERATIONS, ATELIER_METRICS_LISTEN=f"127.0.0.1:{port}") as scene:
            ready = await _vetted(scene, scene.world.alice, upload)
            before = await figures(port)
            await scene.world.alice.click(ready, "Start")  # its training uploads what was vetted
            waits += await _everything(scene, other)
            after = await figures(port)
            lags.append({name: after[name] - before.get(name, 0) for name in after if name.startswith(BUCKET)})
            lags[-1]["worst"] = after["atelier_loop_lag_worst_seconds"]
    buckets = {name: sum(lag.get(name, 0) for lag in lags) for name in lags[0] if name != "worst"}
    worst = max(lag["worst"] for lag in lags)
    rows = [
        ["loop lag p50", _quantile(buckets, worst, 0.50)],
        ["loop lag p99", _quantile(buckets, worst, 0.99)],
        ["loop lag, worst since the start of each bot", ", ".join(ms(lag["worst"]) for lag in lags)],
        ["acknowledgement meanwhile p50", ms(p50(waits))],
        ["acknowledgement meanwhile p99", ms(p99(waits))],
    ]
    return Table("loop", "While 50 generations, a vetting and a training upload run", ("what", "figure"), rows)


async def _vetted(scene: Stage, member: Person, upload: tuple[str, bytes]) -> Message:
    """Have a zip vetted; returns the report."""
    trigger_word = f"{member.name}1".upper()
    await member.slash(scene.world.channel, "train zip", zip=upload, name=member.name, trigger_word=trigger_word)
    return await member.wait_for(lambda message: any(b.label == "Start" for b in message.buttons), 60)


async def _everything(scene: Stage, upload: tuple[str, bytes]) -> list[float]:
    """Let fifty paint and one upload; returns how long a bystander waited, again and again, in seconds."""
    world = scene.world
    vetted = asyncio.create_task(_vetted(scene, world.bob, upload))
    await asyncio.gather(*(scene.imagine(member, f"picture {n}") for n, member in enumerate(scene.members)))
    waits: list[float] = []
    while len(scene.pictures()) < GENERATIONS or not vetted.done():
        waits += await scene.acknowledged(world.carol.slash(world.channel, "jobs"))
        await asyncio.sleep(0.02)
    await vetted
    return waits


def _quantile(buckets: dict[str, float], worst: float, share: float) -> str:
    """Name the bucket in which this share is reached, or the worst where that is in it too."""
    bounds = sorted((float(name.split('"')[1]), count) for name, count in buckets.items())
    total = bounds[-1][1]
    return f"at most {min(worst, next(bound for bound, count in bounds if count >= share * total)) * 1000:.0f} ms"
