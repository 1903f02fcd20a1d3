"""Replicate's rate limits as token buckets; knows no request."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Lets `per_minute` requests through a minute, `burst` of them at once."""

    per_minute: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _filled: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._filled = self.burst, self.clock()

    def take(self) -> int:
        """Take one token; return 0, or the whole seconds until there is one."""
        moment = self.clock()
        rate = self.per_minute / 60
        self._tokens = min(self.burst, self._tokens + (moment - self._filled) * rate)
        self._filled = moment
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) / rate))

    @property
    def remaining(self) -> int:
        """How many requests are left now, for the header."""
        return int(self._tokens)


class Limits:
    """The buckets of one account; `low_credit` shrinks the one for predictions."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.predictions = Bucket(600, 600, clock)
        self.low_credit = Bucket(6, 1, clock)
        self.reads = Bucket(60_000, 60_000, clock)  # GET of a prediction: recorded remaining 59999
        self.rest = Bucket(3_000, 3_000, clock)
