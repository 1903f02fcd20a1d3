"""Rules of Discord that SimCord does not keep, and its refusals in the shape of Discord's; pure."""

import re
from collections.abc import Iterator
from typing import Any

from simcord.backend.errors import BackendError

Payload = dict[str, Any]
Place = tuple[str, ...]

BUTTON, FILE, CONTAINER, GALLERY, THUMBNAIL = 2, 13, 17, 12, 11
LINK_STYLE, PREMIUM_STYLE = 5, 6
MOST_FILES, MOST_ALT_TEXT, MOST_NONCE, MOST_CHOICES, MOST_CHOICE_TEXT = 10, 1024, 25, 25, 100
PLACED = re.compile(r"(?:Invalid Form Body: )?(?P<place>[\w.\[\]]+): (?P<what>.+)", re.DOTALL)


def invalid(place: Place, what: str, code: str = "BASE_TYPE_INVALID") -> BackendError:
    """Return the refusal of one field, nested as Discord nests it."""
    nested: Payload = {"_errors": [{"code": code, "message": what}]}
    for name in reversed(place):
        nested = {name: nested}
    return BackendError(400, 50035, "Invalid Form Body", errors=nested)


def too_long(place: Place, limit: int) -> BackendError:
    """Return the refusal of a text or list over its limit."""
    return invalid(place, f"Must be {limit} or fewer in length.", "BASE_TYPE_MAX_LENGTH")


def as_discord_says(error: BackendError) -> Payload:
    """Return the body of a refusal, with SimCord's one-line places nested."""
    if error.code != 50035 or error.errors is not None:
        return error.to_json()
    if "Cannot send an empty message" in error.message:
        return {"code": 50006, "message": "Cannot send an empty message"}
    found = PLACED.fullmatch(error.message)
    if found is None:
        return error.to_json()
    place = tuple(re.findall(r"\w+", found["place"]))
    if found["what"].startswith("content must be"):
        place = ("content",)
    return invalid(place, found["what"]).to_json()


def check_message(message: Payload, files: int) -> None:
    """Refuse a message, or an edit of one, that Discord would; `files` is how many come with it."""
    attachments: list[Payload] = message.get("attachments") or []
    if max(len(attachments), files) > MOST_FILES:
        raise too_long(("attachments",), MOST_FILES)
    for index, attachment in enumerate(attachments):
        if len(attachment.get("description") or "") > MOST_ALT_TEXT:
            raise too_long(("attachments", str(index), "description"), MOST_ALT_TEXT)
    if len(str(message.get("nonce") or "")) > MOST_NONCE:
        raise too_long(("nonce",), MOST_NONCE)
    _check_mentions(message.get("allowed_mentions") or {})
    for place, component in _walk(message.get("components") or [], ("components",)):
        _check_component(place, component)


def check_choices(choices: list[Payload]) -> None:
    """Refuse answers to an autocompletion that Discord would not show."""
    if len(choices) > MOST_CHOICES:
        raise too_long(("data", "choices"), MOST_CHOICES)
    for index, choice in enumerate(choices):
        for key in ("name", "value"):
            if not 1 <= len(str(choice[key])) <= MOST_CHOICE_TEXT:
                what = f"Must be between 1 and {MOST_CHOICE_TEXT} in length."
                raise invalid(("data", "choices", str(index), key), what, "BASE_TYPE_BAD_LENGTH")


def _check_mentions(allowed: Payload) -> None:
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            what = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise invalid(("allowed_mentions",), what, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")


def _walk(components: list[Payload], place: Place) -> Iterator[tuple[Place, Payload]]:
    for index, component in enumerate(components):
        here = (*place, str(index))
        yield here, component
        yield from _walk(component.get("components") or [], (*here, "components"))
        if "accessory" in component:
            yield (*here, "accessory"), component["accessory"]


def _check_component(place: Place, component: Payload) -> None:
    kind = component.get("type")
    if kind == CONTAINER and not component.get("components"):
        raise invalid((*place, "components"), "Must be between 1 and 40 in length.", "BASE_TYPE_BAD_LENGTH")
    if kind == BUTTON and component.get("style") == LINK_STYLE:
        _check_address((*place, "url"), component.get("url"), ("http://", "https://", "discord://"))
    elif kind == BUTTON and component.get("style") != PREMIUM_STYLE:
        if not component.get("label") and not component.get("emoji"):
            raise invalid((*place, "label"), "A button needs a label or an emoji.", "BASE_TYPE_REQUIRED")
    elif kind == FILE:
        _check_address((*place, "file", "url"), component.get("file", {}).get("url"), ("attachment://", "https://cdn."))
    elif kind == THUMBNAIL:
        _check_media((*place, "media"), component)
    elif kind == GALLERY:
        for index, item in enumerate(component.get("items") or []):
            _check_media((*place, "items", str(index), "media"), item)


def _check_media(place: Place, holder: Payload) -> None:
    _check_address((*place, "url"), holder.get("media", {}).get("url"), ("attachment://", "http://", "https://"))


def _check_address(place: Place, address: Any, schemes: tuple[str, ...]) -> None:
    if not str(address).startswith(schemes):
        names = ", ".join(repr(scheme) for scheme in schemes)
        raise invalid(place, f"Scheme must be one of ({names}).", "URL_TYPE_INVALID_SCHEME")
