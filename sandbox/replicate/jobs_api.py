"""HTTP for predictions, trainings and the webhook secret."""

import re
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
from sandbox.replicate.model import H100_SECOND, Model, Task
from sandbox.replicate.pages import page, read_json
from sandbox.replicate.predictor import inlined
from sandbox.replicate.trainer import Trainer
from sandbox.replicate.trainers import lora
from sandbox.replicate.webhooks import acceptable

REDACTED = "[REDACTED]"
EVENTS = ("start", "output", "logs", "completed")
COMMON = ("input", "webhook", "webhook_events_filter", "stream")
PREFER = re.compile(r"wait(?:=([1-9]|[1-9][0-9]))?")
DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
LEAST_CANCEL_AFTER = 5
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
        _check_body(body, ("version", *COMMON), required=("version", "input"))
        return await self._predict(request, body, *self._version(str(body["version"])))

    async def create_official(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /models/{owner}/{name}/predictions, which only official models have."""
        model = MODELS.get(f"{request.match_info['owner']}/{request.match_info['name']}")
        if model is None or not model.official:
            raise problems.not_found()
        body = await read_json(request)
        _check_body(body, COMMON, required=("input",))
        return await self._predict(request, body, model.ref, model.version)

    async def create_training(self, request: web.Request) -> web.StreamResponse:
        """Answer POST .../trainings."""
        ref, version = f"{request.match_info['owner']}/{request.match_info['name']}", request.match_info["version"]
        body = await read_json(request)
        _check_body(body, ("destination", *COMMON), required=("destination", "input"))
        model = MODELS.get(ref)
        if model is None or version not in model.trains:
            raise problems.no_version()
        if body["destination"] not in self._state.models:
            raise problems.no_destination()
        fields = model.trains[version]
        self._check_input(ref, fields, body["input"])
        self._check_credit()
        job = self._job("trainings", ref, version, body, fields)
        job.destination, job.second_price = body["destination"], H100_SECOND * (8 if model.official else 1)
        self._accept(job)
        return web.json_response(self._shown(created_view(job)), status=201)

    async def _predict(self, request: web.Request, body: Json, ref: str, version: str) -> web.StreamResponse:
        model = MODELS.get(ref) or lora(version)
        self._check_input(ref, model.fields, body["input"])
        wait = _wait(request)
        cancel_after = _cancel_after(request)
        self._check_credit()
        job = self._job("predictions", ref, version, body, model.fields)
        job.official, job.second_price = model.official, model.second_price
        job.image_price, job.token_prices = model.image_price, model.token_prices
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
                while not job.done and (job.output is None or job.delivered is None):  # not for a text half written
                    await job.changed.wait()
        except TimeoutError:
            return False
        return True

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

    def _check_credit(self) -> None:
        if self._habits.credit == "none":
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


def _check_body(body: Json, known: tuple[str, ...], *, required: tuple[str, ...]) -> None:
    wrong = [("required", "", f"{key} is required") for key in required if key not in body]
    wrong += [
        ("additional_property_not_allowed", "", f"Additional property {key} is not allowed")
        for key in body
        if key not in known
    ]
    if "input" in body and not isinstance(body["input"], dict):
        wrong.append(("invalid_type", "input", "Invalid type. Expected: object, given: string"))
    if body.get("webhook") and not acceptable(str(body["webhook"])):
        wrong.append(("format", "webhook", "webhook must be an HTTPS URL"))
    unknown = [event for event in body.get("webhook_events_filter") or () if event not in EVENTS]
    if unknown:
        allowed = ", ".join(f'"{event}"' for event in EVENTS)
        wrong.append(("enum", "webhook_events_filter.0", f"must be one of the following: {allowed}"))
    if wrong:
        raise problems.invalid([{"type": kind, "field": field, "description": text} for kind, field, text in wrong])


def _wait(request: web.Request) -> int | None:
    """Read `Prefer: wait[=seconds]`; None without it."""
    given = request.headers.get("Prefer")
    if given is None:
        return None
    match = PREFER.fullmatch(given)
    if match is None:
        raise problems.invalid([{"type": "pattern", "field": "Prefer", "description": "Does not match pattern"}])
    return min(60, int(match[1] or 60))


def _cancel_after(request: web.Request) -> int | None:
    """Read `Cancel-After` ("30s", "1h30m45s", "30") in seconds, at least 5; None without it."""
    given = request.headers.get("Cancel-After")
    if given is None:
        return None
    match = DURATION.fullmatch(given)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    total = hours * 3600 + minutes * 60 + seconds
    if total < LEAST_CANCEL_AFTER:
        description = "Cancel-After must be a duration of at least 5 seconds"
        raise problems.invalid([{"type": "format", "field": "Cancel-After", "description": description}])
    return total


def _is_listed(request: web.Request, job: Job) -> bool:
    if job.listed_at is not None and now() < job.listed_at:
        return False
    after, before = request.query.get("created_after"), request.query.get("created_before")
    if after and job.created_at < datetime.fromisoformat(after):
        return False
    return not (before and job.created_at >= datetime.fromisoformat(before))
