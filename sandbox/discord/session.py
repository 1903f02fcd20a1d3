"""What one IDENTIFY begins, and the websockets that carry it one after the other; knows no guilds and no faults."""

import asyncio
import secrets
import zlib
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import orjson
import zstandard
from aiohttp import web

from sandbox.discord.answers import Answers
from sandbox.discord.cdn import Signer
from sandbox.discord.live import LiveEnv, Payload, Subscription

REPLAYED = 5000  # events that a session keeps for RESUME


class Op(IntEnum):
    """Kinds of messages, by Discord's numbers."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Connection:
    """One websocket; its compression is a stream, so whatever is sent passes here in order."""

    def __init__(self, ws: web.WebSocketResponse, compress: str | None, answers: Answers) -> None:
        self.closing: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.session: Session | None = None
        self.pump: asyncio.Task[None] | None = None
        self._ws, self._squeeze, self._answers = ws, _compressor(compress), answers
        self._received = 0  # how many answers of Discord's the client has
        self._pong: asyncio.Future[None] | None = None

    async def send(self, op: int, data: Any = None) -> None:
        """Send a message that is no event."""
        await self.send_raw(orjson.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def send_raw(self, raw: bytes) -> None:
        """Send JSON."""
        await (self._ws.send_bytes(self._squeeze(raw)) if self._squeeze else self._ws.send_str(raw.decode()))

    async def reach(self, answers: int) -> None:
        """Return when the client has received the first so many answers: one round trip after they were written.

        The pong says that the client's loop has read what lay in its sockets; a pause would say nothing of a busy loop.
        """
        while self._received < answers:
            await self._answers.wait_written(answers)
            written, self._pong = self._answers.written, asyncio.get_running_loop().create_future()
            await self._ws.ping()
            await self._pong
            self._received = written

    def ponged(self) -> None:
        """Note the client's answer to a ping."""
        if self._pong is not None and not self._pong.done():
            self._pong.set_result(None)

    def close(self, code: int) -> None:
        """End the connection with this code; safe to call from anywhere."""
        # The task that reads must close: WebSocketResponse.close() in another drops TCP, and a client sees 1006.
        if not self.closing.done():
            self.closing.set_result(code)


class Event(NamedTuple):
    """An entry of a session's log."""

    raw: bytes
    answers: int = 0  # how many answers of Discord's the client must have before it
    interaction: int | None = None


class Session:
    """What one IDENTIFY began: a numbered log of events, shaped by its intents, which outlives its connections."""

    def __init__(self, env: LiveEnv, signer: Signer, answers: Answers, identify: Payload) -> None:
        self.id = secrets.token_hex(16)
        self.seq = 0
        self.left: float | None = None  # when its connection ended
        self._shard, self._shards = identify.get("shard") or (0, 1)
        self._env, self._signer, self._answers = env, signer, answers
        self._log, self._news = dict[int, Event](), asyncio.Event()
        self.subscription = Subscription(env.backend, identify["intents"], self.push)

    def concerns(self, guild_id: int) -> bool:
        """Say whether a guild belongs to this session's shard."""
        return (guild_id >> 22) % self._shards == self._shard

    def feed(self, event: str, payload: Mapping[str, Any]) -> None:
        """Deliver an event that this session's shard and intents let it see."""
        about_guild = event.startswith("GUILD_") and "guild_id" not in payload
        if self.concerns(int(payload["id"] if about_guild else payload.get("guild_id") or 0)):
            self.subscription.feed(event, payload)

    def push(self, event: str, payload: Payload) -> None:
        """Append an event to the log."""
        self.seq += 1
        raw = self._signer.sign(orjson.dumps({"op": Op.DISPATCH, "t": event, "s": self.seq, "d": payload}))
        by_person = event == "INTERACTION_CREATE"  # who saw the effects of everything before, as the bot has by then
        self._log[self.seq] = Event(raw, self._answers.given, int(payload["id"])) if by_person else Event(raw)
        self._log.pop(self.seq - REPLAYED, None)
        self._news.set()

    def can_replay(self, after: int) -> bool:
        """Say whether everything after this number is still in the log."""
        return after >= self.seq or after + 1 in self._log

    async def pump(self, connection: Connection, seq: int) -> None:
        """Send the log after `seq`, then what comes."""
        self.left = None
        while True:
            while seq < self.seq:
                seq += 1
                event = self._log[seq]
                await connection.reach(event.answers)
                if event.interaction is not None:
                    self._env.sent(event.interaction)
                await connection.send_raw(event.raw)
            self._news.clear()
            await self._news.wait()


def _compressor(name: str | None) -> Callable[[bytes], bytes] | None:
    if name == "zlib-stream":
        zlib_stream = zlib.compressobj()
        return lambda raw: zlib_stream.compress(raw) + zlib_stream.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        zstd_stream = zstandard.ZstdCompressor().compressobj()
        return lambda raw: zstd_stream.compress(raw) + zstd_stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None
