"""Discord's gateway: sessions that outlive their connections, RESUME with replay, and its bad days on demand."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiohttp import WSMsgType, web
from simcord.backend import serializers

from sandbox.discord.answers import Answers
from sandbox.discord.cdn import Signer
from sandbox.discord.faults import Fault, Faults
from sandbox.discord.live import LiveEnv, Payload
from sandbox.discord.session import Connection, Op, Session
from sandbox.discord.starts import Starts

RESUMABLE_FOR = 180.0  # seconds that a session outlives its connection
HEARTBEAT_MS = 41_250
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4004, 4014


class Gateway:
    """The application behind gateway.discord.gg."""

    def __init__(
        self, env: LiveEnv, token: str, faults: Faults, signer: Signer, *, answers: Answers, starts: Starts
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # how many times a client began a new session
        self.heartbeats_answered = True
        self.allowed_intents = ~PRIVILEGED
        self._env, self._backend, self._token, self._signer, self._answers = env, env.backend, token, signer, answers
        self._faults, self._starts = faults, starts
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

    async def garble(self, text: str) -> None:
        """Send every client something that is not an event."""
        for connection in tuple(self._connections):
            await connection.send_raw(text.encode())

    async def _goodbye(self, _app: web.Application) -> None:
        self.disconnect(1001)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("CONNECT", "/gateway") or Fault("")
        if fault.status is not None:
            return web.Response(status=fault.status, headers={"Retry-After": f"{fault.retry_after:.0f}"})
        ws = web.WebSocketResponse(compress=False, max_msg_size=0, autoping=False)
        if not fault.dropped:
            await ws.prepare(request)
        if (fault.dropped or fault.lost) and request.transport is not None:
            request.transport.abort()
        elif fault.code:
            await ws.close(code=fault.code)
        else:
            await asyncio.sleep(fault.delay)
            await self._converse(ws, Connection(ws, request.query.get("compress"), self._answers))
        return ws

    async def _converse(self, ws: web.WebSocketResponse, connection: Connection) -> None:
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
                if received["op"] in answers and not self._closes(connection, received["op"]):
                    await answers[received["op"]](connection, received["d"])
            elif message.type is WSMsgType.PING:
                await ws.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.ponged()

    def _closes(self, connection: Connection, op: int) -> bool:
        """Close the connection instead of an answer, if it is to be; an IDENTIFY counts all the same."""
        if op not in (Op.IDENTIFY, Op.RESUME):
            return False
        code = 0 if op == Op.RESUME or self._starts.take() else AUTHENTICATION_FAILED
        if fault := self._faults.take(Op(op).name, "/gateway"):
            code = fault.code
        if code:
            connection.close(code)
        return code != 0

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
        session = Session(self._env, self._signer, self._answers, identify)
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
