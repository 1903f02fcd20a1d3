"""What a request that creates a run may say besides its input: the other keys of its body, and two headers."""

import re

from aiohttp import web

from sandbox.replicate import problems
from sandbox.replicate.fields import Json
from sandbox.replicate.webhooks import acceptable

EVENTS = ("start", "output", "logs", "completed")
COMMON = ("input", "webhook", "webhook_events_filter", "stream")
PREFER = re.compile(r"wait(?:=([1-9]|[1-9][0-9]))?")
DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
LEAST_CANCEL_AFTER = 5


def check_body(body: Json, known: tuple[str, ...], *, required: tuple[str, ...]) -> None:
    """Raise ProblemError for keys that are missing, unknown or of the wrong form."""
    wrong = [("required", "", f"{key} is required") for key in required if key not in body]
    wrong += [
        ("additional_property_not_allowed", "", f"Additional property {key} is not allowed")
        for key in body
        if key not in known
    ]
    if "input" in body and not isinstance(body["input"], dict):
        wrong.append(("invalid_type", "input", "Invalid type. Expected: object, given: string"))
    if body.get("webhook") and not acceptable(str(body["webhook"])):
        wrong.append(("format", "webhook", "webhook must be an HTTPS URL"))
    unknown = [event for event in body.get("webhook_events_filter") or () if event not in EVENTS]
    if unknown:
        allowed = ", ".join(f'"{event}"' for event in EVENTS)
        wrong.append(("enum", "webhook_events_filter.0", f"must be one of the following: {allowed}"))
    if wrong:
        raise problems.invalid([{"type": kind, "field": field, "description": text} for kind, field, text in wrong])


def hold_of(request: web.Request) -> int | None:
    """Read `Prefer: wait[=seconds]`; None without it."""
    given = request.headers.get("Prefer")
    if given is None:
        return None
    match = PREFER.fullmatch(given)
    if match is None:
        raise problems.invalid([{"type": "pattern", "field": "Prefer", "description": "Does not match pattern"}])
    return min(60, int(match[1] or 60))


def cancel_after_of(request: web.Request) -> int | None:
    """Read `Cancel-After` ("30s", "1h30m45s", "30") in seconds, at least 5; None without it."""
    given = request.headers.get("Cancel-After")
    if given is None:
        return None
    match = DURATION.fullmatch(given)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    total = hours * 3600 + minutes * 60 + seconds
    if total < LEAST_CANCEL_AFTER:
        description = "Cancel-After must be a duration of at least 5 seconds"
        raise problems.invalid([{"type": "format", "field": "Cancel-After", "description": description}])
    return total
