"""Discord's rate limits, as observed: buckets for each route and major parameter, and the bot's own per second."""

import hashlib
import re
import time
from dataclasses import dataclass, field

MAJOR = re.compile(r"/(?:channels|guilds)/\d+|/webhooks/\d+/[^/]+")
VARIABLE = re.compile(r"(?<=/)(?:\d{15,}|[^/]{40,})(?=/|$)")  # snowflakes, and tokens of interactions and webhooks


@dataclass(frozen=True)
class Rule:
    """So many requests per so many seconds, for each channel or token."""

    route: str  # "METHOD /path" with :id for every number and token
    limit: int
    per: float


# Undocumented, widely observed (Discord: "read the headers"): messages 5 per 5 s, webhooks 5 per 2 s a token.
OBSERVED = (
    Rule("POST /channels/:id/messages", 5, 5.0),
    Rule("PATCH /channels/:id/messages/:id", 5, 5.0),
    Rule("POST /webhooks/:id/:id", 5, 2.0),
    Rule("PATCH /webhooks/:id/:id/messages/@original", 5, 2.0),
    Rule("PATCH /webhooks/:id/:id/messages/:id", 5, 2.0),
)
MOST_BUCKETS = 10_000
GLOBAL = Rule("global", 50, 1.0)  # documented; interactions and webhooks do not count


@dataclass
class Verdict:
    """What to tell about the limits, and how long to wait (0: the request may pass)."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    wait: float = 0.0
    is_global: bool = False


class Limits:
    """The buckets of one bot; `rules` may be changed at any time."""

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = OBSERVED
        self.overall: Rule | None = GLOBAL
        self._buckets: dict[tuple[Rule, str], tuple[int, float]] = {}  # left, and when it fills again

    def take(self, method: str, path: str) -> Verdict:
        """Count one request and judge it."""
        if self.overall is not None and not path.startswith(("/interactions/", "/webhooks/")):
            left, wait = self._count(self.overall, "")
            if left < 0:
                return Verdict({"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, wait, is_global=True)
        route = f"{method} {VARIABLE.sub(':id', path)}"
        rule = next((rule for rule in self.rules if rule.route == route), None)
        if rule is None:
            return Verdict()
        major = MAJOR.match(path)
        left, wait = self._count(rule, major[0] if major else "")
        headers = {
            "X-RateLimit-Limit": str(rule.limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }
        if left >= 0:
            return Verdict(headers)
        return Verdict({**headers, "X-RateLimit-Scope": "user"}, wait)

    def _count(self, rule: Rule, major: str) -> tuple[int, float]:
        """Return how many requests are left after this one (-1: one too many), and when the bucket fills again."""
        now = time.monotonic()
        if len(self._buckets) > MOST_BUCKETS:  # every interaction's token has its own
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket[1] > now}
        left, full_at = self._buckets.get((rule, major), (rule.limit, now + rule.per))
        if now >= full_at:
            left, full_at = rule.limit, now + rule.per
        self._buckets[rule, major] = (max(left - 1, 0), full_at)
        return left - 1, full_at - now
