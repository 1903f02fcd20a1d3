"""Bodies in and pages out, the same for every resource."""

import base64
import json
from typing import Any, cast

from aiohttp import web

from sandbox.replicate import problems
from sandbox.replicate.fields import Json

PAGE = 100


async def read_json(request: web.Request) -> Json:
    """Return the JSON object of a request; anything else is a 422."""
    try:
        body: Any = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        raise problems.invalid(
            [{"type": "invalid_type", "field": "", "description": "Invalid type. Expected: object, given: null"}]
        )
    return cast("Json", body)


def page(request: web.Request, rows: list[Json], *, key: str) -> Json:
    """Cut one page of `rows`; the cursor names the row before it, so new rows do not shift the pages."""
    after, keys = _cursor(request), [row[key] for row in rows]
    begin = keys.index(after) + 1 if after in keys else 0
    shown = rows[begin : begin + PAGE]
    more = begin + PAGE < len(rows)
    earlier = keys[begin - PAGE - 1] if begin > PAGE else ""
    return {
        "next": _link(request, keys[begin + PAGE - 1]) if more else None,
        "previous": _link(request, earlier) if begin else None,
        "results": shown,
    }


def _cursor(request: web.Request) -> str:
    try:
        return base64.urlsafe_b64decode(request.query.get("cursor", "")).decode()
    except ValueError:
        raise problems.not_found() from None


def _link(request: web.Request, after: str) -> str:
    cursor = base64.urlsafe_b64encode(after.encode()).decode()
    url = request.url.with_scheme("https").with_host("api.replicate.com").with_port(None)
    return str(url.update_query(cursor=cursor))
