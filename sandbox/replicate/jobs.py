"""A prediction or training and the several shapes in which the API shows it; does not run it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.replicate.clock import Limits, stamp

API = "https://api.replicate.com/v1"
DELIVERY = "https://replicate.delivery"
STREAM = "https://stream.replicate.com"
TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})

Json = dict[str, Any]
Kind = Literal["predictions", "trainings"]


def _empty() -> Json:
    return {}


@dataclass(kw_only=True)
class Job:
    """One paid run; `model` is what runs, `destination` what a training fills."""

    id: str
    kind: Kind
    model: str
    version: str
    input: Json
    created_at: datetime
    destination: str | None = None
    official: bool = False
    streams: bool = False  # its output comes piece by piece, and can be read so
    status: str = "starting"
    logs: str = ""
    error: str | None = None
    output: Any = None
    complete: bool = False  # whether the output is whole, which comes a moment before the end
    metrics: Json = field(default_factory=_empty)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deadline: datetime | None = None
    listed_at: datetime | None = None  # when it appears in lists; None: at once
    data_removed: bool = False
    webhook: str | None = None
    events: tuple[str, ...] = ()
    delivered: str | None = None  # its folder at replicate.delivery
    pace: float = 1.0  # how many times as long as usual it takes
    used: float = 0.0  # seconds of hardware that real Replicate would have measured so far
    second_price: int = 0  # micro-dollars
    image_price: int = 0  # micro-dollars
    token_prices: tuple[int, int] = (0, 0)  # micro-dollars a million, in and out
    secrets: Json = field(default_factory=_empty, repr=False)  # inputs shown as redacted; lost with a restart
    changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    time: Limits = field(default_factory=Limits, repr=False)

    @property
    def done(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.status in TERMINAL

    def touch(self) -> None:
        """Wake whoever waits for a change."""
        self.changed.set()
        self.changed = asyncio.Event()


def urls(job: Job, at: Kind) -> Json:
    """Name its addresses under /predictions or /trainings: a training is shown under both."""
    links = {"get": f"{API}/{at}/{job.id}", "cancel": f"{API}/{at}/{job.id}/cancel"}
    if job.kind == "predictions":
        links["web"] = f"https://replicate.com/p/{job.id}"
    if job.streams:
        links["stream"] = f"{STREAM}/v1/files/{job.id}"
    return links


def created_view(job: Job) -> Json:
    """Show it as the reply to its creation: sorted input, addresses under /predictions even for a training."""
    shown = _common(job, at="predictions")
    shown["created_at"] = stamp(job.created_at, most=3)
    shown["logs"] = job.logs
    if job.kind == "predictions":
        shown |= {"output": job.output, "data_removed": False}
    return shown


def current_view(job: Job, at: Kind) -> Json:
    """Show it as GET does, and webhooks, under the address it was asked at."""
    shown = _common(job, at=at)
    shown |= {
        "logs": job.logs if job.logs or job.kind == "predictions" else None,
        "output": job.output,
        "metrics": job.metrics,
        "started_at": stamp(job.started_at),
        "completed_at": stamp(job.completed_at),
        "source": "api",
    }
    if at == "predictions":
        shown["data_removed"] = job.data_removed
        shown["urls"]["web"] = f"https://replicate.com/p/{job.id}"
    if job.webhook:
        shown["webhook"] = job.webhook
        if job.events:
            shown["webhook_events_filter"] = list(job.events)
    return shown


def cancelled_view(job: Job) -> Json:
    """Show it as the reply to a cancel: no logs, addresses under /predictions again."""
    return current_view(job, "predictions") | {"logs": None}


def listed_view(job: Job) -> Json:
    """Show it as an item of a list, which has no logs."""
    shown = current_view(job, job.kind)
    del shown["logs"]
    return shown


def _common(job: Job, at: Kind) -> Json:
    shown: Json = {
        "id": job.id,
        "model": job.model,
        "version": "hidden" if job.official and job.kind == "predictions" else job.version,
        "input": dict(sorted(job.input.items())),
        "error": job.error,
        "status": job.status,
        "created_at": stamp(job.created_at),
        "urls": urls(job, at),
    }
    if job.deadline is not None:
        shown["deadline"] = stamp(job.deadline)
    return shown
