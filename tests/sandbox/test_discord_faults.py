"""Each bad day of the sandbox's Discord, once, and what an unmodified discord.py makes of it."""

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from sandbox.bot_process import BotExitedError
from sandbox.discord import Exchange, Fault, Message, Rule
from tests.sandbox.scene import Scene
from tests.shared import FOREVER

SENDS = "POST /channels/*/messages"
FILES = "GET /*attachments/*"
ZIP = ("a.zip", b"x" * 200_000)


async def answered(scene: Scene) -> bool:
    return (await scene.alice.slash(scene.studio, "where")).acknowledged


def said(scene: Scene, text: str) -> list[Message]:
    return [message for message in scene.alice.messages(scene.studio) if message.content.startswith(text)]


async def say(scene: Scene, text: str, until: Callable[[Message], object], times: int = 1) -> Message:
    await scene.alice.slash(scene.studio, "say", text=text, times=times)
    return await scene.alice.wait_for(until)


class TestGateway:
    async def test_a_dropped_connection_is_resumed_and_what_was_missed_is_replayed(self, scene: Scene):
        sessions = set(scene.discord.gateway.sessions)
        scene.discord.gateway.disconnect(4000)
        assert await answered(scene)
        assert set(scene.discord.gateway.sessions) == sessions
        assert scene.discord.gateway.identified == 1

    async def test_op_7_makes_the_client_come_back(self, scene: Scene):
        await scene.discord.gateway.reconnect()
        assert await answered(scene)
        assert scene.discord.gateway.identified == 1

    async def test_op_9_makes_the_client_begin_anew(self, scene: Scene):
        await scene.discord.gateway.invalidate()
        await scene.discord.wait_until(lambda: scene.discord.gateway.identified == 2)
        assert await answered(scene)

    async def test_a_forgotten_session_cannot_be_resumed(self, scene: Scene):
        scene.discord.gateway.forget_sessions()
        scene.discord.gateway.disconnect(4009)
        await scene.discord.wait_until(lambda: scene.discord.gateway.identified == 2)
        assert await answered(scene)

    async def test_a_fatal_close_code_ends_the_client(self, scene: Scene):
        scene.discord.gateway.disconnect(4004)
        assert await scene.bot.wait() != 0

    async def test_a_client_that_wants_more_than_it_may_is_sent_away(self, scene: Scene):
        await scene.bot.stop()
        scene.discord.gateway.allowed_intents = 0
        with pytest.raises(BotExitedError, match="privileged intents"):
            await scene.bot.start()


class TestLimits:
    async def test_a_client_that_reads_the_headers_is_never_refused(self, scene: Scene):
        scene.discord.rest.limits.rules = (Rule(SENDS.replace("*", ":id"), 5, 0.5),)
        seen: list[Exchange] = []
        scene.discord.rest.recorders.append(seen.append)
        await say(scene, "limited", lambda _message: len(said(scene, "limited")) == 12, times=12)
        assert {exchange.status for exchange in seen} <= {200, 201, 204}

    async def test_a_client_that_does_not_is_refused(self, scene: Scene):
        address = f"https://discord.com/api/v10/channels/{scene.studio.id}/messages"
        statuses = [await post(scene, address, {"content": str(number)}) for number in range(6)]
        assert statuses == [200] * 5 + [429]

    async def test_all_routes_together_have_a_limit(self, scene: Scene):
        scene.discord.rest.limits.overall = Rule("global", 3, 60.0)
        address = f"https://discord.com/api/v10/channels/{scene.studio.id}/typing"
        assert [await post(scene, address) for _ in range(4)] == [204, 204, 204, 429]

    @pytest.mark.parametrize(("via", "outcome"), [(True, "patient 0"), (False, "failed: HTTPException 429 0")])
    async def test_a_429_is_waited_out_only_with_via(self, scene: Scene, via: bool, outcome: str):
        scene.discord.rest.via = via
        scene.discord.faults.append(Fault(SENDS, status=429, retry_after=0.05))
        await say(scene, "patient", lambda message: message.content == outcome)


class TestReplies:
    @pytest.mark.parametrize("after_effect", [False, True])
    async def test_a_500_is_repeated_and_the_nonce_keeps_it_one_message(self, scene: Scene, after_effect: bool):
        scene.discord.faults.append(Fault(SENDS, status=500, after_effect=after_effect))
        repeated = await sends(scene, "once", 2)
        assert len(said(scene, "once")) == 1
        assert [exchange.status for exchange in repeated] == [500, 200]

    async def test_a_nonce_is_forgotten_after_a_few_minutes(self, scene: Scene):
        scene.discord.rest.nonce_window = -1
        scene.discord.faults.append(Fault(SENDS, status=500, after_effect=True))
        await sends(scene, "twice", 2)
        assert len(said(scene, "twice")) == 2

    async def test_a_late_reply_is_waited_for(self, scene: Scene):
        scene.discord.faults.append(Fault(SENDS, delay=0.3))
        (late,) = await sends(scene, "late", 1)
        assert late.status == 200

    async def test_a_lost_reply_leaves_a_message_that_the_bot_thinks_was_not_sent(self, scene: Scene):
        scene.discord.faults.append(Fault(SENDS, lost=True))
        await say(scene, "lost", lambda message: message.content.startswith("failed: ServerDisconnectedError"))
        assert len(said(scene, "lost")) == 1

    async def test_a_request_cut_off_before_its_effect_leaves_nothing(self, scene: Scene):
        scene.discord.faults.append(Fault(SENDS, dropped=True))
        await say(scene, "dropped", lambda message: message.content.startswith("failed: ServerDisconnectedError"))
        assert not said(scene, "dropped")

    async def test_a_refusal_has_the_code_and_words_that_were_ordered(self, scene: Scene):
        scene.discord.faults.append(Fault(SENDS, status=403, code=50013, message="Missing Permissions"))
        await say(scene, "no", lambda message: message.content == "failed: Forbidden 403 50013")


class TestFiles:
    async def read(self, scene: Scene) -> str:
        thinking = (await scene.alice.slash(scene.studio, "train", images=ZIP)).message
        return (await scene.alice.wait_for(lambda message: message.id == thinking.id and not message.loading)).text

    async def test_an_address_expires(self, scene: Scene):
        scene.discord.signer.lifetime = -1
        assert await self.read(scene) == "read failed: NotFound 404 0"

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [
            (Fault(FILES, keep_bytes=1000), "read failed: ClientPayloadError"),
            (Fault(FILES, bytes_per_second=2_000_000), "read 200000"),
            (Fault(FILES, status=503), "read failed: HTTPException 503"),
            (Fault(FILES, body=b"<html>a page</html>"), "read 19"),
        ],
    )
    async def test_a_file_comes_short_slow_or_not_at_all(self, scene: Scene, fault: Fault, outcome: str):
        scene.discord.faults.append(fault)
        assert outcome in await self.read(scene)


async def sends(scene: Scene, text: str, count: int) -> list[Exchange]:
    """Let the bot send one message and return its first `count` requests to that end."""
    seen: asyncio.Queue[Exchange] = asyncio.Queue()

    def note(exchange: Exchange) -> None:
        if exchange.path.startswith("/channels/"):
            seen.put_nowait(exchange)

    scene.discord.rest.recorders.append(note)
    await scene.alice.slash(scene.studio, "say", text=text)
    async with asyncio.timeout(FOREVER):
        return [await seen.get() for _ in range(count)]


async def post(scene: Scene, address: str, body: dict[str, str] | None = None) -> int:
    """Post as a client that has never heard of rate limits."""
    trusted = scene.internet.trust()
    headers = {"Authorization": f"Bot {scene.discord.token}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(ssl=trusted)) as session:
        proxy = scene.internet.environment()["HTTPS_PROXY"]
        async with session.post(address, json=body, proxy=proxy) as reply:
            return reply.status
