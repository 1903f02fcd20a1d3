"""The refusals of Replicate's API, word for word where a recording or a report shows them."""

from typing import Any

from aiohttp import web

Json = dict[str, Any]


class ProblemError(Exception):
    """A refusal; `body` is the problem+json sent with `status`."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> web.Response:
        """Render it; the real one ends its body with a newline too."""
        text = web.json_response(self.body).text or ""
        return web.Response(
            status=self.status, text=f"{text}\n", content_type="application/problem+json", headers=self.headers
        )


def unauthenticated() -> ProblemError:
    """401: no token or an unknown one."""
    detail = "You did not pass a valid authentication token"
    return ProblemError(401, {"title": "Unauthenticated", "detail": detail, "status": 401})


def forbidden() -> ProblemError:
    """403: someone else's property (the wording is Django REST framework's, which that part of the API runs on)."""
    return ProblemError(403, {"detail": "You do not have permission to perform this action.", "status": 403})


def not_found() -> ProblemError:
    """404: no such resource."""
    return ProblemError(404, {"detail": "The requested resource could not be found.", "status": 404})


def no_destination() -> ProblemError:
    """404: the destination of a training is missing or not ours."""
    return ProblemError(404, {"detail": "The specified training destination does not exist", "status": 404})


def file_not_found() -> ProblemError:
    """404: the file was deleted or has expired."""
    return ProblemError(404, {"detail": "File not found"})


def file_too_big() -> ProblemError:
    """413: uploads end at 100 MB."""
    return ProblemError(413, {"detail": "Files must be less than 100MB in size"})


def body_too_big() -> web.Response:
    """413: a JSON body is too long. Its words were never seen; the page is that of the proxies before such services."""
    page = "<html><head><title>413 Request Entity Too Large</title></head></html>"
    return web.Response(status=413, text=page, content_type="text/html", charset="utf-8")


def name_taken() -> ProblemError:
    """409: the account has a model of that name."""
    detail = "A model with that name and owner already exists."
    return ProblemError(409, {"detail": detail, "errors": [{"detail": detail}], "status": 409})


def refused(detail: str) -> ProblemError:
    """400: a rule of deletion is not met; the real wording was never seen."""
    return ProblemError(400, {"detail": detail, "status": 400})


def no_version() -> ProblemError:
    """422: the version is unknown, not ours, or was named by `owner/name` without being official."""
    detail = "The specified version does not exist (or perhaps you don't have permission to use it?)"
    return ProblemError(422, {"title": "Invalid version or not permitted", "detail": detail, "status": 422})


def no_credit() -> ProblemError:
    """402: the prepaid credit is used up."""
    detail = (
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to "
        "purchase credit. Once you purchase credit, please wait a few minutes before trying again."
    )
    return ProblemError(402, {"title": "Insufficient credit", "detail": detail, "status": 402})


def throttled(seconds: int, *, low_credit: bool = False) -> ProblemError:
    """429: too many requests; the time is given in the header and in the body."""
    why = (
        " Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests "
        "while you have less than $5.0 in credit."
        if low_credit
        else ""
    )
    detail = f"Request was throttled.{why} Your rate limit resets in ~{seconds}s."
    body = {"detail": detail, "status": 429, "retry_after": seconds}
    return ProblemError(429, body, {"Retry-After": str(seconds)})


def invalid(fields: list[Json]) -> ProblemError:
    """422: the body does not fit its schema; each field has `type`, `field` and `description`."""
    lines = [f"- {one['field']}: {one['description']}" if one["field"] else f"- {one['description']}" for one in fields]
    body: Json = {
        "detail": "".join(f"{line}\n" for line in lines),
        "status": 422,
        "title": "Input validation failed",
        "invalid_fields": fields,
    }
    return ProblemError(422, body)
