"""What was asked for and what it cost, so that a test can count what was paid twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.replicate.jobs import Job


@dataclass(frozen=True, kw_only=True)
class Created:
    """One accepted, paid creation."""

    id: str
    kind: str
    model: str
    version: str
    destination: str | None
    input: dict[str, Any]
    at: datetime


@dataclass
class Ledger:
    """The account's book: creations in order, and micro-dollars billed by job."""

    created: list[Created] = field(default_factory=list[Created])
    bills: dict[str, int] = field(default_factory=dict[str, int])

    def accept(self, job: Job) -> None:
        """Note a creation."""
        self.created.append(
            Created(
                id=job.id,
                kind=job.kind,
                model=job.model,
                version=job.version,
                destination=job.destination,
                input=dict(job.input),
                at=job.created_at,
            )
        )

    def bill(self, job: Job, images: int) -> None:
        """Charge a finished job: by token or by image where there is such a price, else by second; aborted is free."""
        owed = round(job.used * job.second_price)
        if job.image_price:
            owed = images * job.image_price if job.status == "succeeded" else 0
        if any(job.token_prices):
            counts = (job.metrics.get(f"{way}_token_count", 0) for way in ("input", "output"))
            owed = round(sum(count * price for count, price in zip(counts, job.token_prices, strict=True)) / 1_000_000)
        self.bills[job.id] = 0 if job.status == "aborted" else owed

    @property
    def billed(self) -> int:
        """Everything charged so far, in micro-dollars."""
        return sum(self.bills.values())
