"""Entities to rows and back; the only place that knows how a value lies in a column: by the type of its field."""

import json
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast, get_origin, get_type_hints

from bot.domain.entities import Comparison, Generation, Job, JobState, Kind, Plan, Recipe
from bot.domain.notices import Notice
from bot.domain.team import Whom

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


DECODERS: dict[Any, Callable[[Any], Any]] = {
    Plan: _plan,
    Recipe: _recipe,
    Notice | None: _notice,
    tuple[Notice, ...]: _notices,
    tuple[str, ...]: lambda text: tuple(json.loads(text)),
    tuple[Generation, ...]: lambda text: tuple(from_row(Generation, row) for row in json.loads(text)),
    Comparison | None: lambda text: from_row(Comparison, json.loads(text)) if text else None,
    JobState: JobState,
    Kind: Kind,
    Whom: Whom,
    bool: bool,
}
"""How a column is read whose field has this type; all other mappings are JSON, the rest is as it lies."""


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
    decoders = _decoders(kind)
    return kind(**{name: decoders[name](value) for name, value in row.items() if name in decoders})


@cache
def _decoders(kind: type[Any]) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: _decoder(hints[field.name]) for field in fields(kind)}


def _decoder(hint: Any) -> Callable[[Any], Any]:
    return DECODERS.get(hint) or (json.loads if get_origin(hint) is abc.Mapping else _same)


def _same(value: Any) -> Any:
    return value
