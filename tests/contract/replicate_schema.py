"""Checks requests to Replicate and its answers against its own OpenAPI, corrected where recordings prove it wrong."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import jsonschema_rs

# The API answers null where its document says string or object: see the recordings predictions-cancel, trainings-get.
NULLABLE = {
    "schemas_prediction_response": ("logs", "started_at", "completed_at", "webhook"),
    "schemas_training_response": ("logs", "started_at", "completed_at", "output"),
}
# What the document leaves out of every operation; the bodies of these are in facts and tests, not in a schema.
REFUSALS = {400, 401, 402, 403, 404, 409, 413, 422, 429}


class Exchange(Protocol):
    """What is checked: one request and its answer, JSON bodies parsed."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> dict[str, str]: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def request(self) -> Any: ...
    @property
    def status(self) -> int: ...
    @property
    def response(self) -> Any: ...


class ReplicateContract:
    """Replicate's OpenAPI; call it with each exchange, then look at `problems`."""

    def __init__(self, file: Path) -> None:
        self.problems: list[str] = []
        self.checked: Counter[str] = Counter()  # "METHOD /template" -> how often
        self._spec: dict[str, Any] = json.loads(file.read_bytes())
        self._correct()
        self._validators: dict[str, jsonschema_rs.Draft4Validator] = {}
        templates = sorted(self._spec["paths"], key=lambda template: template.count("{"))  # literal ones first
        self._templates = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", name)), name) for name in templates]

    def __call__(self, exchange: Exchange) -> None:
        """Note what is wrong with an exchange."""
        path = exchange.path.removeprefix("/v1")
        template = next((name for pattern, name in self._templates if pattern.fullmatch(path)), None)
        operation = self._spec["paths"].get(template, {}).get(exchange.method.lower())
        if operation is None:
            self.problems.append(f"Replicate has no {exchange.method} {exchange.path}")
            return
        name = f"{exchange.method} {template}"
        self.checked[name] += 1
        self._check_parameters(name, operation, exchange)
        if exchange.status < 400:  # a refused request may well be wrong
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
            self._check(f"{name} request", sent, exchange.request)
        self._check_answer(name, operation, exchange)

    def _check_parameters(self, name: str, operation: dict[str, Any], exchange: Exchange) -> None:
        known = [self._resolved(parameter) for parameter in operation.get("parameters", ())]
        queries = {one["name"] for one in known if one["in"] == "query"} | {"cursor"}
        self.problems += [f"{name}: no query {key!r}" for key in exchange.query if key not in queries]
        headers = {one["name"].lower(): one["schema"] for one in known if one["in"] == "header"}
        for header in ("prefer", "cancel-after"):
            value = exchange.headers.get(header)
            if value is None or exchange.status >= 400:
                continue
            if header not in headers:
                self.problems.append(f"{name}: takes no {header}")
            elif not re.search(headers[header].get("pattern", ""), value):
                self.problems.append(f"{name}: {header}: {value!r} does not match")

    def _check_answer(self, name: str, operation: dict[str, Any], exchange: Exchange) -> None:
        answer = operation["responses"].get(str(exchange.status))
        if answer is None:
            if exchange.status < 500 and exchange.status not in REFUSALS:
                self.problems.append(f"{name}: answers no {exchange.status}")
            return
        media = next(iter(answer.get("content", {}).values()), None)
        self._check(f"{name} {exchange.status}", media, exchange.response)

    def _check(self, name: str, media: dict[str, Any] | None, value: Any) -> None:
        if media is None:
            if value is not None:
                self.problems.append(f"{name}: has no body")
            return
        for error in self._validator(name, media["schema"]).iter_errors(value):
            place = "/".join(map(str, error.instance_path))
            self.problems.append(f"{name}: {place}: {error.message[:200]}")

    def _validator(self, name: str, schema: dict[str, Any]) -> jsonschema_rs.Draft4Validator:
        if name not in self._validators:
            whole = {**schema, "components": self._spec["components"]}
            self._validators[name] = jsonschema_rs.Draft4Validator(whole, validate_formats=True)
        return self._validators[name]

    def _resolved(self, parameter: dict[str, Any]) -> dict[str, Any]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        return self._spec["components"]["parameters"][name] if name else parameter

    def _correct(self) -> None:
        for name, keys in NULLABLE.items():
            properties = self._spec["components"]["schemas"][name]["properties"]
            for key in keys:
                properties.setdefault(key, {"type": "string"})["nullable"] = True
        # "hidden" fits both branches of this `oneOf`, so the document refuses its own example.
        properties = self._spec["components"]["schemas"]["schemas_prediction_response"]["properties"]
        properties["version"] = {"type": "string"}
        _spell_out_null(self._spec)


def _spell_out_null(node: Any) -> None:
    """Write OpenAPI 3.0's `nullable` as JSON Schema does."""
    if isinstance(node, dict):
        if node.pop("nullable", False) is True and isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
        for value in node.values():
            _spell_out_null(value)
    elif isinstance(node, list):
        for value in node:
            _spell_out_null(value)
