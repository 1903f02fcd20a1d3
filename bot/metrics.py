"""What an operator may want to draw: counters and gauges for Prometheus; they know nothing of who asks."""

import asyncio
import time

from prometheus_client import Counter, Gauge, Histogram, generate_latest

JOBS = Counter("atelier_jobs_total", "Jobs that are over", ["kind", "state"])
SPENT = Counter("atelier_spent_dollars_total", "What was charged, in US dollars, before refunds", ["kind"])
REQUESTS = Counter("atelier_replicate_requests_total", "Requests to Replicate", ["route", "answer"])
LATE_RUNS = Counter("atelier_late_runs_total", "Runs that took effect after the grace, cancelled and booked", ["jobs"])
WEBHOOKS = Counter("atelier_webhooks_total", "Webhooks received", ["verdict"])
LAG = Histogram(
    "atelier_loop_lag_seconds",
    "How late the event loop is",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 1.0),
)
WORST_LAG = Gauge("atelier_loop_lag_worst_seconds", "The latest the event loop has been since the start")
PULSE = 0.1  # seconds between two measurements of the lag


def job_over(kind: str, state: str) -> None:
    """Count a job that has just ended."""
    JOBS.labels(kind, state).inc()


def charged(kind: str, micro_dollars: int) -> None:
    """Count what a job was charged; the pictures of a sheet are charged with it, a late run for itself."""
    SPENT.labels(kind).inc(micro_dollars / 1_000_000)


def late_run(jobs: str) -> None:
    """Count a run that was found late, by the table of its job."""
    LATE_RUNS.labels(jobs).inc()


def page() -> bytes:
    """Write every figure as Prometheus reads it."""
    return generate_latest()


async def watch_loop() -> None:
    """Measure how late the event loop is, for ever."""
    worst = 0.0
    while True:
        began = time.perf_counter()
        await asyncio.sleep(PULSE)
        lag = max(0.0, time.perf_counter() - began - PULSE)
        LAG.observe(lag)
        if lag > worst:
            worst = lag
            WORST_LAG.set(lag)
