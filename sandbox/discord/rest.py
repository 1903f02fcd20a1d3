"""Discord's REST interface over SimCord's state: limits, faults, sizes, nonces, shapes; knows no gateway."""

import asyncio
import contextlib
import io
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

import orjson
from aiohttp import web
from simcord.backend import serializers
from simcord.backend.errors import BackendError, unknown_message
from simcord.http import router

from sandbox.discord import corrections, rules
from sandbox.discord.answers import Answers
from sandbox.discord.cdn import Signer
from sandbox.discord.faults import Fault, Faults
from sandbox.discord.limits import Limits, Verdict
from sandbox.discord.live import LiveEnv, Payload, safe_name
from sandbox.discord.starts import Starts

REQUEST_LIMIT = 25 << 20  # bytes; Discord's documentation of messages
NONCE_WINDOW = 180.0  # seconds; Discord says "in the past few minutes"
LOADING = 1 << 7
MESSAGE, UPDATE, CHOICES = 4, 7, 8  # kinds of interaction callbacks


@dataclass
class Upload:
    """A file of a multipart request, as SimCord takes it."""

    key: str
    filename: str
    data: bytes
    description: str | None = None

    @property
    def fp(self) -> io.BytesIO:
        """The file to read."""
        return io.BytesIO(self.data)


@dataclass
class Exchange:
    """One request and its answer, for whoever checks them against a contract; bodies are JSON as it was sent."""

    method: str
    path: str
    query: dict[str, str]
    sent: bytes
    files: list[Upload]
    status: int
    answer: bytes


@dataclass
class Request:
    """What a request says, read once."""

    method: str
    path: str
    query: dict[str, str]
    reason: str | None
    arrived: float
    raw: bytes = b""
    body: Payload | list[Any] | None = None
    files: list[Upload] = field(default_factory=list[Upload])

    @property
    def segments(self) -> tuple[str, str, list[str]]:
        """The kind of resource, its id, and what follows."""
        kind, number, *rest = [*self.path.removeprefix("/").split("/"), ""]
        return kind, number, [part for part in rest if part]

    @property
    def fields(self) -> Payload:
        """The body when it is an object, otherwise nothing."""
        return self.body if isinstance(self.body, dict) else {}


class Rest:
    """The application behind discord.com."""

    def __init__(
        self, env: LiveEnv, token: str, faults: Faults, signer: Signer, *, answers: Answers, starts: Starts
    ) -> None:
        self.limits = Limits()
        self.via = True  # without Via, discord.py takes a 429 for a ban by Cloudflare
        self.request_limit = REQUEST_LIMIT
        self.nonce_window = NONCE_WINDOW
        self.recorders: list[Callable[[Exchange], None]] = []
        self.gaps: deque[str] = deque(maxlen=100)  # what the bot used and this Discord lacks
        self._env, self._backend, self._token, self._faults, self._signer = env, env.backend, token, faults, signer
        self._answers, self._starts = answers, starts
        self._nonces: dict[tuple[str, str], tuple[int, float]] = {}  # channel and nonce -> message, and when
        self.app = web.Application(client_max_size=512 << 20)
        self.app.router.add_route("*", r"/api/v{version:\d+}/{tail:.*}", self._handle)

    async def _handle(self, wire: web.Request) -> web.Response:
        request = await self._read(wire)
        verdict = self.limits.take(request.method, request.path)
        fault = self._faults.take(request.method, request.path)
        if fault is not None and fault.cloudflare:
            return _by_cloudflare(fault)
        if fault is not None and fault.status == 429:
            verdict.wait = fault.retry_after
        if verdict.wait:
            return self._finished(_limited(verdict), verdict, request)
        if fault is not None:  # people do not wait for an answer that is late by intention
            return self._finished(await self._faulty(fault, request, wire), verdict, request)
        with self._answers.giving():
            reply = self._finished(self._effect(request, wire), verdict, request)
            with contextlib.suppress(ConnectionError):  # whoever hung up gets no answer
                await reply.prepare(wire)
                await reply.write_eof()
        return reply

    def _finished(self, reply: web.Response, verdict: Verdict, request: Request) -> web.Response:
        reply.headers.update(verdict.headers)
        if self.via:
            reply.headers["Via"] = "1.1 google"
        self._record(request, reply)
        return reply

    async def _faulty(self, fault: Fault, request: Request, wire: web.Request) -> web.Response:
        reply = _answer({"message": fault.message, "code": fault.code}, fault.status or 500)
        if fault.body is None and not fault.dropped and (fault.status is None or fault.after_effect):
            effect = self._effect(request, wire)
            reply = effect if fault.status is None else reply
        if fault.body is not None:
            reply = web.Response(body=fault.body, content_type="application/json")
        await asyncio.sleep(fault.delay)
        if (fault.lost or fault.dropped) and wire.transport is not None:
            wire.transport.abort()
        return reply

    def _effect(self, request: Request, wire: web.Request) -> web.Response:
        """Do what the request asks of the world."""
        kind, number, rest = request.segments
        is_known = wire.headers.get("Authorization") == f"Bot {self._token}" and not self._starts.exceeded
        if kind not in ("interactions", "webhooks") and not is_known:
            return _answer({"message": "401: Unauthorized", "code": 0}, 401)
        if kind == "gateway":
            limit = self._starts.told()
            return _answer({"url": "wss://gateway.discord.gg", "shards": 1, "session_start_limit": limit})
        try:
            self._check(request)
            out = self._known(request) or self._dispatch(request)
        except BackendError as error:
            if error.status == 501:
                self.gaps.append(str(error))
            return _answer(rules.as_discord_says(error), error.status)
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # a body that SimCord did not expect
            self.gaps.append(f"{request.method} {request.path}: {error!r}")
            return _answer({"message": "Invalid Form Body", "code": 50035, "errors": {}}, 400)
        if kind == "interactions":
            self._env.acknowledge(int(number), request.arrived)
        elif kind == "webhooks" and request.method == "POST":
            self._backend.tell()  # SimCord counts a follow-up among an interaction's only after it has published it
        wanted = {"interactions": "with_response", "webhooks": "wait"}.get(kind if request.method == "POST" else "")
        if out is None or (wanted and request.query.get(wanted) not in ("1", "true")):
            return web.Response(status=204)
        created = request.method == "POST" and rest[-1:] == ["commands"]
        return _answer(self._signer.sign(orjson.dumps(out)), 201 if created else 200)

    def _dispatch(self, request: Request) -> Any:
        backend = self._backend
        kind, number, _ = request.segments
        body = request.fields
        if request.method == "PATCH":
            body.pop("enforce_nonce", None)  # discord.js sends it with edits; Discord ignores it there
        path = corrections.INSTEAD.get(f"{request.method} {request.path}", request.path)
        backend.nonce = body.get("nonce")
        try:
            with backend.files.of_messages():
                out = router.dispatch(
                    backend,
                    request.method,
                    path,
                    json=request.body,
                    params=cast("Payload", request.query),
                    files=request.files,
                    reason=request.reason,
                )
        finally:
            backend.nonce = None
        if kind == "interactions":
            out["interaction"] = {key: value for key, value in out["interaction"].items() if value is not None}
        if body.get("enforce_nonce") and "id" in out:
            self._remember((number, str(body["nonce"])), int(out["id"]))
        return out

    def _remember(self, key: tuple[str, str], message_id: int) -> None:
        """Keep a nonce for as long as it counts."""
        now = self._backend.clock.now().timestamp()
        self._nonces = {old: seen for old, seen in self._nonces.items() if now - seen[1] <= self.nonce_window}
        self._nonces[key] = message_id, now

    def _known(self, request: Request) -> Payload | None:
        """Return the message that this very nonce made a few minutes ago."""
        kind, number, _ = request.segments
        body = request.fields
        key = number, str(body.get("nonce"))
        if kind != "channels" or not body.get("enforce_nonce") or key not in self._nonces:
            return None
        message_id, since = self._nonces[key]
        message = self._backend.messages.get(int(number), {}).get(message_id)
        if message is None or self._backend.clock.now().timestamp() - since > self.nonce_window:
            return None  # deleted since, or too long ago
        return {**serializers.message_payload(self._backend, message), "nonce": body["nonce"]}

    def _check(self, request: Request) -> None:
        """Refuse what Discord refuses and SimCord does not."""
        kind, number, rest = request.segments
        self._check_sizes(request)
        body = request.fields
        if kind == "interactions" and body.get("type") in (MESSAGE, UPDATE):
            rules.check_message(body.get("data") or {}, len(request.files))
        elif kind == "interactions" and body.get("type") == CHOICES:
            data: Payload = body.get("data") or {}
            rules.check_choices(data.get("choices") or [])
        elif kind in ("channels", "webhooks") and request.method in ("POST", "PATCH"):
            rules.check_message(body, len(request.files))
        if kind == "channels" and request.method == "PATCH" and rest[:1] == ["messages"] and len(rest) == 2:
            message = self._backend.get_message(int(number), int(rest[1]))
            # What Discord does here is not documented. An answer that is still "thinking" belongs to its interaction.
            if message.flags & LOADING and message.interaction_metadata is not None:
                raise unknown_message()

    def _check_sizes(self, request: Request) -> None:
        if not request.files:
            return
        kind, number, rest = request.segments
        if kind == "channels":
            guild = self._backend.get_channel(int(number)).guild_id
        else:
            token = number if not rest else rest[0]
            record = self._backend.interactions.get(self._backend.interaction_tokens.get(token, 0))
            guild = record.guild_id if record is not None else None
        largest, total = max(len(file.data) for file in request.files), sum(len(file.data) for file in request.files)
        if largest > self._backend.upload_limit(guild) or total > self.request_limit:
            raise BackendError(413, 40005, "Request entity too large")

    async def _read(self, wire: web.Request) -> Request:
        reason = unquote(wire.headers.get("X-Audit-Log-Reason", "")) or None
        path = "/" + wire.match_info["tail"]
        request = Request(wire.method, path, dict(wire.query), reason, time.perf_counter())
        if not wire.content_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
            request.raw = self._signer.unsign(await wire.read())
        else:
            for name, part in (await wire.post()).items():
                if isinstance(part, web.FileField) and name != "payload_json":
                    data = part.file.read()
                    request.files.append(Upload(name[6:-1], safe_name(part.filename), data))  # files[N]
                else:
                    text = part.file.read() if isinstance(part, web.FileField) else part
                    request.raw = self._signer.unsign(text.encode() if isinstance(text, str) else bytes(text))
        request.body = orjson.loads(request.raw) if request.raw else None
        _describe(request)
        return request

    def _record(self, request: Request, reply: web.Response) -> None:
        answer = reply.body if isinstance(reply.body, bytes) else b""
        for record in self.recorders:
            record(
                Exchange(request.method, request.path, request.query, request.raw, request.files, reply.status, answer)
            )


def _describe(request: Request) -> None:
    """Give each file the description that the JSON beside it names."""
    message = request.fields.get("data") or request.fields
    told = {str(item["id"]): item for item in message.get("attachments") or ()}
    for file in request.files:
        file.description = told.get(file.key, {}).get("description")


def _limited(verdict: Verdict) -> web.Response:
    told = {"message": "You are being rate limited.", "code": 0}
    reply = _answer({**told, "retry_after": verdict.wait, "global": verdict.is_global}, 429)
    reply.headers["Retry-After"] = f"{verdict.wait:.0f}"
    return reply


def _by_cloudflare(fault: Fault) -> web.Response:
    headers = {"Retry-After": f"{fault.retry_after:.0f}"}
    return web.Response(status=fault.status or 500, text="error code: 1015", headers=headers)


def _answer(value: Any, status: int = 200) -> web.Response:
    # Exactly application/json: discord.py takes "application/json; charset=utf-8" for text.
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})
