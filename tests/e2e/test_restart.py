"""The bot ends and comes back, asked to or not, and nothing is lost or paid twice."""

from pathlib import Path

import pytest

from sandbox.discord import Exchange
from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, open_stage, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
ENDINGS = pytest.mark.parametrize("ending", ["stop", "kill"])


async def end(stage: Stage, ending: str) -> None:
    """End the bot with SIGTERM or SIGKILL; `stop` itself kills it after ten seconds, which is no exit code 0."""
    if ending == "stop":
        assert await stage.bot.stop() == 0
    else:
        await stage.bot.kill()


@ENDINGS
async def test_a_training_goes_on_after_a_restart(stage: Stage, anna: Visitor, ending: str):
    name, word = f"went-on-{ending}", f"ZIKON{ending.upper()}"
    report = await anna.hands_in(zipped(5), name, word)
    with stage.slowly(1.0):
        status = await anna.starts(report)
        await stage.at_work()
        await anna.until(lambda: "Waiting for a machine" not in status.text, "some progress")
        await end(stage, ending)
        await stage.bot.start()
    card = await anna.is_told(status)
    check_text(card, name, "ready")
    check_pictures(card, 1)
    check_text(status, "is ready")
    assert len(stage.ordered(f"atelier-{name}")) == 1
    assert len(stage.ordered(word)) == 8
    check_text(await anna.imagines(f"{word} on a bicycle"), name)
    messages = anna.person.messages(anna.channel)
    assert len([m for m in messages if "### Training" in m.text]) == 1
    assert len([m for m in messages if anna.person.id in m.pinged]) == 1


@ENDINGS
async def test_a_generation_goes_on_after_a_restart_though_its_answer_never_arrived(
    stage: Stage, anna: Visitor, ending: str
):
    prompt = f"a boat that survives a {ending}"
    with stage.slowly(0.2):  # Replicate holds its answer back for as long as the painting takes
        answer = await anna.person.slash(anna.channel, "imagine", prompt=prompt, variant="dev")
        await stage.at_work()
        await end(stage, ending)
    await stage.bot.start()
    picture = await anna.gets(answer)
    check_text(picture, prompt, "seed")
    check_pictures(picture, 1)
    assert len(stage.ordered(prompt)) == 1
    assert len([m for m in anna.person.messages(anna.channel) if prompt in m.text]) == 1


@ENDINGS
async def test_buttons_work_after_a_restart(stage: Stage, anna: Visitor, ending: str):
    report = await anna.hands_in(zipped(4), f"kept-{ending}", "ZIKKEPT")
    picture = await anna.imagines("a lighthouse", seed=5)
    await end(stage, ending)
    await stage.bot.start()
    again = await anna.gets(await anna.person.click(picture, "Again"))
    check_text(again, "a lighthouse")
    check_buttons(again, "Again", "Vary subtle", "Edit prompt", "Delete")
    form = await anna.person.click(picture, "Edit prompt")
    edited = await anna.gets(await anna.person.submit_modal(form, {"prompt": "a windmill"}))
    check_text(edited, "a windmill")
    await anna.changes(picture, "Delete", "are deleted")
    card = await anna.is_told(await anna.starts(report))
    check_buttons(card, "Try it")


async def test_a_form_that_was_open_during_a_restart_is_sent_all_the_same(stage: Stage, anna: Visitor):
    picture = await anna.imagines("a lighthouse")
    form = await anna.person.click(picture, "Edit prompt")
    await stage.bot.restart()
    check_text(await anna.gets(await anna.person.submit_modal(form, {"prompt": "a windmill"})), "a windmill")


async def test_a_second_start_registers_no_commands_again(stage: Stage):
    written: list[str] = []

    def record(exchange: Exchange) -> None:
        if exchange.path.endswith("/commands") and exchange.method != "GET":
            written.append(exchange.method)

    stage.world.discord.rest.recorders.append(record)
    await stage.bot.restart()
    stage.world.discord.rest.recorders.remove(record)
    assert written == []
    menus = {"Show recipe", "Use in Atelier"}
    commands = {"train", "imagine", "picture", "compare", "enrich", "models", "jobs", "gallery", "team", "help"}
    assert menus | commands == set(stage.world.discord.commands)


async def test_yesterdays_fine_tunes_are_there_today(tmp_path: Path):
    directory = tmp_path / "sandbox"
    async with open_stage(directory) as yesterday:
        await yesterday.alice.trains(zipped(4), "keeper", "ZIKKEEP")
    async with open_stage(directory) as today:
        check_text(await today.alice.runs("models list"), "keeper", "ZIKKEEP", "v1")
        check_text(await today.alice.imagines("ZIKKEEP on a hill"), "loaded **keeper**")
