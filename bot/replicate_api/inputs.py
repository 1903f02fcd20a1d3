"""What a version's own schema says of its inputs: a total reading of its JSON, however odd; pure."""

from collections.abc import Mapping
from typing import Any, cast

KEPT = {"minimum": (int, float), "maximum": (int, float), "enum": (list,), "default": (str, int, float, bool)}
WAY = ("openapi_schema", "components", "schemas")


def read_inputs(version: object) -> Mapping[str, Mapping[str, Any]]:
    """Read each input's limits, choices and default from a version, by field; empty where there is no schema."""
    schemas = _dict(version)
    for part in WAY:
        schemas = _dict(schemas.get(part))
    fields = _dict(_dict(schemas.get("Input")).get("properties"))
    return {name: _limits(_dict(told), schemas) for name, told in fields.items()}


def _limits(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Take what limits a value; cog writes choices as a schema of their own and refers to it."""
    parts = told.get("allOf")
    for part in cast("list[object]", parts) if isinstance(parts, list) else ():
        name = str(_dict(part).get("$ref", "")).rpartition("/")[2]
        told = {**_dict(schemas.get(name)), **told}
    return {key: told[key] for key, kinds in KEPT.items() if isinstance(told.get(key), kinds)}


def _dict(raw: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", raw) if isinstance(raw, dict) else {}
