"""Somebody who means ill, at the door where the bot takes webhooks: posts that begin well and never end."""

import asyncio
import time
from types import TracebackType

BODY = 512  # bytes that each post promises, of which half come
AT_A_TIME = 16  # connections that are opened together: more than a server lets wait are not even heard
SIGNATURE = "v1," + "A" * 43 + "="


def half_a_post(path: str, **changes: str) -> bytes:
    """Write a post with headers as Replicate's are, but for the changes, and half of its body."""
    headers = {
        "Host": "atelier.example",
        "Content-Type": "application/json",
        "Content-Length": str(BODY),
        "webhook-id": "msg_siege",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": SIGNATURE,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (headers | changes).items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + b"x" * (BODY // 2)


class Siege:
    """Holds many connections open at one address for as long as the server lets it; use it with `async with`."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> "Siege":
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for _reader, writer in self._open:
            writer.transport.abort()

    async def lay(self, count: int, said: bytes) -> None:
        """Open so many more connections and say the same in each."""
        for start in range(0, count, AT_A_TIME):
            some = range(start, min(start + AT_A_TIME, count))
            self._open += await asyncio.gather(*(self._connect(said) for _ in some))

    def say(self, more: bytes) -> None:
        """Say more in each."""
        for _, writer in self._open:
            writer.write(more)

    async def answers(self) -> list[bytes]:
        """Return what each was answered, once the server has hung up on all of them."""
        return await asyncio.gather(*(_all(reader) for reader, _ in self._open))

    async def _connect(self, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(said)
        return reader, writer


async def _all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""
