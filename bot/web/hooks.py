"""Takes Replicate's webhooks; forged, broken, slow and too many ones cost next to nothing."""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from aiohttp import web

from bot import metrics
from bot.web.keyring import Keyring
from bot.web.signatures import Forged, Seal

logger = logging.getLogger(__name__)

BODY = 1 << 20  # bytes that a webhook may have; Replicate's logs make some long
BODY_SECONDS = 5.0  # for a body to come whole; Replicate sends it at once
MOST_A_SECOND = 100  # whose bodies are read; Replicate takes 10 creations a second
REMEMBERED = 10_000  # ids of webhooks that were heeded, so that a repetition is not
BETWEEN_LINES = 60.0  # seconds between two lines of the log about the same


class _Refused(Exception):
    """A webhook that is not even checked."""

    def __init__(self, word: str, status: int) -> None:
        super().__init__(word)
        self.word, self.status = word, status


class Hooks:
    """Checks webhooks, and wakes those who wait for a run."""

    def __init__(
        self,
        keyring: Keyring,
        wake: Callable[[str], None],
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keyring, self._wake, self._now, self._clock = keyring, wake, now, clock
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._second, self._this_second = 0, 0
        self._told: dict[str, float] = {}
        self._untold: Counter[str] = Counter()

    async def take(self, request: web.Request) -> web.Response:
        """Answer a webhook: 200 if it is genuine, and otherwise what is wrong with it."""
        try:
            seal, run_id = await self._read(request)
        except Forged as error:
            return self._verdict("forged", 401, str(error))
        except _Refused as error:
            return self._verdict(error.word, error.status)
        return self._heed(seal.webhook_id, run_id)

    async def _read(self, request: web.Request) -> tuple[Seal, str]:
        """Return a genuine webhook's headers, and the run that it tells of."""
        seal = Seal.read({name.lower(): value for name, value in request.headers.items()}, self._now())
        if self._is_too_often():
            raise _Refused("too many", 429)
        secret = await self._keyring.secret()
        if secret is None:
            raise _Refused("cannot be checked", 503)  # Replicate sends the terminal one again
        return seal, secret.open(seal, await _body(request))

    def _heed(self, webhook_id: str, run_id: str) -> web.Response:
        if webhook_id in self._seen:
            return self._verdict("repeated", 200)
        self._seen[webhook_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._wake(run_id)
        return self._verdict("heeded", 200)

    def _is_too_often(self) -> bool:
        second = int(self._clock())
        self._this_second = self._this_second + 1 if second == self._second else 1
        self._second = second
        return self._this_second > MOST_A_SECOND

    def _verdict(self, word: str, status: int, why: str = "") -> web.Response:
        metrics.WEBHOOKS.labels(word).inc()
        if status != 200:
            self._complain(f"webhook refused with {status}: {word} {why}".rstrip())
        return web.Response(status=status)

    def _complain(self, line: str) -> None:
        """Write a line, once a minute: whoever sends a thousand must not fill the log."""
        now = self._clock()
        if now < self._told.get(line, -BETWEEN_LINES) + BETWEEN_LINES:
            self._untold[line] += 1
            return
        self._told[line] = now
        more = self._untold.pop(line, 0)
        logger.warning("%s%s", line, f", and {more} more since the last such line" if more else "")


async def _body(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise _Refused("too large", 413) from error
    except TimeoutError as error:
        raise _Refused("too slow", 408) from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise _Refused("broken", 400) from error
