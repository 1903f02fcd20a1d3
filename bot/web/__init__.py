"""What the bot serves, if the operator wants it to: Replicate's webhooks, its health and, elsewhere, its figures."""

import logging
from collections.abc import Callable

from aiohttp import web

from bot import metrics
from bot.flows.following import Follower
from bot.replicate_api import Replicate
from bot.web.hooks import BODY, Hooks
from bot.web.keyring import Keyring
from bot.web.listener import Address, Listener

logger = logging.getLogger(__name__)

PLAIN = "text/plain; version=0.0.4"  # as Prometheus reads it
MOVED = "Figures have an address of their own: set ATELIER_METRICS_LISTEN.\n"  # for who read them here before


class Web:
    """Two small servers: one stands behind the operator's own TLS, the other is for the operator's own machines."""

    def __init__(self, remote: Replicate, follower: Follower, is_well: Callable[[], bool]) -> None:
        self._is_well = is_well
        self._keyring = Keyring(remote.webhook_secret)
        hooks = Hooks(self._keyring, follower.wake)
        public = [
            web.post("/replicate", hooks.take),
            web.get("/health", self._health),
            web.get("/metrics", _moved),
        ]
        self._public = Listener(public, largest=BODY)
        self._private = Listener([web.get("/metrics", _metrics), web.get("/health", self._health)], largest=0)

    async def start(self, public: Address | None, private: Address | None) -> None:
        """Begin to listen, on each of the two addresses that is given."""
        if public:
            await self._public.start(public)
            logger.info("health and webhooks are served on %s:%s", *public)
        if private:
            await self._private.start(private)
            logger.info("figures and health are served on %s:%s", *private)

    async def stop(self) -> None:
        """Stop listening."""
        await self._public.stop()
        await self._private.stop()
        self._keyring.close()

    async def _health(self, _: web.Request) -> web.Response:
        well = self._is_well()
        return web.Response(status=200 if well else 503, text="ok\n" if well else "not connected to Discord\n")


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=metrics.page(), headers={"Content-Type": PLAIN})


async def _moved(_: web.Request) -> web.Response:
    return web.Response(status=404, text=MOVED)
