"""HTTP for the account, hardware, models and versions."""

import asyncio
import re
from typing import Any

from aiohttp import web

from sandbox.replicate import problems
from sandbox.replicate.catalog import MODELS, VERSIONS
from sandbox.replicate.clock import Clock, now, stamp
from sandbox.replicate.fields import Json
from sandbox.replicate.model import Model, openapi_schema
from sandbox.replicate.pages import page, read_json
from sandbox.replicate.state import OwnModel, State, Version
from sandbox.replicate.trainers import lora

HARDWARE = {
    "cpu": "CPU",
    "gpu-t4": "Nvidia T4 GPU",
    "gpu-a40-small": "Nvidia A40 GPU",
    "gpu-a40-large": "Nvidia A40 (Large) GPU",
    "gpu-l40s": "Nvidia L40S GPU",
    "gpu-a100-large": "Nvidia A100 (80GB) GPU",
    "gpu-h100": "Nvidia H100 GPU",
}
MODEL_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
MOST_MODELS = 1_000  # an account
DELETION = 1.0  # seconds until a version's deletion, accepted at once, is done
OPTIONAL = ("description", "github_url", "paper_url", "license_url", "cover_image_url")


class ModelsApi:
    """Answers /account, /hardware and /models."""

    def __init__(self, state: State, clock: Clock, account: Json) -> None:
        self._state, self._clock, self._account = state, clock, account

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        one, versions = "/v1/models/{owner}/{name}", "/v1/models/{owner}/{name}/versions"
        return [
            web.get("/v1/account", self.account),
            web.get("/v1/hardware", self.hardware),
            web.get("/v1/models", self.list),
            web.post("/v1/models", self.create),
            web.get(one, self.get),
            web.patch(one, self.update),
            web.delete(one, self.delete),
            web.get(versions, self.list_versions),
            web.get(versions + "/{version}", self.get_version),
            web.delete(versions + "/{version}", self.delete_version),
        ]

    async def account(self, _: web.Request) -> web.Response:
        """Answer GET /account."""
        return web.json_response(self._account)

    async def hardware(self, _: web.Request) -> web.Response:
        """Answer GET /hardware."""
        return web.json_response([{"sku": sku, "name": name} for sku, name in HARDWARE.items()])

    async def list(self, request: web.Request) -> web.Response:
        """Answer GET /models: everything public, newest first."""
        public = [model for model in self._state.models.values() if model.visibility == "public"]
        public = [*filter(None, map(self._state.public, self._state.strangers)), *public]
        rows = [_own_view(model) for model in reversed(public)] + [_published_view(model) for model in MODELS.values()]
        return web.json_response(page(request, rows, key="url"))

    async def create(self, request: web.Request) -> web.Response:
        """Answer POST /models."""
        body = await read_json(request)
        missing = [name for name in ("owner", "name", "visibility", "hardware") if name not in body]
        wrong = [{"type": "required", "field": "", "description": f"{name} is required"} for name in missing]
        wrong = wrong or _wrong_values(body)
        if wrong:
            raise problems.invalid(wrong)
        if body["owner"] != self._account["username"]:
            raise problems.forbidden()
        if f"{body['owner']}/{body['name']}" in self._state.models:
            raise problems.name_taken()
        if len(self._state.models) >= MOST_MODELS:
            raise problems.refused(f"You have reached the limit of {MOST_MODELS} models.")
        named: Json = {key: body.get(key) for key in ("owner", "name", "visibility", "hardware", *OPTIONAL)}
        model = OwnModel(**named, created_at=now())
        self._state.models[model.ref] = model
        self._state.save()
        return web.json_response(_own_view(model), status=201)

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /models/{owner}/{name}."""
        return web.json_response(self._view(request))

    async def update(self, request: web.Request) -> web.Response:
        """Answer PATCH /models/{owner}/{name}: its words and links; visibility cannot be changed this way."""
        model = self._own(request)
        for key, value in (await read_json(request)).items():
            if key in OPTIONAL:
                setattr(model, key, value)
        self._state.save()
        return web.json_response(_own_view(model))

    async def delete(self, request: web.Request) -> web.Response:
        """Answer DELETE /models/{owner}/{name}: private ones without versions only."""
        model = self._own(request)
        if model.visibility != "private":
            raise problems.refused("You can only delete private models.")
        if model.versions:
            raise problems.refused("You can only delete models that have no versions associated with them.")
        del self._state.models[model.ref]
        self._state.save()
        return web.Response(status=204)

    async def list_versions(self, request: web.Request) -> web.Response:
        """Answer GET /models/{owner}/{name}/versions."""
        model = self._find(request)
        if isinstance(model, Model):
            ids = [model.version, *reversed(model.older)]
            rows = [_published_version(model, version) for version in ids]
        else:
            rows = [_own_version(version) for version in reversed(model.versions)]
        return web.json_response(page(request, rows, key="id"))

    async def get_version(self, request: web.Request) -> web.Response:
        """Answer GET /models/{owner}/{name}/versions/{id}."""
        model, version = self._find(request), request.match_info["version"]
        if isinstance(model, Model):
            if VERSIONS.get(version) is not model:
                raise problems.not_found()
            return web.json_response(_published_version(model, version))
        return web.json_response(_own_version(_own_version_of(model, version)))

    async def delete_version(self, request: web.Request) -> web.Response:
        """Answer DELETE of a version: accepted now, done a little later."""
        model = self._own(request)
        version = _own_version_of(model, request.match_info["version"])
        if model.visibility != "private":
            raise problems.refused("You can only delete versions of private models.")
        later = self._clock.wall(DELETION)
        asyncio.get_running_loop().call_later(later, self._drop_version, model, version)
        return web.Response(status=202)

    def _drop_version(self, model: OwnModel, version: Version) -> None:
        if version in model.versions:
            model.versions.remove(version)
            self._state.weights_path(version.id).unlink(missing_ok=True)
            self._state.save()

    def _find(self, request: web.Request) -> Model | OwnModel:
        ref = f"{request.match_info['owner']}/{request.match_info['name']}"
        model = MODELS.get(ref) or self._state.models.get(ref) or self._state.public(ref)
        if model is None:
            raise problems.not_found()
        return model

    def _own(self, request: web.Request) -> OwnModel:
        model = self._find(request)
        if isinstance(model, Model) or model.ref not in self._state.models:
            raise problems.forbidden()
        return model

    def _view(self, request: web.Request) -> Json:
        model = self._find(request)
        return _published_view(model) if isinstance(model, Model) else _own_view(model)


def _wrong_values(body: Json) -> list[Json]:
    """List what is wrong with the values of a model to be created."""
    wrong: list[Json] = []
    if not MODEL_NAME.fullmatch(str(body["name"])):
        wrong.append(
            {"type": "pattern", "field": "name", "description": f"Does not match pattern '{MODEL_NAME.pattern}'"}
        )
    if body["visibility"] not in {"public", "private"}:
        description = 'visibility must be one of the following: "public", "private"'
        wrong.append({"type": "enum", "field": "visibility", "description": description})
    if body["hardware"] not in HARDWARE:
        description = f"hardware must be one of the following: {', '.join(HARDWARE)}"
        wrong.append({"type": "enum", "field": "hardware", "description": description})
    return wrong


def _own_version_of(model: OwnModel, version_id: str) -> Version:
    found = next((version for version in model.versions if version.id == version_id), None)
    if found is None:
        raise problems.not_found()
    return found


def _own_version(version: Version) -> Json:
    return {
        "id": version.id,
        "created_at": stamp(version.created_at),
        "cog_version": version.cog_version,
        "openapi_schema": openapi_schema(lora(version.id)),
    }


def _published_version(model: Model, version: str) -> Json:
    train = model.trains.get(version, ())
    return {
        "id": version,
        "created_at": "2025-06-04T12:00:00.000000Z",
        "cog_version": "0.11.6",
        "openapi_schema": openapi_schema(model, train),
    }


def _own_view(model: OwnModel) -> Json:
    shown: Json = {"url": f"https://replicate.com/{model.ref}", "owner": model.owner, "name": model.name}
    shown |= {key: getattr(model, key) for key in OPTIONAL}
    shown |= {
        "visibility": model.visibility,
        "run_count": model.run_count,
        "default_example": None,
        "latest_version": _own_version(model.versions[-1]) if model.versions else None,
        "is_official": False,
    }
    return shown


def _published_view(model: Model) -> Json:
    owner, name = model.ref.split("/")
    nothing: dict[str, Any] = dict.fromkeys(OPTIONAL)
    return (
        {"url": f"https://replicate.com/{model.ref}", "owner": owner, "name": name}
        | nothing
        | {
            "visibility": "public",
            "run_count": 1_000_000,
            "default_example": None,
            "latest_version": _published_version(model, model.version),
            "is_official": model.official,
        }
    )
