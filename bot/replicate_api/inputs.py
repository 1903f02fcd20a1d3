"""What a version's own schema says of its inputs: a total reading of its JSON, however odd; pure."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, cast

KEPT = {"minimum": (int, float), "maximum": (int, float), "enum": (list,), "default": (str, int, float, bool)}
MOST_FIELDS, MOST_PARTS, MOST_CHOICES = 200, 8, 500  # the largest schemas that were seen have 30, 1 and 30
WAY = ("openapi_schema", "components", "schemas")


def read_inputs(version: object) -> Mapping[str, Mapping[str, Any]]:
    """Read each input's limits, choices and default from a version, by field; empty where there is no schema."""
    schemas = _dict(version)
    for part in WAY:
        schemas = _dict(schemas.get(part))
    fields = islice(_dict(_dict(schemas.get("Input")).get("properties")).items(), MOST_FIELDS)
    return {name: _limits(_dict(told), schemas) for name, told in fields}


def _limits(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Take what limits a value; cog writes choices as a schema of their own and refers to it."""
    parts = told.get("allOf")
    first = cast("list[object]", parts)[:MOST_PARTS] if isinstance(parts, list) else []
    sources = (told, *(_named(_dict(part).get("$ref"), schemas) for part in first))
    found = {key: next((source[key] for source in sources if key in source), None) for key in KEPT}
    limits = {key: found[key] for key, kinds in KEPT.items() if isinstance(found[key], kinds)}
    return {key: value[:MOST_CHOICES] if isinstance(value, list) else value for key, value in limits.items()}


def _named(reference: object, schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    return _dict(schemas.get(reference.rpartition("/")[2])) if isinstance(reference, str) else {}


def _dict(raw: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", raw) if isinstance(raw, dict) else {}
