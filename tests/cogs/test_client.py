"""The client: what it registers and when, what it asks of Discord, how it stops."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord.backend.errors import BackendError
from simcord.env import Env

from bot.discord_client.client import AtelierClient
from bot.errors import AtelierError
from tests.cogs.conftest import Lose, Stage

Make = Callable[..., AtelierClient]
COMMANDS = "/applications/*/commands"


async def started(client: AtelierClient) -> Env:
    env = Env(client, check_errors=False)
    await env.start()
    return env


def registrations(env: Env) -> int:
    return len([request for request in env.http_requests if request.method == "PUT" and "/commands" in request.path])


async def test_the_commands_are_registered_at_the_first_start(stage: Stage):
    names = [command.name for command in await stage.client.tree.fetch_commands()]
    menus = ["Show recipe", "Use in Atelier"]
    assert sorted(names) == [
        *menus,
        "compare",
        "enrich",
        "gallery",
        "help",
        "imagine",
        "jobs",
        "models",
        "picture",
        "team",
        "train",
    ]
    assert registrations(stage.env) == 1


async def test_unchanged_commands_are_not_registered_again(stage: Stage, make_client: Make):
    await stage.env.restart_bot(make_client(stage.studio))
    assert registrations(stage.env) == 1


async def test_changed_commands_are_registered_again(stage: Stage, make_client: Make):
    await stage.env.restart_bot(make_client(stage.studio, extensions=("cogs.help",)))
    assert registrations(stage.env) == 2
    client = stage.env.bot
    assert isinstance(client, AtelierClient)
    assert [command.name for command in await client.tree.fetch_commands()] == ["help"]


async def test_commands_that_discord_forgot_are_registered_again(stage: Stage, make_client: Make):
    await stage.client.http.bulk_upsert_global_commands(stage.client.application_id or 0, payload=[])
    before = registrations(stage.env)
    await stage.env.restart_bot(make_client(stage.studio))
    assert registrations(stage.env) == before + 1


async def test_a_discord_that_registers_nothing_now_does_not_keep_the_jobs_waiting(
    make_client: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    began: list[bool] = []

    async def on_setup() -> None:
        began.append(True)

    async def refuse() -> bool:
        raise discord.RateLimited(1336.0)

    client = make_client(on_setup=on_setup)
    monkeypatch.setattr(client.registration, "sync", refuse)
    env = await started(client)
    assert (began, client.registration.done) == ([True], False)
    assert not (tmp_path / "commands.sha256").exists()
    await env.shutdown()


async def test_commands_that_discord_refuses_end_the_start_with_what_to_do(make_client: Make, lose: Lose):
    lose("PUT", "/commands", BackendError(403, 50001, "Missing Access"))
    with pytest.raises(AtelierError, match=r"not in the server 77 of ATELIER_GUILD_ID \(403, code 50001\)"):
        await started(make_client(guild_id=77))


async def test_with_a_guild_given_the_commands_are_that_guilds(make_client: Make):
    client = make_client(guild_id=77)
    env = Env(client, check_errors=False)
    env.create_guild(id=77)
    await env.start()
    assert len(await client.tree.fetch_commands(guild=discord.Object(77))) == 12
    assert await client.tree.fetch_commands() == []
    await env.shutdown()


@pytest.mark.parametrize("memory", [b"", b"\xff\xfe garbage", b"0" * 64, b"0 somewhere"])
async def test_a_memory_that_says_nothing_has_the_commands_registered_anew(
    make_client: Make, tmp_path: Path, memory: bytes
):
    (tmp_path / "commands.sha256").write_bytes(memory)
    env = await started(make_client())
    assert registrations(env) == 1
    await env.shutdown()


async def test_commands_that_move_to_one_server_or_from_it_stand_once(make_client: Make):
    client = make_client()
    env = Env(client, check_errors=False)
    env.create_guild(id=77)
    await env.start()
    for guild_id, here, everywhere in ((77, 12, 0), (None, 0, 12)):
        await env.restart_bot(make_client(guild_id=guild_id))
        tree = env.bot.tree  # pyright: ignore[reportAttributeAccessIssue] - it is our client
        known = await tree.fetch_commands(guild=discord.Object(77)), await tree.fetch_commands()
        assert tuple(map(len, known)) == (here, everywhere)
    await env.shutdown()


async def test_the_client_asks_for_guilds_only_and_mentions_nobody_by_itself(stage: Stage):
    assert stage.client.intents == discord.Intents(guilds=True)
    assert stage.client.allowed_mentions is not None
    assert stage.client.allowed_mentions.to_dict() == {"parse": []}


async def test_jobs_begin_when_everything_is_loaded_and_nothing_is_received(make_client: Make):
    seen: list[tuple[bool, bool, int]] = []

    async def on_setup() -> None:
        seen.append((hasattr(client.shared, "announcer"), client.is_ready(), len(client.cogs)))

    client = make_client(on_setup=on_setup)
    env = await started(client)
    assert seen == [(True, False, 10)]
    await env.shutdown()


async def test_closing_refuses_what_is_new_before_it_puts_down_the_jobs(make_client: Make):
    seen: list[tuple[bool, bool]] = []

    async def on_close() -> None:
        seen.append((client.closing, client.is_closed()))

    client = make_client(on_close=on_close)
    env = await started(client)
    await client.close()
    await client.close()
    assert seen == [(True, False)]
    assert client.is_closed()
    await env.shutdown()


def test_options_and_descriptions_keep_discords_limits(stage: Stage):
    for command in stage.client.tree.get_commands():
        payload: dict[str, Any] = command.to_dict(stage.client.tree)  # type: ignore[union-attr]
        if isinstance(command, app_commands.ContextMenu):
            assert 1 <= len(payload["name"]) <= 32
            continue
        for node in [payload, *payload["options"], *(o for s in payload["options"] for o in s.get("options", []))]:
            assert 1 <= len(node["description"]) <= 100
            assert node["description"] != "…", node["name"]
            assert len(node.get("options", [])) <= 25
            assert len(node.get("choices", [])) <= 25


def test_the_memory_of_commands_survives_in_the_data_directory(stage: Stage, tmp_path: Path):
    assert (tmp_path / "commands.sha256").read_text()[64:] == " everywhere"


def test_a_start_says_nothing_of_voices():
    code = (
        "import bot.discord_client.client, discord; print(discord.VoiceClient.warn_nacl, discord.VoiceClient.warn_dave)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False False\n"
