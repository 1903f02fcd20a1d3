"""How this Replicate misbehaves on demand: single faults of the wire, and standing bad habits."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from aiohttp import web

from sandbox.prose import Habit
from sandbox.replicate.ledger import Credit

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CHUNK = 64 << 10  # bytes
LIST_DELAY = 3.0  # real seconds; how late Replicate's lists are was never measured
LOOK = 0.05  # seconds between two looks whether a client is still there
_background: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly


@dataclass(kw_only=True)
class Fault:
    """One thing that goes wrong with requests like `match`, a glob over "POST /v1/models/x/y/versions/z/trainings".

    Without `after_effect` the request has no effect. `lost` drops the connection without an answer, `hang` never
    answers, `status` answers that; with none of them the request is only `delay` real seconds late. With `late` the
    connection is dropped, and the request is carried out when that is set, whoever has left by then. With a status,
    `encoding` says how the bytes of the body are packed, `drip` sends a byte of it every so many real seconds, and
    `endless` sends it again and again until the client has left.
    """

    match: str
    times: int = 1
    skip: int = 0
    status: int | None = None
    body: Any = None
    after_effect: bool = False
    delay: float = 0
    lost: bool = False
    hang: bool = False
    late: asyncio.Event | None = None
    retry_after: str | None = None
    encoding: str | None = None
    drip: float = 0
    endless: bool = False
    met: int = 0  # how often it struck
    sent: int = 0  # bytes that were dripped, or sent without end, before the client left

    def strikes(self, method: str, path: str) -> bool:
        """Say whether it strikes this request, and count it."""
        if self.times <= 0 or not fnmatchcase(f"{method} {path}", self.match):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.met += 1
        return True

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let it happen to a request."""
        await asyncio.sleep(self.delay)
        if self.late:
            await request.read()  # nothing can be read any more once the connection is gone
            _background.add(task := asyncio.create_task(_carry_out(request, handler, self.late)))
            task.add_done_callback(_background.discard)
        harmless = not (self.lost or self.hang or self.status or self.late)
        response = await handler(request) if self.after_effect or harmless else None
        if self.hang:
            await _gone(request)
        if (self.lost or self.late) and request.transport is not None:
            request.transport.abort()
        if response is not None and self.status is None:
            return response
        if self.drip or self.endless:
            return await self._stream(request)
        return self._reply()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Send a body for longer than anybody should listen."""
        body, step = self._body(), 1 if self.drip else CHUNK
        stream = web.StreamResponse(status=self.status or 500, headers=self._headers())
        await stream.prepare(request)
        with suppress(ConnectionError):  # the client has left
            while True:
                for start in range(0, len(body), step):
                    await stream.write(body[start : start + step])
                    self.sent += min(step, len(body) - start)
                    await asyncio.sleep(self.drip)
                if not self.endless:
                    break
        return stream

    def _headers(self) -> dict[str, str]:
        told = {"Retry-After": self.retry_after, "Content-Encoding": self.encoding}
        return {name: value for name, value in told.items() if value is not None}

    def _body(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def _reply(self) -> web.Response:
        headers = self._headers()
        status = self.status or 500
        if isinstance(self.body, (str, bytes)):
            return web.Response(
                status=status, body=self.body, content_type="text/html", charset="utf-8", headers=headers
            )
        body = self.body if self.body is not None else {"detail": "Internal server error", "status": status}
        return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")


async def _carry_out(request: web.Request, handler: Handler, when: asyncio.Event) -> None:
    """Do what is asked, with nobody there to hear of it."""
    await when.wait()
    await handler(request)


async def _gone(request: web.Request) -> None:
    """Wait until the client has left, of which aiohttp tells no handler."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - so there is nothing to await
        await asyncio.sleep(LOOK)


ERRORS = {
    "NSFW": "All generated images contained NSFW content. Try running it again with a different prompt.",
    "NSFW (old)": "NSFW content detected. Try running it again, or try a different prompt.",
    "E005": "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
    "PA": "Prediction interrupted; please retry (code: PA)",
    "E9828": "Director: unexpected error handling prediction (E9828)",
    "E1001": "CUDA out of memory. (E1001)",
    "E6716": "Timeout starting prediction (E6716)",
}


@dataclass
class Habits:
    """Bad habits that last until they are reset; the default is a good day."""

    credit: Credit = "plenty"  # or less, whatever the ledger's balance says
    queue: float = 0.0  # seconds of the sandbox's time that runs wait for a machine, about
    cold_start: float = 0.0  # the same, besides, for the first run of a version: its machine has to boot
    forbidden: tuple[str, ...] = ()  # models, as owner/name, that this account may not run
    early_answers: bool = False  # answers to `Prefer: wait` come as soon as the run has begun, without an output
    moderation: float = 0.0  # the share of pictures that the safety check holds back, whatever they show
    fail_with: str | None = None  # a key of ERRORS, or any text
    list_delay: float = 0.0  # real seconds after which a new run is in its list at the latest; each is late by chance
    stuck: Literal["starting", "processing"] | None = None
    abort: bool = False  # jobs end `aborted` before they start
    status_word: str | None = None  # shown instead of the true status
    output_shape: Literal["null", "dict", "string", "list", "number"] | None = None
    no_version: Literal["version", "weights", "both"] | None = None  # what a succeeded training lacks
    outputs: Literal["missing", "short", "wrong type", "bomb", "redirect", "server error"] | None = None
    writing: Habit | None = None  # what language models do to a prompt that they are to rewrite
    inline_outputs: bool = False  # data: URIs in replies to `Prefer: wait`
    webhooks: Literal["duplicate", "reorder", "forge", "stale", "none"] | None = None
    missing_keys: tuple[str, ...] = ()  # left out of every job shown
