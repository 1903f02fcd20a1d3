"""Replicate's webhooks, checked as Standard Webhooks 1.0.0 says; pure. A webhook is a hint to look, never the truth."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

TOLERANCE = 300.0  # seconds that a webhook may be old, or ahead of our clock
NAME = re.compile(r"[!-~]{1,256}")
SECONDS = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")
MOST_SIGNATURES = 8  # one a key, while keys are changed


class Forged(Exception):
    """A webhook that Replicate did not send just now."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What the headers of a webhook say: its name, its time, and the signatures of its body."""

    webhook_id: str
    timestamp: str
    signatures: tuple[bytes, ...]

    @classmethod
    def read(cls, headers: Mapping[str, str], now: float) -> "Seal":
        """Read headers by their names in lower case; raises Forged for what Replicate would not send at this time."""
        webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not NAME.fullmatch(webhook_id) or not SECONDS.fullmatch(timestamp):
            raise Forged("its headers are missing or malformed")
        offered = headers.get("webhook-signature", "").split()[:MOST_SIGNATURES]
        signatures = tuple(match[1].encode() for match in map(SIGNATURE.fullmatch, offered) if match)
        if not signatures:
            raise Forged("it has no signature")
        if abs(now - int(timestamp)) > TOLERANCE:
            raise Forged("it is too old, or from the future")
        return cls(webhook_id, timestamp, signatures)


class Secret:
    """The key that signs webhooks."""

    def __init__(self, key: str) -> None:
        """Take a key as Replicate gives it; raises ValueError, which does not repeat it."""
        head, _, body = key.partition("_")
        try:
            self._key = base64.b64decode(body, validate=True)
        except ValueError:  # binascii's own is one, and letters beyond ASCII are another
            self._key = b""
        if head != "whsec" or not self._key:
            raise ValueError("the webhook secret is malformed")

    def sign(self, webhook_id: str, timestamp: str, body: bytes) -> str:
        """Sign a body, as base64."""
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        return base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()

    def open(self, seal: Seal, body: bytes) -> str:
        """Return the id of the run that a genuine webhook tells of; raises Forged for every other."""
        expected = self.sign(seal.webhook_id, seal.timestamp, body).encode()
        if not any(hmac.compare_digest(expected, one) for one in seal.signatures):
            raise Forged("its signature is wrong")
        return _run_id(body)


def _run_id(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:  # the latter for a megabyte of brackets
        raise Forged("its body is no JSON") from error
    match told:
        case {"id": str(run_id)}:
            return run_id
        case _:
            raise Forged("its body names no run")
