"""Discord's gateway: sessions that outlive their connections, RESUME with replay, and its bad days on demand."""

import asyncio
import secrets
import time
import zlib
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

import orjson
import zstandard
from aiohttp import WSMsgType, web
from simcord.backend import serializers

from sandbox.discord.cdn import Signer
from sandbox.discord.live import LiveBackend, Payload, Subscription

REPLAYED = 5000  # events that a session keeps for RESUME
RESUMABLE_FOR = 180.0  # seconds that a session outlives its connection
HEARTBEAT_MS = 41_250
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4004, 4014


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

    def __init__(self, ws: web.WebSocketResponse, compress: str | None) -> None:
        self.closing: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.session: Session | None = None
        self.pump: asyncio.Task[None] | None = None
        self._ws, self._squeeze = ws, _compressor(compress)

    async def send(self, op: int, data: Any = None) -> None:
        """Send a message that is no event."""
        await self.send_raw(orjson.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def send_raw(self, raw: bytes) -> None:
        """Send JSON."""
        await (self._ws.send_bytes(self._squeeze(raw)) if self._squeeze else self._ws.send_str(raw.decode()))

    def close(self, code: int) -> None:
        """End the connection with this code; safe to call from anywhere."""
        # The task that reads must close: WebSocketResponse.close() in another drops TCP, and a client sees 1006.
        if not self.closing.done():
            self.closing.set_result(code)


class Session:
    """What one IDENTIFY began: a numbered log of events, shaped by its intents, which outlives its connections."""

    def __init__(self, backend: LiveBackend, signer: Signer, identify: Payload) -> None:
        self.id = secrets.token_hex(16)
        self.seq = 0
        self.left: float | None = None  # when its connection ended
        self._shard, self._shards = identify.get("shard") or (0, 1)
        self._signer, self._log, self._news = signer, dict[int, bytes](), asyncio.Event()
        self.subscription = Subscription(backend, identify["intents"], self.push)

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
        raw = orjson.dumps({"op": Op.DISPATCH, "t": event, "s": self.seq, "d": payload})
        self._log[self.seq] = self._signer.sign(raw)
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
                await connection.send_raw(self._log[seq])
            self._news.clear()
            await self._news.wait()


class Gateway:
    """The application behind gateway.discord.gg."""

    def __init__(self, backend: LiveBackend, token: str, signer: Signer) -> None:
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # how many times a client began a new session
        self.heartbeats_answered = True
        self.allowed_intents = ~PRIVILEGED
        self._backend, self._token, self._signer = backend, token, signer
        self._connections: set[Connection] = set()
        self._latest: dict[str, Mapping[str, Any]] = {}  # by event
        self.app = web.Application()
        self.app.router.add_get("/", self._connect)
        self.app.on_shutdown.append(self._goodbye)

    @property
    def connected(self) -> bool:
        """Whether a client listens to a session at this moment."""
        return any(connection.session is not None for connection in self._connections)

    def feed(self, event: str, payload: Mapping[str, Any]) -> None:
        """Deliver an event to every session that may see it."""
        self._latest[event] = payload
        for session in self.sessions.values():
            session.feed(event, payload)

    def repeat(self, event: str) -> None:
        """Deliver the latest event of this name once more, as a replay does that begins too early."""
        self.feed(event, self._latest[event])

    async def reconnect(self) -> None:
        """Ask every client to come back and RESUME (op 7)."""
        for connection in tuple(self._connections):
            await connection.send(Op.RECONNECT)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        if not resumable:
            self.sessions.clear()
        for connection in tuple(self._connections):
            await connection.send(Op.INVALID_SESSION, resumable)

    def forget_sessions(self) -> None:
        """Lose every session: the next RESUME is refused."""
        self.sessions.clear()

    def disconnect(self, code: int = 4000) -> None:
        """Close every connection with this code; sessions stay, to be resumed."""
        for connection in self._connections:
            connection.close(code)

    async def _goodbye(self, _app: web.Application) -> None:
        self.disconnect(1001)

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=0)
        await ws.prepare(request)
        connection = Connection(ws, request.query.get("compress"))
        self._connections.add(connection)
        await connection.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        listening = asyncio.create_task(self._listen(ws, connection))
        try:
            await asyncio.wait((listening, connection.closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.discard(connection)
            await _cancel(listening)
            await _cancel(connection.pump)
        if connection.closing.done():
            await ws.close(code=connection.closing.result())
        self._leave(connection, said_goodbye=ws.close_code in (1000, 1001) and not connection.closing.done())
        return ws

    def _leave(self, connection: Connection, *, said_goodbye: bool) -> None:
        """Let the session of an ended connection wait to be resumed, unless its client ended it."""
        if connection.session is None:
            return
        connection.session.left = time.monotonic()
        if said_goodbye:
            self.sessions.pop(connection.session.id, None)
        self._backend.tell()

    async def _listen(self, ws: web.WebSocketResponse, connection: Connection) -> None:
        answers: dict[int, Callable[[Connection, Any], Any]] = {
            Op.HEARTBEAT: self._heartbeat,
            Op.IDENTIFY: self._identify,
            Op.RESUME: self._resume,
            Op.REQUEST_MEMBERS: self._members,
        }
        async for message in ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                received = orjson.loads(message.data)
                if received["op"] in answers:
                    await answers[received["op"]](connection, received["d"])

    async def _heartbeat(self, connection: Connection, _seq: int | None) -> None:
        if self.heartbeats_answered:
            await connection.send(Op.HEARTBEAT_ACK)

    async def _members(self, connection: Connection, request: Payload) -> None:
        if connection.session is not None:
            await connection.session.subscription.request_members(request)

    async def _identify(self, connection: Connection, identify: Payload) -> None:
        """Begin a session: READY, then every guild of its shard."""
        if identify["token"].removeprefix("Bot ") != self._token:
            return connection.close(AUTHENTICATION_FAILED)
        if identify["intents"] & ~self.allowed_intents:
            return connection.close(DISALLOWED_INTENTS)
        self._forget_the_long_gone()
        session = Session(self._backend, self._signer, identify)
        mine = [guild for guild in self._backend.guilds.values() if session.concerns(guild.id)]
        session.push(
            "READY",
            {
                "v": 10,
                "user": serializers.user_payload(self._backend.bot_user),
                "session_id": session.id,
                "session_type": "normal",
                "shard": identify.get("shard") or (0, 1),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
                "resume_gateway_url": "wss://gateway.discord.gg",
                "application": {"id": str(self._backend.application_id), "flags": 0},
            },
        )
        for guild in mine:
            session.feed("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))
        self.sessions[session.id] = session
        self.identified += 1
        self._attach(connection, session, 0)
        return None

    async def _resume(self, connection: Connection, resume: Payload) -> None:
        session = self.sessions.get(resume["session_id"])
        if session is None or not session.can_replay(resume["seq"]):
            await connection.send(Op.INVALID_SESSION, data=False)
            return
        session.push("RESUMED", {})
        self._attach(connection, session, resume["seq"])

    def _attach(self, connection: Connection, session: Session, seq: int) -> None:
        connection.session = session
        connection.pump = asyncio.create_task(session.pump(connection, seq))
        self._backend.tell()

    def _forget_the_long_gone(self) -> None:
        now = time.monotonic()
        kept = {key: old for key, old in self.sessions.items() if now - (old.left or now) < RESUMABLE_FOR}
        self.sessions = kept


async def _cancel(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _compressor(name: str | None) -> Callable[[bytes], bytes] | None:
    if name == "zlib-stream":
        zlib_stream = zlib.compressobj()
        return lambda raw: zlib_stream.compress(raw) + zlib_stream.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        zstd_stream = zstandard.ZstdCompressor().compressobj()
        return lambda raw: zstd_stream.compress(raw) + zstd_stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None
