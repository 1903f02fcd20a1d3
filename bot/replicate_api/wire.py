"""The way to Replicate's servers: a transport that turns every bad answer into an error of ours, and retries nothing.

replicate's client retries by itself (ten times, as long as the server says) and loses what an answer says about wrong
fields; an error raised below it reaches us at once and whole.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

import httpx

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear

LONGEST_WAIT = 60.0  # seconds; what Replicate asks for beyond this, we ask again
CONNECTIONS = 100


class Wire(httpx.AsyncBaseTransport):
    """httpx over our proxy, with plain errors."""

    def __init__(self, proxy: str | None) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._http = httpx.AsyncHTTPTransport(proxy=proxy, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises RemoteError for every answer that is not a success."""
        try:
            response = await self._http.handle_async_request(request)
            if response.status_code < 400:
                return response
            body = await response.aread()
        except httpx.HTTPError as error:
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
                raise NotSentError(f"Replicate cannot be reached: {type(error).__name__}") from error
            raise RemoteUnclear(f"No answer from Replicate: {type(error).__name__}") from error
        raise problem(response.status_code, body, response.headers)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()


class NotSentError(RemoteUnclear):
    """The request never left; asking again cannot do anything twice."""


def problem(status: int, body: bytes, headers: Mapping[str, str]) -> RemoteError:
    """Read an answer that is not a success."""
    told = _json(body)
    detail = str(told.get("detail") or told.get("title") or f"status {status}").strip()
    if status == 429:
        return RemoteThrottled(detail, _wait(headers.get("retry-after") or told.get("retry_after")))
    if status >= 500 or status == 408:
        return RemoteUnclear(f"Replicate answered {status}: {detail}")
    fields = told.get("invalid_fields")
    wrong = cast("list[Any]", fields) if isinstance(fields, list) else []
    return RemoteRefused(
        status, detail, [_field(cast("dict[str, Any]", item)) for item in wrong if isinstance(item, dict)]
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _field(item: dict[str, Any]) -> tuple[str, str]:
    return str(item.get("field", "")).removeprefix("input."), str(item.get("description", ""))


def _wait(told: object) -> float:
    try:
        return min(LONGEST_WAIT, max(0.5, float(str(told))))
    except ValueError:
        return 5.0
