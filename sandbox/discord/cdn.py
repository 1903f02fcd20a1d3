"""Discord's file hosts: signed addresses that expire, and the files behind them, with faults on demand."""

import asyncio
import hashlib
import hmac
import mimetypes
import re
import secrets
from collections.abc import Callable

from aiohttp import web

from sandbox.discord.faults import Fault, Faults

HOST = "https://cdn.discordapp.com"
ADDRESS = re.compile(
    rb"https://(?:cdn\.discordapp\.com|media\.discordapp\.net)"
    rb"(/(?:ephemeral-)?attachments/\d+/\d+/[^\"?\s\\)]+)(\?ex=[^\"\s\\)]*)?"
)
LIFETIME = 86_400.0  # seconds; "preset" in Discord's documentation, a day as observed


class Signer:
    """Signs file addresses as they leave, so that each fetch of a message yields fresh ones, as Discord does."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.lifetime = LIFETIME
        self._now, self._key = now, secrets.token_bytes(16)

    def sign(self, raw: bytes) -> bytes:
        """Return the JSON with every address of a file signed."""
        if b"attachments/" not in raw:
            return raw
        issued, expires = f"{int(self._now()):x}", f"{int(self._now() + self.lifetime):x}"

        def signed(match: re.Match[bytes]) -> bytes:
            seal = self._seal(match[1].decode(), expires, issued)
            return HOST.encode() + match[1] + f"?ex={expires}&is={issued}&hm={seal}&".encode()

        return ADDRESS.sub(signed, raw)

    def unsign(self, raw: bytes) -> bytes:
        """Return the JSON with the addresses that a client took from us as we keep them."""
        return ADDRESS.sub(HOST.encode() + rb"\1", raw) if b"?ex=" in raw else raw

    def valid(self, request: web.Request) -> bool:
        """Say whether an address was signed by us and has not expired."""
        expires, issued = request.query.get("ex", ""), request.query.get("is", "")
        seal = self._seal(request.path, expires, issued)
        return hmac.compare_digest(request.query.get("hm", ""), seal) and int(expires, 16) > self._now()

    def _seal(self, path: str, expires: str, issued: str) -> str:
        return hmac.new(self._key, f"{path}{expires}{issued}".encode(), hashlib.sha256).hexdigest()


class Cdn:
    """The application behind cdn.discordapp.com and media.discordapp.net."""

    def __init__(self, find: Callable[[str], bytes | None], signer: Signer, faults: Faults) -> None:
        self._find, self._signer, self._faults = find, signer, faults
        self.app = web.Application()
        self.app.router.add_get("/{tail:(ephemeral-)?attachments/.*}", self._get)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        blob = self._find(HOST + request.path)
        if blob is None or not self._signer.valid(request):
            return web.Response(status=404, text="This content is no longer available.")
        fault = self._faults.take("GET", request.path)
        if fault is None:
            return web.Response(body=blob, content_type=mimetypes.guess_type(request.path)[0])
        await asyncio.sleep(fault.delay)
        if fault.status is not None:
            return web.Response(status=fault.status, text=fault.message)
        if fault.body is not None:
            return web.Response(body=fault.body)
        return await _crooked(request, blob, fault)


async def _crooked(request: web.Request, blob: bytes, fault: Fault) -> web.StreamResponse:
    """Send a file slowly or not to its end."""
    reply = web.StreamResponse(headers={"Content-Length": str(len(blob))})
    await reply.prepare(request)
    end = len(blob) if fault.keep_bytes is None else fault.keep_bytes
    step = int((fault.bytes_per_second or 10 * len(blob)) / 10) or 1
    for start in range(0, end, step):
        await reply.write(blob[start : min(start + step, end)])
        if fault.bytes_per_second:
            await asyncio.sleep(0.1)
    if (end < len(blob) or fault.lost or fault.dropped) and request.transport is not None:
        request.transport.abort()
    return reply
