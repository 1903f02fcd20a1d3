"""Replicate's webhooks, checked as Standard Webhooks 1.0.0 says; pure. A webhook is a hint to look, never the truth."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

TOLERANCE = 300.0  # seconds that a webhook may be old, or ahead of our clock


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened to a run."""

    webhook_id: str
    run_id: str


class Forged(Exception):
    """A webhook that Replicate did not send just now."""


class Secret:
    """The key that signs webhooks."""

    def __init__(self, key: str) -> None:
        """Take a key as Replicate gives it; raises ValueError, which does not repeat it."""
        head, _, body = key.partition("_")
        try:
            self._key = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise ValueError("the webhook secret is malformed") from None
        if head != "whsec" or not self._key:
            raise ValueError("the webhook secret is malformed")

    def sign(self, webhook_id: str, timestamp: str, body: bytes) -> str:
        """Sign a body, as base64."""
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        return base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()

    def read(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        """Return what a genuine webhook hints at; raises Forged for every other."""
        webhook_id = headers.get("webhook-id", "")
        timestamp = headers.get("webhook-timestamp", "")
        if not webhook_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise Forged("its headers are missing or malformed")
        expected = self.sign(webhook_id, timestamp, body).encode()
        offered = [part[3:].encode() for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
        if not any(hmac.compare_digest(expected, one) for one in offered):
            raise Forged("its signature is wrong")
        if abs(now - int(timestamp)) > TOLERANCE:
            raise Forged("it is too old, or from the future")
        return Hint(webhook_id, _run_id(body))


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
