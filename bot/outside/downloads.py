"""Bounded fetching of files from the two places we trust: Discord's CDN and Replicate's deliveries."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
from yarl import URL

from bot.errors import AtelierError

CHUNK = 256 << 10
IDLE = 20.0  # seconds without a byte
PLAIN = {"Accept-Encoding": "identity"}  # files are packed already; what comes packed all the same counts unpacked
DISCORD = ("cdn.discordapp.com", "media.discordapp.net")
REPLICATE = ("replicate.delivery",)


class DownloadFailed(AtelierError):
    """A file could not be fetched whole."""


class Downloads:
    """Fetches files over https, from named hosts only, without following redirects."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def save(self, url: str, path: Path, *, hosts: Sequence[str], cap: int, seconds: float) -> int:
        """Stream a file to a path and return its size in bytes; raises DownloadFailed and leaves nothing behind."""
        address = checked(url, hosts)
        partial = path.with_name(f"{path.name}.part")
        try:
            async with asyncio.timeout(seconds):
                size = await self._stream(address, partial, cap)
            partial.replace(path)
        except TimeoutError as error:
            raise DownloadFailed(f"{address.host} was too slow") from error
        except aiohttp.ClientError as error:
            raise DownloadFailed(f"{address.host}: {type(error).__name__}") from error
        finally:
            partial.unlink(missing_ok=True)
        return size

    async def _stream(self, address: URL, path: Path, cap: int) -> int:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=IDLE)
        async with self._session.get(address, headers=PLAIN, allow_redirects=False, timeout=timeout) as response:
            if response.status != 200:
                raise DownloadFailed(f"{address.host} answered {response.status}")
            if (response.content_length or 0) > cap:
                raise DownloadFailed(f"{address.host} offers more than {cap} bytes")
            return await _write(response.content.iter_chunked(CHUNK), path, cap)


async def _write(chunks: AsyncIterator[bytes], path: Path, cap: int) -> int:
    size = 0
    with path.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > cap:
                raise DownloadFailed(f"more than {cap} bytes came")
            file.write(chunk)
    return size


def checked(url: str, hosts: Sequence[str]) -> URL:
    """Return an address that we may fetch: https, a named host or one below it, nothing clever."""
    try:
        address = URL(url)
    except ValueError as error:
        raise DownloadFailed("that is no address") from error
    host = address.host or ""
    known = any(host == name or (name in REPLICATE and host.endswith(f".{name}")) for name in hosts)
    nameless = address.raw_user is None and address.raw_password is None
    plain = address.scheme == "https" and address.explicit_port in (None, 443) and nameless
    if not (known and plain):
        raise DownloadFailed(f"files are not fetched from {host or 'there'}")
    return address


def inline(url: str) -> bytes | None:
    """Read a data: address, in which Replicate sometimes delivers; None for any other."""
    head, comma, body = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64") and comma):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:  # binascii's own is one, and letters beyond ASCII are another
        raise DownloadFailed("a picture came damaged") from error
