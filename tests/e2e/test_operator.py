"""What an operator sets and runs: budgets, trainer, addresses, doctor, sync; and no secret anywhere."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.bot_process import PROJECT, REPLICATE_TOKEN
from sandbox.discord import TOKEN
from sandbox.replicate.trainers import ARTICLES_TRAINER
from sandbox.visitor import check_pictures, check_text
from tests.e2e.stage import PLENTY, Stage, check_log, open_stage, open_world, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
COMMANDS = (
    *("train", "compare", "imagine", "picture", "enrich", "models", "jobs", "gallery", "team", "help"),
    *("Show recipe", "Use in Atelier"),
)
PLANTED = "hf_" + "PlantedPlantedPlantedPlanted"


async def command(settings: dict[str, str], *words: str) -> tuple[int | None, str]:
    """Run a command of the bot as an operator would; return its exit code and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def test_doctor_finds_everything_well(stage: Stage):
    code, printed = await command(stage.bot.settings, "doctor")
    assert code == 0, printed
    lines = [line for line in printed.splitlines() if line.startswith("ok")]
    for part in ("GiB free", "models will belong to atelier-demo", "ostris/flux-dev-lora-trainer", "logged in as"):
        assert any(part in line for line in lines), printed
    assert "server(s): Atelier Studio" in printed
    assert "Traceback" not in printed


async def test_doctor_says_what_to_do_about_a_wrong_token(stage: Stage, tmp_path: Path):
    wrong = stage.bot.settings | {"DISCORD_TOKEN": "wrong", "REPLICATE_API_TOKEN": "r9_wrong"}
    code, printed = await command(wrong | {"ATELIER_DATA_DIR": str(tmp_path / "data")}, "doctor")
    assert code == 1
    assert "FIX  Discord does not accept DISCORD_TOKEN" in printed
    assert "FIX  Replicate does not accept REPLICATE_API_TOKEN" in printed
    assert "Traceback" not in printed


async def test_sync_registers_the_commands_once(tmp_path: Path):
    async with open_world(tmp_path / "world") as world:
        settings = world.bot().settings
        code, printed = await command(settings, "sync")
        assert code == 0, printed
        assert f"registered {len(COMMANDS)} commands" in printed
        assert set(world.discord.commands) == set(COMMANDS)
        code, printed = await command(settings, "sync")
        assert (code, "registered" in printed) == (0, False), printed
        world.internet.broken["discord.com"] = "refuse"
        code, printed = await command(settings, "sync")
        assert (code, "Traceback" in printed) == (1, False), printed
        assert printed.splitlines()[-1] == "Discord cannot be reached (the proxy answered 502). Try again."


async def test_missing_settings_are_named_in_one_go():
    code, printed = await command({"ATELIER_MEMBER_BUDGET": "lots", "ATELIER_DATA_DIR": "/nowhere"}, "run")
    assert code == 2
    for name in ("DISCORD_TOKEN", "REPLICATE_API_TOKEN", "ATELIER_MEMBER_BUDGET"):
        assert name in printed
    assert "Traceback" not in printed


async def test_what_is_over_the_budget_is_refused_with_the_sum(tmp_path: Path):
    async with open_stage(tmp_path / "world", ATELIER_MEMBER_BUDGET="0.01") as stage:
        alice = stage.alice
        report = await alice.hands_in(zipped(3), "dear", "ZIKDEAR")
        refusal = await alice.presses(report, "Start")
        check_text(refusal, "$0.01", "$1.9")
        check_text(await alice.imagines("a cheap boat", count=4), "$0.01")
        assert not stage.world.replicate.created
        check_pictures(await alice.imagines("a cheap boat"), 1)


async def test_the_articles_trainer_version_works(tmp_path: Path):
    async with open_stage(tmp_path / "world", ATELIER_TRAINER_VERSION=ARTICLES_TRAINER) as stage:
        alice = stage.alice
        check_text(await alice.hands_in(zipped(3), "odd", "ZIKODD", lora_rank=17), "16, 32, 64, 128")
        check_pictures(await alice.trains(zipped(4), "article", "ZIKART"), 1)
        (made,) = stage.ordered("atelier-article")
        assert made.version == ARTICLES_TRAINER
        assert made.input["input_images"].startswith("data:application/zip;base64,")


async def test_replicate_may_be_at_another_address(tmp_path: Path):
    async with open_world(tmp_path / "world") as world:
        runner = web.AppRunner(world.replicate.apps()["api.replicate.com"], access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            world.internet.broken["api.replicate.com"] = "refuse"
            bot = world.bot(None, **(PLENTY | {"REPLICATE_BASE_URL": f"http://127.0.0.1:{runner.addresses[0][1]}"}))
            await bot.start()
            check_pictures(await Stage(world, bot).alice.trains(zipped(4), "nearby", "ZIKNEAR"), 1)
            assert await bot.stop() == 0
        finally:
            await runner.cleanup()
        check_log(bot)


async def test_no_secret_is_written_anywhere(tmp_path: Path):
    planted = {"HF_TOKEN": PLANTED, "ATELIER_HF_NAMESPACE": "atelier", "ATELIER_LOG_LEVEL": "DEBUG"}
    async with open_stage(tmp_path / "world", **planted) as stage:
        alice = stage.alice
        await alice.trains(zipped(4), "silent", "ZIKSILENT")
        stage.world.replicate.habits.fail_with = "E1001"
        check_text(await alice.imagines("ZIKSILENT in the dark"), "No pictures")
        told = "".join(message.text for message in alice.person.messages(alice.channel))
        (made,) = stage.ordered("atelier-silent")
        assert made.input["hf_repo_id"].startswith("atelier/")
        directory, log = stage.bot.directory, stage.bot.log_file
    written = {path.name: path.read_bytes() for path in (log, *directory.rglob("*")) if path.is_file()}
    assert {"atelier.db", log.name} <= written.keys()
    for secret in (TOKEN, REPLICATE_TOKEN, PLANTED):
        assert secret not in told
        assert [name for name, content in written.items() if secret.encode() in content] == []
