"""Reads an answer within bounds: bytes on the wire and unpacked, values of JSON, its depth; whoever sent it."""

import asyncio
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterable

import aiohttp

from bot.errors import RemoteUnclear

PACKING = "gzip"  # the one that is asked for, and unpacked a little at a time
LARGEST = 32 << 20  # bytes, packed or not: a page of a hundred runs, some of which other programs sent pictures with
STEP = 256 << 10  # bytes that are unpacked before others may run
MOST_VALUES = 500_000  # in one answer; each takes up to 80 bytes of memory, and all together a tenth of a second


async def read_body(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer whole and unpacked; raises RemoteUnclear where it is too large, or packed in another way."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    parts = _capped(response.content.iter_any())
    if packing == PACKING:
        parts = _capped(_unpacked(parts))
    elif packing not in ("", "identity"):
        raise RemoteUnclear("Replicate packed its answer in a way that was not asked for")
    return b"".join([part async for part in parts])


def read_json(body: bytes) -> object:
    """Read JSON; raises ValueError for what is none, is nested too deeply or has too many values."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:  # before the values are made, which take the memory
        raise ValueError("too many values")
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


async def _capped(parts: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    size = 0
    async for part in parts:
        size += len(part)
        if size > LARGEST:
            raise RemoteUnclear(f"Replicate's answer has more than {LARGEST >> 20} MiB")
        yield part


async def _unpacked(parts: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    async for part in parts:
        left, out = part, b""
        while left or len(out) == STEP:  # with all of a part read, some of it may still wait to be given out
            try:
                out = gzip.decompress(left, STEP)
            except zlib.error as error:
                raise RemoteUnclear("Replicate's answer is packed wrongly") from error
            yield out
            left = gzip.unconsumed_tail
            await asyncio.sleep(0)
    if not gzip.eof:
        raise RemoteUnclear("Replicate's answer ends before its end")


def readable(text: str) -> str:
    """Replace halves of characters, which JSON can spell and neither a file nor a network takes."""
    return text.encode("utf-8", "replace").decode()
