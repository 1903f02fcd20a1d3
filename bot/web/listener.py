"""A server that no number of strangers can make the bot spend its files, its memory or its patience on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.errors import AtelierError

Address = tuple[str, int]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_CONNECTIONS = 64  # at once; each takes one of the files that the system lets the bot have
BACKLOG = 32  # connections that are accepted at a time, before the first of them is counted
IDLE = 10.0  # seconds for a head to come whole, and between two requests
LINGER = 5.0  # seconds in which what still comes of a refused body is thrown away, so that the refusal is read
GOODBYE = 2.0  # seconds that open requests get when the bot stops
FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 10\r\nConnection: close\r\n\r\n"


class Listener:
    """Serves some routes on one address, to so many at once."""

    def __init__(self, routes: Iterable[web.RouteDef], *, largest: int) -> None:
        """Take the routes, and how many bytes the body of a request may have."""
        app = web.Application(client_max_size=largest, middlewares=[_part])
        app.add_routes(routes)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_logger(),
            auto_decompress=False,  # a bomb is no larger than what it came as
            keepalive_timeout=IDLE,
            lingering_time=LINGER,
            shutdown_timeout=GOODBYE,
        )
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> Address:
        """Where it listens."""
        return cast("asyncio.Server", self._server).sockets[0].getsockname()[:2]

    async def start(self, address: Address) -> None:
        """Begin to listen; raises AtelierError where that is not possible."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._answer, *address, backlog=BACKLOG)
        except OSError as error:
            told = "{}:{} cannot be listened on ({}). Set ATELIER_LISTEN or ATELIER_METRICS_LISTEN to another address."
            raise AtelierError(told.format(*address, error.strerror)) from error

    async def stop(self) -> None:
        """Stop listening, and end what is open."""
        if self._server:
            self._server.close()
        await self._runner.cleanup()

    def _answer(self) -> asyncio.Protocol:
        """Make what answers a connection."""
        server = self._runner.server
        if server is None or len(server.connections) >= MOST_CONNECTIONS:
            return _Full()
        return cast("asyncio.Protocol", server())


class _Full(asyncio.Protocol):
    """Turns a connection away, without waiting for what it has to say."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(FULL)
        transport.close()


@web.middleware
async def _part(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Part from whoever is refused; connections are kept for those who are not."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.force_close()
        raise
    if response.status >= 400:
        response.force_close()
    return response


class _OwnFaults(logging.Filter):
    """Lets nothing through of what strangers do wrong: they could fill the log with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _logger() -> logging.Logger:
    logger = logging.getLogger(f"{__name__}.server")
    logger.filters = [_OwnFaults()]
    return logger
