"""A small internet: a proxy that is every host it serves, over TLS, and refuses all others; it knows no service."""

import asyncio
import ssl
import weakref
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

import trustme
from aiohttp import web

Breakage = Literal["refuse", "reset", "tls"]

LARGEST_HEAD = 16_384
GOODBYE_WITHIN = 1.0  # seconds that open requests get when the internet stops


class Internet:
    """An HTTP CONNECT proxy on the loopback that plays the hosts it was given.

    A client needs no more than `environment()`. Hosts that nobody serves are answered 403 and noted in `refused`.
    `broken` names the hosts whose next connections fail: "refuse" as if the name did not resolve, "reset" right after
    the tunnel opens, "tls" with a certificate that nobody trusts.
    """

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self.port = port
        self.authority_file = directory / "authority.pem"
        self.refused: list[str] = []
        self.broken: dict[str, Breakage] = {}
        self._runners: dict[str, web.AppRunner] = {}
        self._authority, self._stranger = trustme.CA(), trustme.CA()
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._open: dict[str, weakref.WeakSet[asyncio.Transport]] = {}
        self._server: asyncio.Server | None = None

    def serve(self, host: str, app: web.Application) -> None:
        """Put an application behind a host name; one application may stand behind several. Call before `start`."""
        of_this_app = (runner for runner in self._runners.values() if runner.app is app)
        self._runners[host] = next(of_this_app, None) or web.AppRunner(
            app, access_log=None, shutdown_timeout=GOODBYE_WITHIN
        )
        self._open[host] = weakref.WeakSet()

    def environment(self) -> dict[str, str]:
        """Return the variables with which any well-behaved client lives on this internet and no other."""
        address = f"http://127.0.0.1:{self.port}"
        return {
            "HTTP_PROXY": address,
            "HTTPS_PROXY": address,
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(self.authority_file.absolute()),
        }

    def trust(self) -> ssl.SSLContext:
        """Return what a client in this very process needs to trust the hosts."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]  # it also takes pyOpenSSL's
        return context

    async def start(self) -> None:
        """Write the authority's certificate and listen."""
        self.authority_file.parent.mkdir(parents=True, exist_ok=True)
        self._authority.cert_pem.write_to_path(str(self.authority_file))
        for runner in set(self._runners.values()):
            await runner.setup()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Front(self), "127.0.0.1", self.port, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, let open requests finish for a moment, then hang up on everyone."""
        if self._server is not None:
            self._server.close()
        for runner in set(self._runners.values()):
            await runner.cleanup()
        for host in self._open:
            self.hang_up(host)
        await asyncio.sleep(0)  # the transports close on the loop's next turn

    def hang_up(self, host: str) -> None:
        """Cut every open connection to this host; clients that keep connections would not notice `broken` before."""
        for transport in tuple(self._open[host]):
            transport.abort()

    async def connect(self, transport: asyncio.Transport, head: bytes) -> None:
        """Answer the first request of a client's connection; on CONNECT, become the host it asked for."""
        method, target, *_ = [*head.decode("latin-1").split(None, 2), "", ""]
        tunnel = method == "CONNECT"
        host, _, port = target.rpartition(":") if tunnel else (urlsplit(target).hostname or target, "", "80")
        breakage = self.broken.get(host)
        if host not in self._runners or port != "443":
            self.refused.append(host)
            _refuse(transport, "403 Forbidden", f"The sandbox has no {host}.")
        elif breakage == "refuse":
            _refuse(transport, "502 Bad Gateway", f"{host} cannot be reached.")
        else:
            transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if breakage == "reset":
                transport.abort()
            else:
                await self._become(host, transport, trusted=breakage != "tls")

    async def _become(self, host: str, transport: asyncio.Transport, *, trusted: bool) -> None:
        """Serve the host on this very connection: TLS by the loop, HTTP by aiohttp, no second socket."""
        loop = asyncio.get_running_loop()
        doorstep = _Doorstep()
        try:
            tls = await loop.start_tls(transport, doorstep, self._context(host, trusted), server_side=True)
        except OSError:  # the client hung up, or does not trust us: its business
            transport.abort()
            return
        server = self._runners[host].server
        if tls is not None and server is not None:
            self._open[host].add(tls)
            doorstep.hand_over(tls, cast("asyncio.Protocol", server()))

    def _context(self, host: str, trusted: bool) -> ssl.SSLContext:
        if (host, trusted) not in self._contexts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            certificate = (self._authority if trusted else self._stranger).issue_cert(host)
            certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # it also takes pyOpenSSL's
            self._contexts[host, trusted] = context
        return self._contexts[host, trusted]


class _Front(asyncio.Protocol):
    """A client's connection until its first request is read."""

    def __init__(self, internet: Internet) -> None:
        self._internet, self._head = internet, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if len(self._head) > LARGEST_HEAD:
            self._transport.abort()
        elif b"\r\n\r\n" in self._head:
            self._transport.pause_reading()
            self._answering = asyncio.create_task(self._internet.connect(self._transport, self._head))


class _Doorstep(asyncio.Protocol):
    """Keeps what a client says before its server is there: start_tls() may deliver data before it returns."""

    def __init__(self) -> None:
        self._early: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        self._early.append(data)

    def hand_over(self, transport: asyncio.Transport, server: asyncio.Protocol) -> None:
        transport.set_protocol(server)
        server.connection_made(transport)
        for data in self._early:
            server.data_received(data)


def _refuse(transport: asyncio.Transport, status: str, reason: str) -> None:
    body = reason.encode()
    transport.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    transport.close()
