"""Real SIGKILLs at random moments of the real bot while people keep it busy; the verdict is the sweep's."""

import asyncio
import contextlib
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.discord import Impossible, Message, Person
from tests.sweep.notebook import Case, Result
from tests.sweep.scene import Scene, button_of
from tests.sweep.verdict import STORM, Finding, examine

ROUND = 10  # kills until everything is left to settle and looked at
LONGEST_LIFE = 2.0  # seconds that the bot lives between two kills
PAUSE = 0.4  # seconds at most between two wishes of a person
VETTED_WITHIN = 6.0
WISHES = ("imagine",) * 5 + ("cancel",) * 3 + ("train",) * 2


async def storm(kills: int, seed: int) -> list[Result]:
    """Kill the bot so often; a result for each round."""
    dice = random.Random(seed)
    results: list[Result] = []
    with TemporaryDirectory(prefix="kills-") as directory:
        async with Scene(Path(directory), command=("-m", "bot", "run")) as scene:
            while kills > 0:
                results.append(await _round(scene, dice, min(ROUND, kills)))
                kills -= ROUND
    return results


async def _round(scene: Scene, dice: random.Random, kills: int) -> Result:
    scene.begin_run()
    people = (scene.world.alice, scene.world.bob, scene.world.carol)
    busy = [asyncio.create_task(_keep_wishing(scene, person, random.Random(dice.random()))) for person in people]
    for _ in range(kills):
        await asyncio.sleep(dice.uniform(0.0, LONGEST_LIFE))
        await scene.bot.kill()
        await scene.bot.start()
    for task in busy:
        task.cancel()
    ends = await asyncio.gather(*busy, return_exceptions=True)
    await scene.until(lambda: not scene.unsettled() and not scene.remains())  # the last uploads may be under way
    jobs = len(scene.new_rows("trainings")) + len(scene.new_rows("generations"))
    findings = examine(scene, STORM)
    findings += [Finding("other", repr(end)) for end in ends if not isinstance(end, asyncio.CancelledError)]
    return Result(Case("a busy bot", STORM, f"{kills} kills, {jobs} jobs"), struck=True, findings=findings)


async def _keep_wishing(scene: Scene, person: Person, dice: random.Random) -> None:
    """Wish one thing after the other; what a bot that was just killed does not take, is not wished for again."""
    for number in range(1_000_000):
        wish = dice.choice(WISHES)
        name = f"{person.name}-{scene.run}-{number}"
        with contextlib.suppress(TimeoutError, Impossible):
            if wish == "imagine":
                await person.slash(scene.channel, "imagine", prompt=f"a lighthouse of {name}", count=dice.randint(1, 2))
            elif wish == "train":
                await _train(scene, person, name)
            else:
                await _cancel(scene, person, dice)
        await asyncio.sleep(dice.uniform(0.0, PAUSE))


async def _train(scene: Scene, person: Person, name: str) -> None:
    word = name.replace("-", "").upper()
    answer = await person.slash(scene.channel, "train zip", zip=("a.zip", scene.photos), name=name, trigger_word=word)

    def asks(message: Message) -> bool:
        return (
            answer.response is not None and message.id == answer.response.id and button_of(message, "start") is not None
        )

    report = await person.wait_for(asks, VETTED_WITHIN)
    await person.click(report, custom_id=button_of(report, "start"))


async def _cancel(scene: Scene, person: Person, dice: random.Random) -> None:
    running = [message for message in person.messages(scene.channel) if button_of(message, "cancel")]
    if running:
        chosen = dice.choice(running)
        await person.click(chosen, custom_id=button_of(chosen, "cancel"))
