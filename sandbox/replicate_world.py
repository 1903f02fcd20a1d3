"""A Replicate on this machine: its hosts as aiohttp applications, faults on demand, a book of what was paid."""

import json
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from sandbox.hugging_face import Hub
from sandbox.replicate import problems
from sandbox.replicate.clock import Clock
from sandbox.replicate.faults import Fault, Habits, Handler
from sandbox.replicate.fields import Json
from sandbox.replicate.files_api import Delivery, FilesApi
from sandbox.replicate.jobs_api import JobsApi, Runner
from sandbox.replicate.ledger import Created, Ledger
from sandbox.replicate.lifecycle import Lifecycle
from sandbox.replicate.limits import Bucket, Limits
from sandbox.replicate.model import Task
from sandbox.replicate.models_api import ModelsApi
from sandbox.replicate.predictor import Detail, Predictor
from sandbox.replicate.state import State
from sandbox.replicate.strangers import strangers
from sandbox.replicate.streams import Streams
from sandbox.replicate.trainer import Trainer
from sandbox.replicate.upscaler import Upscaler
from sandbox.replicate.webhooks import Courier
from sandbox.replicate.workshop import Workshop
from sandbox.replicate.writer import Writer

__all__ = ["Exchange", "Fault", "Habits", "ReplicateWorld"]

MOST_BODY = 14_000_000  # bytes of JSON, with data: URIs of ten million: Replicate's npm client puts no more into them
REMEMBERED = 2_000  # exchanges


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request to api.replicate.com and its answer; JSON bodies parsed, others None."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    request: Any
    status: int
    response: Any
    at: float


class ReplicateWorld:
    """Replicate with one account.

    `directory` keeps models and weights over a restart; `speed` shortens every wait; `workers` are processes that
    paint (0: a thread, which starts faster); `detail` says how much care goes into a picture ("once": copies of one,
    so that a load test measures the bot and not the painter).
    """

    def __init__(
        self, directory: Path, *, speed: float = 1.0, seed: int = 0, workers: int = 1, detail: Detail | None = None
    ) -> None:
        self.state = State(directory, seed)
        self.state.strangers = strangers()
        self.habits = Habits()
        self.faults: list[Fault] = []
        self.limits = Limits()
        self.ledger = Ledger()
        self.exchanges: deque[Exchange] = deque(maxlen=REMEMBERED)
        self.account: Json = {"type": "user", "username": "atelier-demo"}  # `name` is optional, and absent
        self.revoked: set[str] = set()
        self.hub = Hub()
        self.clock = Clock(speed)
        self._workshop = Workshop(workers)
        self._courier = Courier(self.state, self.clock, self.habits)
        self.lifecycle = Lifecycle(self.state, self.clock, self.habits, self._courier, self.ledger)
        care: Detail = detail or ("quick" if speed >= 10 else "full")
        self.predictor = Predictor(self.lifecycle, self._workshop, care)
        runners: dict[Task, Runner] = {
            "paint": self.predictor,
            "upscale": Upscaler(self.lifecycle, self._workshop),
            "write": Writer(self.lifecycle),
        }
        self._jobs_api = JobsApi(self.lifecycle, runners, Trainer(self.lifecycle, self._workshop, self.hub))
        self._models_api = ModelsApi(self.state, self.clock, self.account)
        self._files_api = FilesApi(self.state)
        self._delivery = Delivery(self.state, self.habits)

    @property
    def created(self) -> list[Created]:
        """Every accepted training and prediction, in order: what a "paid twice" is counted on."""
        return self.ledger.created

    @property
    def billed(self) -> int:
        """Micro-dollars charged so far."""
        return self.ledger.billed

    @property
    def unlisted_fields(self) -> list[tuple[str, str]]:
        """Inputs that were accepted though no schema lists them: (model, key)."""
        return self._jobs_api.unlisted_fields

    async def start(self) -> None:
        """Go on with what was running when the world last stopped."""
        self._jobs_api.resume()

    async def stop(self) -> None:
        """Stop everything and write it down."""
        await self.lifecycle.close()
        await self._courier.close()
        self._workshop.close()
        self.state.save()

    def apps(self) -> dict[str, web.Application]:
        """Build the applications by host name, with the hub that trainings are copied to."""
        return {
            "api.replicate.com": self._api(),
            "replicate.delivery": self._delivery.app(),
            "stream.replicate.com": Streams(self.state).app(),
            "huggingface.co": self.hub.app(),
        }

    def _api(self) -> web.Application:
        app = web.Application(
            client_max_size=MOST_BODY,
            middlewares=[_middleware(step) for step in (self._record, self._misbehave, self._refuse, self._admit)],
        )
        for part in (self._models_api, self._files_api, self._jobs_api):
            app.add_routes(part.routes())
        return app

    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            sent = await _json_of(request)  # before the handler: a fault may cut the connection
        except web.HTTPRequestEntityTooLarge:
            return problems.body_too_big()
        response = await handler(request)
        answered = response.body if isinstance(response, web.Response) else None
        self.exchanges.append(
            Exchange(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={key.lower(): value for key, value in request.headers.items() if key != "Authorization"},
                request=sent,
                status=response.status,
                response=_parsed(answered) if isinstance(answered, bytes) else None,
                at=time.time(),
            )
        )
        return response

    async def _misbehave(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        for fault in self.faults:
            if fault.strikes(request.method, request.path):
                return await fault.answer(request, handler)
        return await handler(request)

    async def _refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn refusals into answers, also aiohttp's own for unknown routes."""
        try:
            return await handler(request)
        except problems.ProblemError as problem:
            return problem.response()
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return problems.not_found().response()

    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the token, then the rate limits, and say in the headers what is left."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme not in {"Bearer", "Token"} or not token.startswith("r8_") or token in self.revoked:
            raise problems.unauthenticated()
        bucket = self._bucket(request)
        seconds = bucket.take()
        if seconds:
            raise problems.throttled(seconds, low_credit=bucket is self.limits.low_credit)
        try:
            response = await handler(request)
        except problems.ProblemError as problem:
            response = problem.response()
        response.headers["ratelimit-remaining"] = str(bucket.remaining)
        response.headers["ratelimit-reset"] = "1"
        return response

    def _bucket(self, request: web.Request) -> Bucket:
        if request.path.startswith("/v1/predictions/") and request.method == "GET":
            return self.limits.reads
        if request.path.endswith("/predictions") and request.method == "POST":
            return self.limits.low_credit if self.lifecycle.credit == "low" else self.limits.predictions
        return self.limits.rest


def _middleware(step: Any) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        return cast("web.StreamResponse", await step(request, handler))

    return middleware


async def _json_of(request: web.Request) -> Any:
    return (
        _parsed(await request.text()) if request.content_type == "application/json" and request.can_read_body else None
    )


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
