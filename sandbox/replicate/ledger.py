"""What was asked for and what it cost, so that a test can count what was paid twice."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any, Literal

from sandbox.replicate.jobs import Job

LOW = 5_000_000  # micro-dollars, below which creating predictions is slowed down

Credit = Literal["plenty", "low", "none"]


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
    """The account's book: creations in order, micro-dollars billed by job, and what is left of those bought."""

    created: list[Created] = field(default_factory=list[Created])
    bills: dict[str, int] = field(default_factory=dict[str, int])
    balance: int | None = None  # micro-dollars; None: nobody counts them

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
        """Charge a finished job: by token or by image where there is such a price, else by second; aborted is free.

        Seconds are rounded up to the micro-dollar; how Replicate rounds was never seen.
        """
        owed = ceil(round(job.used, 9) * job.second_price)
        if job.image_price:
            owed = images * job.image_price if job.status == "succeeded" else 0
        if any(job.token_prices):
            counts = (job.metrics.get(f"{way}_token_count", 0) for way in ("input", "output"))
            owed = round(sum(count * price for count, price in zip(counts, job.token_prices, strict=True)) / 1_000_000)
        self.bills[job.id] = owed = 0 if job.status == "aborted" else owed
        if self.balance is not None:
            self.balance -= owed

    @property
    def credit(self) -> Credit:
        """How much is left; what runs may use up more than that."""
        if self.balance is None or self.balance >= LOW:
            return "plenty"
        return "low" if self.balance > 0 else "none"

    @property
    def billed(self) -> int:
        """Everything charged so far, in micro-dollars."""
        return sum(self.bills.values())
