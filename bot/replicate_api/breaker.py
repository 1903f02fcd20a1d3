"""The breaker for the refusals that only the operator can mend: a key that is not accepted, and no credit."""

import logging
import time
from collections.abc import Callable

from bot.errors import RemoteRefused

logger = logging.getLogger(__name__)

OPEN_SECONDS = 60.0  # after which one request may try whether it has been mended
MENDS = {  # a 403 is not among them: it is about what was asked for, so everything else goes on
    401: "Replicate does not accept REPLICATE_API_TOKEN. Make a new token, put it into .env and restart the bot.",
    402: "The Replicate account has no credit, or has reached its spend limit. Top it up, or raise the limit, at "
    "replicate.com/account/billing; the bot goes on by itself.",
}


class Breaker:
    """Tells the operator once, and keeps everybody else from asking in vain."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._trouble: RemoteRefused | None = None
        self._since = 0.0

    @property
    def trouble(self) -> RemoteRefused | None:
        """What stands in the way of anything that costs money; None if nothing does, or if it is time to try again."""
        return self._trouble if self._clock() < self._since + OPEN_SECONDS else None

    def refused(self, error: RemoteRefused) -> None:
        """Take note of a refusal."""
        if error.status not in MENDS:
            return
        if self._trouble is None or self._trouble.status != error.status:
            logger.critical(MENDS[error.status])
        self._trouble, self._since = error, self._clock()

    def accepted(self) -> None:
        """Take note that something which costs money was accepted."""
        if self._trouble is not None:
            logger.info("Replicate accepts our requests again")
        self._trouble = None
