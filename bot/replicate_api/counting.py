"""Counts the requests to Replicate by their route and how they were answered; it reads nothing of them."""

from types import SimpleNamespace

import aiohttp

from bot import metrics

NO_ANSWER = "none"
WORDS = {
    "account",
    "cancel",
    "default",
    "files",
    "models",
    "predictions",
    "secret",
    "trainings",
    "versions",
    "webhooks",
}
"""What names the routes of version 1; everything else in a path names one thing among many."""


def counter() -> aiohttp.TraceConfig:
    """Make what counts the requests of a session."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_answered)
    trace.on_request_exception.append(_unanswered)
    return trace


def route(method: str, path: str) -> str:
    """Name the kind of a request, of which there are a few: POST /v1/predictions/*/cancel."""
    parts = [part if part in WORDS else "*" for part in path.removeprefix("/v1/").split("/")]
    return f"{method} /v1/{'/'.join(parts)}"


async def _answered(_: aiohttp.ClientSession, __: SimpleNamespace, told: aiohttp.TraceRequestEndParams) -> None:
    metrics.REQUESTS.labels(route(told.method, told.url.path), str(told.response.status)).inc()


async def _unanswered(_: aiohttp.ClientSession, __: SimpleNamespace, told: aiohttp.TraceRequestExceptionParams) -> None:
    metrics.REQUESTS.labels(route(told.method, told.url.path), NO_ANSWER).inc()
