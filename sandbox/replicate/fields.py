"""One input of a model: what it takes, how Replicate words a refusal, how a schema describes it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

Json = dict[str, Any]
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
NAMES = {
    "str": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "list": "array",
    "NoneType": "null",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A named input with its type, its limits and its default (None where there is none)."""

    name: str
    kind: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] | tuple[int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    multiple: int | None = None
    most: int | None = None  # items of an array
    form: str | None = None  # "uri", of the value or of an array's items
    secret: bool = False

    def problem(self, value: Any) -> tuple[str, str] | None:
        """Return (type, description) of what is wrong with `value`, as gojsonschema words it."""
        if not self._right_type(value):
            given = NAMES.get(type(cast("object", value)).__name__, "object")
            return "invalid_type", f"Invalid type. Expected: {self.kind}, given: {given}"
        if self.choices and value not in self.choices:
            allowed = ", ".join(json.dumps(choice) for choice in self.choices)
            return "enum", f"{self.name} must be one of the following: {allowed}"
        if self.most is not None and len(value) > self.most:
            return "array_max_items", f"Array must have at most {self.most} items"
        items: list[Any] = value if self.kind == "array" else [value]
        if self.form == "uri" and not all(_is_uri(item) for item in items):
            return "format", "Does not match format 'uri'"
        return self._range_problem(value)

    def _right_type(self, value: Any) -> bool:
        if isinstance(value, bool):
            return self.kind == "boolean"
        if self.kind == "integer" and isinstance(value, float):
            return value.is_integer()
        return isinstance(value, KINDS[self.kind])

    def _range_problem(self, value: Any) -> tuple[str, str] | None:
        if self.minimum is not None and value < self.minimum:
            return "number_gte", f"Must be greater than or equal to {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return "number_lte", f"Must be less than or equal to {self.maximum:g}"
        if self.multiple is not None and value % self.multiple:
            return "multiple_of", f"Must be a multiple of {self.multiple}"
        return None

    def schema(self, order: int) -> Json:
        """Describe it as cog's OpenAPI does (a choice is inlined rather than referred to)."""
        described: Json = {"type": self.kind, "title": self.name.replace("_", " ").title(), "x-order": order}
        limits = {
            "default": self.default,
            "enum": list(self.choices) or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "multipleOf": self.multiple,
            "maxItems": self.most,
        }
        described |= {key: value for key, value in limits.items() if value is not None}
        if self.kind == "array":
            described["items"] = {"type": "string", "format": "uri"} if self.form else {}
        elif self.form:
            described["format"] = self.form
        if self.secret:
            described |= {"format": "password", "x-cog-secret": True}
        return described


def problems(fields: Iterable[Field], values: Mapping[str, Any]) -> list[Json]:
    """List what is wrong with an `input`; keys that no field names are let through, as Replicate does."""
    found: list[Json] = []
    for field in fields:
        if field.name in values:
            problem = field.problem(values[field.name])
            where = f"input.{field.name}"
        else:
            problem = ("required", f"{field.name} is required") if field.required else None
            where = "input"
        if problem is not None:
            found.append({"type": problem[0], "field": where, "description": problem[1]})
    return found


def filled(fields: Iterable[Field], values: Mapping[str, Any]) -> Json:
    """Return every field's value, given or default; None where there is neither."""
    return {field.name: values.get(field.name, field.default) for field in fields}


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and bool(urlsplit(value).scheme)
