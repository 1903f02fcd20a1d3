"""Entities to rows and back; the only place that knows how a value lies in a column."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

from bot.domain.entities import Comparison, Generation, Job, JobState, Kind, Plan, Recipe
from bot.domain.notices import Notice

E = TypeVar("E")


def _plan(text: str) -> Plan:
    raw: dict[str, Any] = json.loads(text)
    raw["kind"] = Kind(raw["kind"])
    return Plan(**raw)


def _recipe(text: str) -> Recipe:
    return Recipe(**json.loads(text))


def _notices(text: str) -> tuple[Notice, ...]:
    """Read notices; what older versions kept is a sentence, and none of those begins like a list of JSON."""
    if text.startswith("["):
        return tuple(Notice(**raw) for raw in json.loads(text))
    return (Notice.written(text),) if text else ()


def _notice(text: str | None) -> Notice | None:
    if text is None or not text.startswith("{"):
        return Notice.written(text) if text else None
    return Notice(**json.loads(text))


DECODERS: dict[str, Callable[[Any], Any]] = {
    "plan": _plan,
    "recipe": _recipe,
    "report": json.loads,
    "error": _notice,
    "note": _notices,
    "basis": _notices,
    "uploads": json.loads,
    "takes": json.loads,
    "paths": lambda text: tuple(json.loads(text)),
    "labels": lambda text: tuple(json.loads(text)),
    "trigger_words": lambda text: tuple(json.loads(text)),
    "wishes": lambda text: tuple(from_row(Generation, row) for row in json.loads(text)),
    "comparison": lambda text: from_row(Comparison, json.loads(text)) if text else None,
    "state": JobState,
    "kind": Kind,
    "shared": bool,
    "public": bool,
    "is_guess": bool,
    "adopted": bool,
    "cancel_requested": bool,
    "mine": bool,
}


def _encode(value: object) -> Any:
    if isinstance(value, Job):
        return json.dumps(to_row(value), ensure_ascii=False)
    if is_dataclass(value) and not isinstance(value, type):
        return json.dumps(asdict(value), ensure_ascii=False)
    if isinstance(value, tuple):
        parts = cast("tuple[Any, ...]", value)
        return json.dumps([_part(part) for part in parts], ensure_ascii=False)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, StrEnum):
        return value.value
    return int(value) if isinstance(value, bool) else value


def _part(value: Any) -> Any:
    if isinstance(value, Job):
        return to_row(value)
    return asdict(value) if isinstance(value, Notice) else value


def to_row(entity: Any) -> dict[str, Any]:
    """Flatten an entity to the columns of its table."""
    return {field.name: _encode(getattr(entity, field.name)) for field in fields(entity)}


def encoded(changes: Mapping[str, object]) -> dict[str, Any]:
    """Flatten some fields of an entity."""
    return {name: _encode(value) for name, value in changes.items()}


def from_row(kind: type[E], row: Mapping[str, Any]) -> E:
    """Build an entity from its row; columns that are no field of it are left aside."""
    names = {field.name for field in fields(kind)}  # pyright: ignore[reportArgumentType]: every entity is a dataclass
    return kind(**{name: DECODERS.get(name, _same)(value) for name, value in row.items() if name in names})


def _same(value: Any) -> Any:
    return value
