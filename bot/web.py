"""What the bot serves, if the operator wants it to: Replicate's webhooks, its health, its figures."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web

from bot import metrics
from bot.errors import RemoteError
from bot.follow import Follower
from bot.replicate_api import Replicate
from bot.webhooks import Forged, Secret

logger = logging.getLogger(__name__)

BODY = 1 << 20  # bytes that a webhook may have; Replicate's logs make some long
REMEMBERED = 10_000  # ids of webhooks that were heeded, so that a repetition is not


class Web:
    """A small server, meant to stand behind the operator's own TLS."""

    def __init__(
        self,
        remote: Replicate,
        follower: Follower,
        is_well: Callable[[], bool],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._remote = remote
        self._follower = follower
        self._is_well = is_well
        self._now = now
        self._secret: Secret | None = None
        self._seen: OrderedDict[str, None] = OrderedDict()
        app = web.Application(client_max_size=BODY)
        app.router.add_post("/replicate", self._webhook)
        app.router.add_get("/health", self._health)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str, port: int) -> None:
        """Begin to listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        logger.info("health, figures and webhooks are served on %s:%s", host, port)

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _verdict("too large", 413)
        try:
            secret = await self._key()
        except RemoteError as error:
            logger.warning("a webhook cannot be checked: %s", error)
            return _verdict("cannot be checked", 503)  # Replicate sends the terminal one again
        try:
            hint = secret.read({name.lower(): value for name, value in request.headers.items()}, body, self._now())
        except Forged as error:
            return _verdict("forged", 401, str(error))
        if hint.webhook_id in self._seen:
            return _verdict("repeated", 200)
        self._seen[hint.webhook_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._follower.wake(hint.run_id)
        return _verdict("heeded", 200)

    async def _key(self) -> Secret:
        if self._secret is None:
            self._secret = Secret(await self._remote.webhook_secret())
        return self._secret

    async def _health(self, _: web.Request) -> web.Response:
        well = self._is_well()
        return web.Response(status=200 if well else 503, text="ok\n" if well else "not connected to Discord\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})


def _verdict(word: str, status: int, why: str = "") -> web.Response:
    metrics.WEBHOOKS.labels(word).inc()
    if status != 200:
        logger.warning("webhook refused with %s: %s %s", status, word, why)
    return web.Response(status=status)
