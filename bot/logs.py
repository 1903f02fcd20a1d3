"""Logging: one format, and one filter that takes every secret out of whatever is about to be written."""

import logging
import re
import sys
from collections.abc import Sequence

PATTERNS = (
    r"r8_[A-Za-z0-9]{8,}",
    r"hf_[A-Za-z0-9]{8,}",
    r"whsec_[A-Za-z0-9+/=]{8,}",
    r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}",  # a Discord bot token
    r"(?<=/webhooks/)\d+/[A-Za-z0-9_.-]{30,}",  # interaction tokens in addresses
    r"(?<=/interactions/)\d+/[A-Za-z0-9_.-]{30,}",
    r"(?<=['\"]token['\"]: ['\"])[^'\"]{30,}",  # and in the gateway's events, which the library logs for debugging
    r"(?<=[?&]hm=)[0-9a-f]{16,}",  # signatures of Discord's files
)


class Redact(logging.Formatter):
    """Formats a record, traceback included, and blanks every secret in the result."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        known = [re.escape(secret) for secret in secrets if secret]
        self._secret = re.compile("|".join([*known, *PATTERNS]))

    def format(self, record: logging.LogRecord) -> str:
        """Format a record without secrets."""
        return self._secret.sub("[redacted]", super().format(record))


def set_up(level: str, secrets: Sequence[str]) -> None:
    """Send every log to the standard error stream, without secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redact(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # a line for every look at a run is nobody's news
    # DBOS gives itself a handler of its own, which knows no secrets, unless it finds one there.
    logging.getLogger("dbos").handlers[:] = [logging.NullHandler()]
