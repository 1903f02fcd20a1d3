"""Logging: one format, in which every record begins a line and nothing else does, and one filter for every secret."""

import logging
import re
import sys
from collections.abc import Sequence
from types import TracebackType

from bot.domain.addresses import without_secrets

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
ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal or a reader of logs obeys: ends of lines in every script, escapes, turns of direction."""
INDENT = "    "
REDACTED = "[redacted]"


class Redact(logging.Formatter):
    """Formats a record, traceback included, so that nobody's words forge another, and blanks every secret."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        known = [re.escape(secret) for secret in secrets if secret]
        self._secret = re.compile("|".join([*known, *PATTERNS]))

    def format(self, record: logging.LogRecord) -> str:
        """Format a record: a line, and its traceback indented below it."""
        record.message, record.asctime = record.getMessage(), self.formatTime(record)
        below = self.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
        if record.stack_info:
            below += f"\n{self.formatStack(record.stack_info)}"
        lines = [self.formatMessage(record), *(INDENT + line for line in below.split("\n") if line)]
        return self._secret.sub(REDACTED, without_secrets("\n".join(map(inert, lines)), REDACTED))


def inert(text: str) -> str:
    """Write out what would act rather than be read: a new line as \\n."""
    return ACTING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def set_up(level: str, secrets: Sequence[str]) -> None:
    """Send every log to the standard error stream, without secrets; what ends the process, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redact(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "discord.client"):
        logging.getLogger(name).setLevel(logging.WARNING)  # a line for every look at a run is nobody's news
    sys.excepthook = _last_words


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("bot").critical("Atelier ended because of a fault of its own", exc_info=(kind, error, trace))
