"""The way to Replicate's servers: a transport that turns every bad answer into an error of ours, and repeats no POST.

replicate's client retries by itself (ten times, as long as the server says) and loses what an answer says about wrong
fields; an error raised below it reaches us at once and whole.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import aiohttp
import httpx

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.replicate_api.counting import counter

LONGEST_WAIT = 60.0  # seconds; what Replicate asks for beyond this, we ask again
CONNECTIONS = 100
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
            auto_decompress=False,  # httpx does it, by the headers
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises RemoteError for every answer that is not a success."""
        try:
            async with self._send(request) as response:
                body = await response.read()
        except NOT_SENT as error:
            raise NotSentError(f"Replicate cannot be reached: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise RemoteUnclear(f"No answer from Replicate: {type(error).__name__}") from error
        answer = httpx.Response(response.status, headers=response.raw_headers, content=body)
        if answer.status_code < 400:
            return answer
        raise problem(answer.status_code, self._without_secrets(answer.content), answer.headers)

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
            data=_patiently(request.stream) if has_body else None,
            proxy=self._proxy if request.url.scheme == "https" else None,  # it is HTTPS_PROXY: for https alone
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=times["connect"], sock_read=times["read"]),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.close()


async def _patiently(stream: object) -> AsyncIterator[bytes]:
    """Let others run between two parts: a fast line takes a whole upload without ever making its sender wait."""
    async for part in cast("httpx.AsyncByteStream", stream):
        yield part
        await asyncio.sleep(0)


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
