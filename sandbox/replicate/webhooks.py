"""Sends signed webhooks as Replicate does, or as someone would who pretends to be it."""

import asyncio
import base64
import hashlib
import hmac
import logging
import time
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.replicate.clock import Clock
from sandbox.replicate.faults import Habits
from sandbox.replicate.jobs import Job, current_view
from sandbox.replicate.state import State

log = logging.getLogger(__name__)

THROTTLE = 0.5  # seconds between two webhooks about output or logs
BACKOFF = (1, 2, 4, 8, 16, 30)  # seconds; the last try comes about a minute after completion
TIMEOUT = ClientTimeout(total=10)


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Sign a body by Standard Webhooks: HMAC-SHA256 over `id.timestamp.body` with the decoded part of the secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def acceptable(url: str) -> bool:
    """Say whether Replicate would call this address; plain http passes only to this machine, for tests."""
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


class Courier:
    """Carries webhooks; only the last one about a job is tried again."""

    def __init__(self, state: State, clock: Clock, habits: Habits) -> None:
        self._state, self._clock, self._habits = state, clock, habits
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, float] = {}
        self._held: dict[str, bytes] = {}

    async def close(self) -> None:
        """Drop what is still on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def tell(self, job: Job, event: str, extra: dict[str, Any] | None = None) -> None:
        """Announce `start`, `output`, `logs` or `completed` to the webhook of a job, if it wants that."""
        if not job.webhook or self._habits.webhooks == "none" or not self._wanted(job, event):
            return
        body = orjson.dumps(current_view(job, job.kind) | (extra or {}))
        if self._habits.webhooks == "reorder" and event != "completed":
            self._held[job.id] = body
            return
        copies = 10 if self._habits.webhooks == "duplicate" else 1
        message_id = self._state.ids.message()
        for _ in range(copies):
            self._spawn(self._carry(job.webhook, message_id, body, last=event == "completed"))
        late = self._held.pop(job.id, None)
        if late is not None:
            self._spawn(self._carry(job.webhook, self._state.ids.message(), late, last=False, wait=0.2))

    def _wanted(self, job: Job, event: str) -> bool:
        if event not in (job.events or ("output", "completed")):
            return False
        if event in {"start", "completed"}:
            return True
        moment = time.monotonic()
        if moment - self._last.get(job.id, -1e9) < self._clock.wall(THROTTLE):
            return False
        self._last[job.id] = moment
        return True

    def _spawn(self, carrying: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(carrying, name="webhook")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, url: str, message_id: str, body: bytes, *, last: bool, wait: float = 0) -> None:
        habit = self._habits.webhooks  # for all tries: what was forged is not signed well a second later
        await self._clock.sleep(wait)
        for pause in (*BACKOFF, None):
            if await self._post(url, message_id, body, habit) or not last or pause is None:
                return
            await self._clock.sleep(pause)

    async def _post(self, url: str, message_id: str, body: bytes, habit: str | None) -> bool:
        age = 86_400 if habit == "stale" else 0
        timestamp = str(int(time.time()) - age)
        secret = "whsec_" + "AAAA" * 8 if habit == "forge" else self._state.secret
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(secret, message_id, timestamp, body),
            "content-type": "application/json",
            "user-agent": "Replicate/1.0",
        }
        if self._session is None:
            self._session = ClientSession(timeout=TIMEOUT)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as reply:
                return reply.status < 400
        except (ClientError, TimeoutError) as error:
            log.info("webhook to %s not delivered: %s", urlsplit(url).netloc, error)
            return False
