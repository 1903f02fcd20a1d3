"""The whole sandbox: its parts together, the bot's process in it, and the page command."""

import asyncio
import re
import signal
import socket
import sys
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest

from sandbox.__main__ import main
from sandbox.bot_process import PROJECT, BotExitedError, BotProcess
from sandbox.world import World
from tests.shared import FOREVER


async def test_a_team_a_studio_and_both_services_are_there(tmp_path: Path):
    async with World(tmp_path) as world:
        assert [person.name for person in (world.alice, world.bob, world.carol)] == ["alice", "bob", "carol"]
        backend = world.discord.backend
        assert backend.upload_limit(world.guild.id) == 50 << 20
        administrator = 1 << 3
        assert backend.compute_permissions(world.guild.id, world.alice.id) & administrator
        assert not backend.compute_permissions(world.guild.id, world.bob.id) & administrator
        proxy, trusted = world.internet.environment()["HTTPS_PROXY"], world.internet.trust()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted)) as session:
            for address in ("https://discord.com/api/v10/users/@me", "https://api.replicate.com/v1/account"):
                async with session.get(address, proxy=proxy) as reply:
                    assert reply.status == 401


async def test_a_bot_that_exits_early_is_explained_by_its_log(tmp_path: Path):
    async with World(tmp_path) as world:
        command = ("-c", "raise SystemExit('the disk is full')")
        bot = BotProcess(world.discord, tmp_path / "bot", world.internet.environment(), command=command)
        with pytest.raises(BotExitedError, match=r"exited with 1.*\n.*the disk is full"):
            await bot.start()
        assert bot.pid is None


async def test_a_bot_that_will_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sandbox.bot_process.STOP_WITHIN", 0.1)
    deaf = asyncio.Event()

    async def hear(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deaf.set()
        writer.close()

    async with World(tmp_path) as world, await asyncio.start_server(hear, "127.0.0.1", 0) as ear:
        port = ear.sockets[0].getsockname()[1]
        script = (
            "import signal, socket; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            f"said = socket.create_connection(('127.0.0.1', {port})); signal.pause()"
        )
        bot = BotProcess(world.discord, tmp_path / "bot", world.internet.environment(), command=("-c", script))
        starting = asyncio.create_task(bot.start())
        await asyncio.wait_for(deaf.wait(), FOREVER)
        assert await bot.stop() == -signal.SIGKILL
        with pytest.raises(BotExitedError):
            await starting


async def test_the_page_opens_is_printed_and_ends_cleanly(tmp_path: Path):
    process = await command_line("--no-bot", "--port", "0", "--data", str(tmp_path))
    assert process.stdout is not None
    printed = (await process.stdout.readuntil(b"SSL_CERT_FILE")).decode()
    page = re.search(r"http://127\.0\.0\.1:\d+/#\S+", printed)
    assert page is not None
    async with aiohttp.ClientSession() as session, session.get(page[0]) as reply:
        assert reply.status == 200
    process.send_signal(signal.SIGINT)
    rest = await process.stdout.read()
    assert await process.wait() == 0
    assert b"Traceback" not in rest
    assert rest.endswith(b"The sandbox is closed.\n")


async def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await command_line("--no-bot", "--port", port, "--data", str(tmp_path))
        out, _ = await process.communicate()
    assert process.returncode == 1
    assert out.decode() == f"Port {port} is in use by another program. Choose another one: python -m sandbox --port N\n"


async def test_a_fresh_start_forgets_what_earlier_runs_left(tmp_path: Path):
    left = [tmp_path / "bot" / "atelier.db", tmp_path / "replicate" / "old", tmp_path / "discord-commands.json"]
    mine = tmp_path / "notes.txt"
    for file in (*left, mine):
        file.parent.mkdir(exist_ok=True)
        file.write_text("[]")
    process = await command_line("--no-bot", "--fresh", "--port", "0", "--data", str(tmp_path))
    assert process.stdout is not None
    await process.stdout.readuntil(b"SSL_CERT_FILE")
    process.terminate()
    await process.communicate()
    assert process.returncode == 0
    assert not any(file.exists() for file in left)
    assert mine.exists()


def test_other_words_are_other_programs(monkeypatch: pytest.MonkeyPatch):
    tour = ModuleType("sandbox.tour")
    seen: list[list[str]] = []
    tour.main = lambda arguments: seen.append(arguments) or 3  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "sandbox.tour", tour)
    assert main(["tour", "--zip", "a.zip"]) == 3
    assert seen == [["--zip", "a.zip"]]


async def command_line(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", *arguments),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
