"""Replicate, in our own words: the only room that knows the `replicate` package and its traps."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Any, cast

import httpx
from replicate.client import Client

from bot.errors import RemoteRefused, RemoteUnclear
from bot.replicate_api.answers import PACKING, read_json
from bot.replicate_api.breaker import Breaker
from bot.replicate_api.inputs import read_inputs
from bot.replicate_api.runs import HTTPS, Run, RunKind, RunState, read_run
from bot.replicate_api.wire import NotSentError, Wire

__all__ = ["NotSentError", "Replicate", "Run", "RunKind", "RunState"]

ANSWER = 30.0  # seconds that a request and its answer may take; a held creation gets its waiting on top
UPLOAD = 1800.0  # seconds: 100 MB over half a megabit a second
MOST_PAGES = 100  # of a hundred runs each
LISTING = 120.0  # seconds that pages are asked for
ADDRESS = re.compile(r"/v1(?:/(?!\.{1,2}(?:/|$))[\w.-]+)+(?:\?[!-~]{1,2000})?", re.ASCII)
NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
DIGEST = re.compile(r"[0-9a-zA-Z-]{1,100}")
NO_KEY = 401  # of all refusals the one that says the same whatever was asked for
HARDWARE = "gpu-t4"  # required, and overridden by Replicate for FLUX fine-tunes


class Replicate:
    """The endpoints that Atelier uses; every method raises RemoteError."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str | None = None,
        proxy: str | None = None,
        webhook_url: str | None = None,
        secrets: Sequence[str] = (),
    ) -> None:
        """Take the account's token, and what else no refusal may repeat to anybody."""
        self.breaker = Breaker()
        self._wire = Wire(proxy, (token, *secrets))
        timeout = httpx.Timeout(ANSWER, connect=10.0)
        self._webhook: dict[str, Any] = {}
        if webhook_url:
            self._webhook = {"webhook": webhook_url, "webhook_events_filter": ["completed"]}
        headers = {"Accept-Encoding": PACKING}
        self._client = Client(token, base_url=base_url, timeout=timeout, transport=self._wire, headers=headers)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    async def account(self) -> str:
        """Look up who the token belongs to."""
        told = await self._json("GET", "/v1/account")
        return _fitting(NAME, told.get("username"), "an account without a name")

    async def newest_version(self, model: str) -> str:
        """Look up the newest version of a model, as 64 hex digits."""
        told = await self._json("GET", f"/v1/models/{model}")
        match told.get("latest_version"):
            case {"id": version}:
                return _fitting(DIGEST, version, "a version without an id")
            case _:
                raise RemoteRefused(404, f"{model} has no version")

    async def input_fields(self, model: str, version: str = "") -> Mapping[str, Mapping[str, Any]]:
        """Look up what a model's version takes, the newest if none is named, as its schema says: by field."""
        told = await self._json("GET", f"/v1/models/{model}" + (f"/versions/{version}" if version else ""))
        fields = read_inputs(told if version else told.get("latest_version"))
        if not fields:
            raise RemoteRefused(404, f"{model} does not say what it takes")
        return fields

    async def ensure_model(self, ref: str, description: str, *, public: bool = False) -> None:
        """Make a model, or find that it is there already; a public one is refused unless it may be public."""
        owner, _, name = ref.partition("/")
        body = {
            "owner": owner,
            "name": name,
            "visibility": "public" if public else "private",
            "hardware": HARDWARE,
            "description": description,
        }
        try:
            await self._json("POST", "/v1/models", json=body)
        except RemoteRefused as error:
            if error.status != 409:
                raise
            if not public and await self.visibility(ref) != "private":
                raise RemoteRefused(409, f"{ref} exists and is public; delete it or make it private") from error

    async def visibility(self, ref: str) -> str:
        """Look up who may see a model: "public" or "private"; empty where there is none.

        It is chosen when a model is made; the API cannot change it, only the model's page of settings can.
        """
        try:
            return str((await self._json("GET", f"/v1/models/{ref}")).get("visibility", ""))
        except RemoteRefused as error:
            if error.status != 404:
                raise
            return ""

    async def upload(self, path: Path, name: str) -> str:
        """Upload a file that only this account's runs can read; returns its address, good for 24 hours."""
        with path.open("rb") as file:
            sent = {"content": (name, file, guess_type(name)[0] or "application/octet-stream")}
            raw = await self._json("POST", "/v1/files", files=sent, timeout=httpx.Timeout(UPLOAD, connect=10.0))
        match raw.get("urls"):
            case {"get": url}:
                return _fitting(HTTPS, url, "a file without an address")
            case _:
                raise RemoteUnclear("Replicate told of a file without an address")

    async def create_training(
        self, trainer: str, version: str, *, destination: str, training_input: Mapping[str, Any]
    ) -> Run:
        """Start a training. Never repeat this without looking first: every success costs money."""
        body = {"destination": destination, "input": dict(training_input), **self._webhook}
        return await self._create(f"/v1/models/{trainer}/versions/{version}/trainings", json=body)

    async def create_prediction(
        self, remote: str, prediction_input: Mapping[str, Any], *, hold: int, cancel_after: int
    ) -> Run:
        """Start a prediction of owner/name or owner/name:hash. Never repeat this without looking first.

        The answer is held back up to `hold` seconds, so that a quick picture comes with it; Replicate ends the
        prediction by itself `cancel_after` seconds after its creation.
        """
        name, _, digest = remote.partition(":")
        path = "/v1/predictions" if digest else f"/v1/models/{name}/predictions"
        body: dict[str, Any] = {"input": dict(prediction_input), **self._webhook}
        if digest:
            body["version"] = digest
        headers = {"Prefer": f"wait={hold}", "Cancel-After": f"{cancel_after}s"}
        timeout = httpx.Timeout(ANSWER, connect=10.0, read=ANSWER + hold)
        return await self._create(path, json=body, headers=headers, timeout=timeout)

    async def _create(self, path: str, **options: Any) -> Run:
        try:
            told = await self._json("POST", path, **options)
        except RemoteRefused as error:
            self.breaker.refused(error)
            raise
        self.breaker.accepted()
        return _run(told)

    async def get(self, kind: RunKind, run_id: str) -> Run:
        """Read a run."""
        return _run(await self._json("GET", f"/v1/{kind}/{run_id}"))

    async def cancel(self, kind: RunKind, run_id: str) -> None:
        """Ask for a run to end; one that is over stays as it is."""
        await self._json("POST", f"/v1/{kind}/{run_id}/cancel")

    async def recent(self, kind: RunKind) -> AsyncIterator[Run]:
        """List this account's runs, newest first, page after page.

        Whoever reads on to the end has seen all there are: a list without an end, or with a run that has no id to ask
        for, raises RemoteUnclear.
        """
        path = f"/v1/{kind}"
        clock = asyncio.get_running_loop().time
        until = clock() + LISTING
        for _ in range(MOST_PAGES):
            page = await self._json("GET", path)
            results = page.get("results")
            listed = cast("list[object]", results) if isinstance(results, list) else []
            runs = [(raw, read_run(raw)) for raw in listed]
            for _, run in runs:
                if run:
                    yield run
            if any(run is None and isinstance(raw, dict) for raw, run in runs):
                raise RemoteUnclear("Replicate lists a run that has no id")
            if not page.get("next"):
                return
            path = _next(page["next"], path)
            if clock() > until:
                break
        raise RemoteUnclear("Replicate's list goes on for too long")

    async def delete_version(self, remote: str) -> None:
        """Delete a version of a private model; one that is gone already is fine."""
        name, _, digest = remote.partition(":")
        await self._delete(f"/v1/models/{name}/versions/{digest}")

    async def delete_model(self, name: str) -> None:
        """Delete a private model that has no versions left; one that is gone already is fine."""
        await self._delete(f"/v1/models/{name}")

    async def webhook_secret(self) -> str:
        """Look up the key that signs webhooks."""
        return str((await self._json("GET", "/v1/webhooks/default/secret")).get("key", ""))

    async def _delete(self, path: str) -> None:
        try:
            await self._json("DELETE", path)
        except RemoteRefused as error:
            if error.status != 404:
                raise

    async def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        # The client's own methods build models that fail on answers Replicate really gives (status "aborted", an
        # account without a name), so its transport, token and addresses are used, and the JSON is read here.
        if not ADDRESS.fullmatch(path):  # made with a name or an id that would lead elsewhere
            raise RemoteRefused(404, "there is no such address")
        try:
            response: httpx.Response = await self._client._async_request(method, path, **options)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
            told: object = read_json(response.content) if response.content else {}
        except RemoteRefused as error:
            if error.status == NO_KEY:
                self.breaker.refused(error)
            raise
        except (httpx.HTTPError, ValueError) as error:
            raise RemoteUnclear(f"A broken answer from Replicate: {type(error).__name__}") from error
        return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _next(following: object, path: str) -> str:
    """Take the next page's address, if it is of the same list; its host is Replicate's, whatever it says."""
    try:
        found = str(httpx.URL(str(following)[:4000]).raw_path, "ascii") if isinstance(following, str) else ""
    except httpx.InvalidURL:
        found = ""
    if found.partition("?")[0] != path.partition("?")[0] or not ADDRESS.fullmatch(found):
        raise RemoteUnclear("Replicate's list goes on at an address that is no list's")
    return found


def _fitting(form: re.Pattern[str], told: object, what: str) -> str:
    if not isinstance(told, str) or not form.fullmatch(told):
        raise RemoteUnclear(f"Replicate told of {what}")
    return told


def _run(raw: object) -> Run:
    run = read_run(raw)
    if run is None:
        raise RemoteUnclear("Replicate's answer is no run")
    return run
