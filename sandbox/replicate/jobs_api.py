"""HTTP for predictions, trainings and the webhook secret."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiohttp import web

from sandbox.replicate import problems
from sandbox.replicate.catalog import MODELS, VERSIONS
from sandbox.replicate.clock import now
from sandbox.replicate.fields import Field, Json
from sandbox.replicate.fields import problems as field_problems
from sandbox.replicate.jobs import Job, Kind, cancelled_view, created_view, current_view, listed_view
from sandbox.replicate.lifecycle import Lifecycle
from sandbox.replicate.model import Model, Task
from sandbox.replicate.pages import page, read_json
from sandbox.replicate.predictor import inlined
from sandbox.replicate.prices import H100_SECOND
from sandbox.replicate.requests import COMMON, cancel_after_of, check_body, hold_of
from sandbox.replicate.trainer import Trainer
from sandbox.replicate.trainers import lora

REDACTED = "[REDACTED]"
PACES: dict[Kind, tuple[float, float]] = {"predictions": (0.5, 1.7), "trainings": (0.5, 1.5)}  # drawn between these
FASTEST_HOLD = 20  # times as fast as in reality that a held reply may run out


class Runner(Protocol):
    """Whatever runs the predictions of some models."""

    def run(self, job: Job, model: Model) -> Coroutine[Any, Any, None]:
        """Run one from its start to its output."""
        ...


class JobsApi:
    """Answers /predictions, /trainings and /webhooks, and starts what is accepted."""

    def __init__(self, lifecycle: Lifecycle, runners: dict[Task, Runner], trainer: Trainer) -> None:
        self._life, self._runners, self._trainer = lifecycle, runners, trainer
        self._state, self._clock, self._habits = lifecycle.state, lifecycle.clock, lifecycle.habits
        self.unlisted_fields: list[tuple[str, str]] = []  # (model, key of input) that no schema names

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        model = "/v1/models/{owner}/{name}"
        return [
            web.get("/v1/predictions", self._lister("predictions")),
            web.post("/v1/predictions", self.create_prediction),
            web.post(model + "/predictions", self.create_official),
            web.get("/v1/predictions/{id}", self._getter("predictions")),
            web.post("/v1/predictions/{id}/cancel", self._canceller("predictions")),
            web.get("/v1/trainings", self._lister("trainings")),
            web.post(model + "/versions/{version}/trainings", self.create_training),
            web.get("/v1/trainings/{id}", self._getter("trainings")),
            web.post("/v1/trainings/{id}/cancel", self._canceller("trainings")),
            web.get("/v1/webhooks/default/secret", self.secret),
        ]

    def resume(self) -> None:
        """Run again from their start what was running when the world stopped."""
        for job in self._state.unfinished():
            job.status, job.logs, job.started_at, job.metrics = "starting", "", None, {}
            self._launch(job)

    async def secret(self, _: web.Request) -> web.Response:
        """Answer GET of the webhook signing secret."""
        return web.json_response({"key": self._state.secret})

    async def create_prediction(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /predictions."""
        body = await read_json(request)
        check_body(body, ("version", *COMMON), required=("version", "input"))
        return await self._predict(request, body, *self._version(str(body["version"])))

    async def create_official(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /models/{owner}/{name}/predictions, which only official models have."""
        model = MODELS.get(f"{request.match_info['owner']}/{request.match_info['name']}")
        if model is None or not model.official:
            raise problems.not_found()
        body = await read_json(request)
        check_body(body, COMMON, required=("input",))
        return await self._predict(request, body, model.ref, model.version)

    async def create_training(self, request: web.Request) -> web.StreamResponse:
        """Answer POST .../trainings."""
        ref, version = f"{request.match_info['owner']}/{request.match_info['name']}", request.match_info["version"]
        body = await read_json(request)
        check_body(body, ("destination", *COMMON), required=("destination", "input"))
        model = MODELS.get(ref)
        if model is None or version not in model.trains:
            raise problems.no_version()
        if body["destination"] not in self._state.models:
            raise problems.no_destination()
        fields = model.trains[version]
        self._check_input(ref, fields, body["input"])
        self._check_account(ref)
        job = self._job("trainings", ref, version, body, fields)
        job.destination, job.second_price = body["destination"], H100_SECOND * (8 if model.official else 1)
        self._accept(job)
        return web.json_response(self._shown(created_view(job)), status=201)

    async def _predict(self, request: web.Request, body: Json, ref: str, version: str) -> web.StreamResponse:
        model = MODELS.get(ref) or lora(version)
        self._check_input(ref, model.fields, body["input"])
        wait = hold_of(request)
        cancel_after = cancel_after_of(request)
        self._check_account(ref)
        job = self._job("predictions", ref, version, body, model.fields)
        job.official, job.second_price = model.official, model.second_price
        job.image_price, job.token_prices = model.image_price, model.token_prices
        job.streams = model.task == "write"
        if cancel_after is not None:
            job.deadline = job.created_at + timedelta(seconds=self._clock.wall(cancel_after))
        self._accept(job)
        headers = {"Location": f"https://api.replicate.com/v1/predictions/{job.id}"}
        if wait is None:
            return web.json_response(self._shown(created_view(job)), status=201, headers=headers)
        headers["Preference-Applied"] = request.headers["Prefer"]
        ready = await self._held(job, wait)
        shown = self._shown(created_view(job))
        if ready and self._habits.inline_outputs and job.delivered is not None:
            shown["output"] = inlined(self._state, job)
        return web.json_response(shown, status=201 if ready else 202, headers=headers)

    async def _held(self, job: Job, seconds: float) -> bool:
        """Hold the reply until there is an output or an end; return False if time ran out."""
        # What the bot, the wire and this process take is real, however fast the clock runs.
        wall = max(self._clock.wall(seconds), seconds / FASTEST_HOLD)
        try:
            async with job.time.limit(wall):
                while not (job.done or self._may_answer(job)):
                    await job.changed.wait()
        except TimeoutError:
            return False
        return True

    def _may_answer(self, job: Job) -> bool:
        if self._habits.early_answers:
            return job.started_at is not None
        return job.complete  # a text half written is not

    def _job(self, kind: Kind, ref: str, version: str, body: Json, fields: tuple[Field, ...]) -> Job:
        secrets = {field.name for field in fields if field.secret}
        return Job(
            id=self._state.ids.job(),
            kind=kind,
            model=ref,
            version=version,
            input={key: REDACTED if key in secrets else value for key, value in body["input"].items()},
            secrets={key: value for key, value in body["input"].items() if key in secrets},
            created_at=now(),
            pace=self._state.dice.uniform(*PACES[kind]),
            webhook=body.get("webhook"),
            events=tuple(body.get("webhook_events_filter") or ()),
        )

    def _accept(self, job: Job) -> None:
        if self._habits.list_delay:
            late = self._state.dice.uniform(0, self._habits.list_delay)
            job.listed_at = job.created_at + timedelta(seconds=late)
        self._state.jobs[job.id] = job
        self._life.ledger.accept(job)
        self._launch(job)

    def _launch(self, job: Job) -> None:
        if job.kind == "trainings":
            self._life.launch(job, self._trainer.run(job, MODELS[job.model].trains[job.version]))
            return
        own = self._state.models.get(job.model)
        if own is not None:
            own.run_count += 1
        model = MODELS.get(job.model) or lora(job.version)
        self._life.launch(job, self._runners[model.task].run(job, model))

    def _version(self, named: str) -> tuple[str, str]:
        """Find what `version` names: a hash, `owner/name:hash`, or `owner/name` of an official model."""
        ref, _, version = named.rpartition(":")
        if not ref and "/" in version:
            model = MODELS.get(version)
            if model is None or not model.official:
                raise problems.no_version()
            return model.ref, model.version
        published: Model | None = VERSIONS.get(version)
        trained = self._state.trained(version)
        found = published.ref if published is not None else trained.ref if trained is not None else None
        if found is None or (ref and ref != found):
            raise problems.no_version()
        return found, version

    def _check_input(self, ref: str, fields: tuple[Field, ...], values: Json) -> None:
        wrong = field_problems(fields, values)
        if wrong:
            raise problems.invalid(wrong)
        known = {field.name for field in fields}
        self.unlisted_fields += [(ref, key) for key in values if key not in known]

    def _check_account(self, ref: str) -> None:
        if ref in self._habits.forbidden:
            raise problems.forbidden()
        if self._life.credit == "none":
            raise problems.no_credit()

    def _find(self, request: web.Request, kind: Kind) -> Job:
        """Find a job; a training is also found under /predictions, where its creation says it is."""
        job = self._state.jobs.get(request.match_info["id"])
        if job is None or (kind == "trainings" and job.kind != "trainings"):
            raise problems.not_found()
        return job

    def _getter(self, kind: Kind) -> Callable[[web.Request], Any]:
        async def get(request: web.Request) -> web.Response:
            return web.json_response(self._shown(current_view(self._find(request, kind), kind)))

        return get

    def _canceller(self, kind: Kind) -> Callable[[web.Request], Any]:
        async def cancel(request: web.Request) -> web.Response:
            job = self._find(request, kind)
            self._life.cancel(job)
            return web.json_response(self._shown(cancelled_view(job)))

        return cancel

    def _lister(self, kind: Kind) -> Callable[[web.Request], Any]:
        async def listing(request: web.Request) -> web.Response:
            rows = [job for job in reversed(self._state.jobs.values()) if job.kind == kind and _is_listed(request, job)]
            if request.query.get("source") == "web":
                rows = []  # everything here came by the API
            return web.json_response(page(request, [self._shown(listed_view(job)) for job in rows], key="id"))

        return listing

    def _shown(self, view: Json) -> Json:
        if self._habits.status_word is not None:
            view["status"] = self._habits.status_word
        return {key: value for key, value in view.items() if key not in self._habits.missing_keys}


def _is_listed(request: web.Request, job: Job) -> bool:
    if job.listed_at is not None and now() < job.listed_at:
        return False
    after, before = request.query.get("created_after"), request.query.get("created_before")
    if after and job.created_at < datetime.fromisoformat(after):
        return False
    return not (before and job.created_at >= datetime.fromisoformat(before))
