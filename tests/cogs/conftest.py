"""A real client in a SimCord guild, with the fake studio behind it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env
from simcord.http import router

from bot.app import COGS
from bot.discord_client.client import AtelierClient
from bot.studio import Studio
from tests.cogs.fake_studio import FakeStudio

Lose = Callable[[str, str, Exception], None]


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Lose:
    """Let Discord do what it is asked once, and lose its answer: method, part of the path, what is heard instead."""
    real = router.dispatch

    def lose_one(method: str, part: str, error: Exception) -> None:
        left = [error]

        def dispatch(backend: Any, asked: str, path: str, **options: Any) -> Any:
            result = real(backend, asked, path, **options)
            if left and asked == method and part in path:
                raise left.pop()
            return result

        monkeypatch.setattr(router, "dispatch", dispatch)

    return lose_one


@dataclass
class Stage:
    """What a test acts on."""

    env: Env
    client: AtelierClient
    studio: FakeStudio
    channel: ChannelHandle
    anna: MemberActor
    ben: MemberActor


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., AtelierClient]:
    def make(studio: FakeStudio | None = None, **changes: Any) -> AtelierClient:
        options: dict[str, Any] = {
            "studio": cast(Studio, studio or FakeStudio(tmp_path)),
            "extensions": COGS,
            "data_dir": tmp_path,
            "shrink": lambda path, size: b"small",
        }
        return AtelierClient(**(options | changes))

    return make


@pytest.fixture
async def stage(make_client: Callable[..., AtelierClient], tmp_path: Path) -> AsyncIterator[Stage]:
    studio = FakeStudio(tmp_path)
    client = make_client(studio)
    env = Env(client, check_errors=False)
    await env.start()
    guild = env.create_guild()
    channel = guild.create_text_channel("paint")
    anna = guild.add_member(env.create_user("anna"))
    ben = guild.add_member(env.create_user("ben"))
    yield Stage(env, client, studio, channel, anna, ben)
    await env.shutdown()
