"""The way to Replicate's servers: a transport that turns every bad answer into an error of ours, and repeats no POST.

replicate's client retries by itself (ten times, as long as the server says) and loses what an answer says about wrong
fields; an error raised below it reaches us at once and whole. httpx's `read` timeout is here the time of the whole
request: of a server that sends a byte a second, no single wait is long.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import aiohttp
import httpx

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.replicate_api.answers import read_body, read_json, readable
from bot.replicate_api.counting import counter

LONGEST_WAIT = 60.0  # seconds; what Replicate asks for beyond this, we ask again
CONNECTIONS = 100
LONGEST_DETAIL, MOST_FIELDS = 1000, 20  # characters and number of what a refusal may say; it is logged and shown
NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


class Wire(httpx.AsyncBaseTransport):
    """httpx's requests over aiohttp, with plain errors.

    httpx's own pool looks at every connection for every other one at each request: with 100 open, 20 ms of processor.
    """

    def __init__(self, proxy: str | None, secrets: Sequence[str]) -> None:
        self._proxy = proxy
        self._secrets = [secret.encode() for secret in secrets]
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=ssl.create_default_context()),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[counter()],
            auto_decompress=False,  # it would unpack without end
        )
        self._places = asyncio.Semaphore(CONNECTIONS)  # so that a request's time begins when there is one for it

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises RemoteError for every answer that is not a success."""
        try:
            async with self._places, self._send(request) as response:
                status, headers, body = response.status, response.headers, await _body(response)
        except NOT_SENT as error:
            raise NotSentError(f"Replicate cannot be reached: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise RemoteUnclear(f"No answer from Replicate: {type(error).__name__}") from error
        if status < 400:
            return httpx.Response(status, content=body)
        raise problem(status, self._without_secrets(body), headers)

    def _without_secrets(self, body: bytes) -> bytes:
        """Blank what a refusal repeats of our secrets: its words are kept, and shown to members."""
        for secret in self._secrets:
            body = body.replace(secret, b"[redacted]")
        return body

    def _send(self, request: httpx.Request) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        times = request.extensions["timeout"]
        has_body = request.headers.get("content-length", "0") != "0"
        return self._http.request(
            request.method,
            str(request.url),
            headers=request.headers.multi_items(),
            data=_in_turns(request.stream) if has_body else None,
            proxy=self._proxy if request.url.scheme == "https" else None,  # it is HTTPS_PROXY: for https alone
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=times["read"], sock_connect=times["connect"]),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.close()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer; of a refusal whose words cannot be read, its status says enough."""
    try:
        return await read_body(response)
    except RemoteUnclear:
        if response.status < 400:
            raise
        return b""


async def _in_turns(stream: object) -> AsyncIterator[bytes]:
    """Let others run between two parts: a fast line takes a whole upload without ever making its sender wait."""
    async for part in cast("httpx.AsyncByteStream", stream):
        yield part
        await asyncio.sleep(0)


class NotSentError(RemoteUnclear):
    """The request never left; asking again cannot do anything twice."""


def problem(status: int, body: bytes, headers: Mapping[str, str]) -> RemoteError:
    """Read an answer that is not a success."""
    told = _json(body)
    detail = _words(told.get("detail")) or _words(told.get("title")) or f"status {status}"
    if status == 429:
        return RemoteThrottled(detail, _wait(headers.get("retry-after") or told.get("retry_after")))
    if status >= 500 or status == 408:
        return RemoteUnclear(f"Replicate answered {status}: {detail}")
    fields = told.get("invalid_fields")
    wrong = cast("list[Any]", fields)[:MOST_FIELDS] if isinstance(fields, list) else []
    return RemoteRefused(
        status, detail, [_field(cast("dict[str, Any]", item)) for item in wrong if isinstance(item, dict)]
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = read_json(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _field(item: dict[str, Any]) -> tuple[str, str]:
    return _words(item.get("field", "")).removeprefix("input."), _words(item.get("description", ""))


def _words(told: object) -> str:
    return readable(str(told)).strip()[:LONGEST_DETAIL] if isinstance(told, str | int | float) else ""


def _wait(told: object) -> float:
    try:
        return min(LONGEST_WAIT, max(0.5, float(_words(told))))
    except ValueError:
        return 5.0
