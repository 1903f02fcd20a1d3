"""Holds what the bot booked against what Replicate billed, in both directions; pure.

The rule: a run that can be looked up is booked at its measured cost, one that may have run and cannot be looked up at
its estimate, one that surely never ran at nothing. Whether a run can be looked up is not the bot's to say: every fault
of the sweep strikes once and there is peace afterwards, so what Replicate has can be looked up, and must be.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.catalog import PRICES
from bot.domain.catalog.prices import ENRICH

Row = Mapping[str, Any]
ROUNDING = 1  # micro-dollars a run


@dataclass(frozen=True, kw_only=True)
class Books:
    """What both sides have written down."""

    trainings: Sequence[Row] = ()
    generations: Sequence[Row] = ()
    """With those that belong to a training or a comparison."""
    comparisons: Sequence[Row] = ()
    enrichments: Sequence[Row] = ()
    late: Sequence[Row] = ()
    ledger: Mapping[str, Row]
    """The bot's, by job, or by run for one that came late."""
    bills: Mapping[str, int]
    """Replicate's, by run."""
    began: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Whether a run used any time, by run: what is billed by the token is counted by the run."""
    unclear: bool = False
    """Whether the fault left open whether a paid request took effect."""


def mistakes(books: Books) -> Iterator[str]:
    """Tell everything that is booked otherwise than the rule says."""
    yield from _shared(books)
    for row in (*books.generations, *books.enrichments):
        yield from _wrong(f"{row['id']}", row["cost"], _allowed(books, row), 1)
    for row in (*books.trainings, *books.comparisons):
        below = [one for one in books.generations if one["parent_id"] == row["id"]]
        own = _allowed(books, row) if "plan" in row else {0}
        allowed = {amount + sum(one["cost"] or 0 for one in below) for amount in own}
        yield from _wrong(f"{row['id']} with {len(below)} pictures", row["cost"], allowed, 1 + len(below))
    asked = [row for row in books.generations if row["parent_id"] is None]
    for row in (*books.trainings, *books.comparisons, *books.enrichments, *asked):
        entry = books.ledger.get(row["id"])
        if entry is None or entry["spent"] is None or entry["spent"] != row["cost"]:
            yield f"{row['id']} cost {row['cost']}, and the ledger has {entry}"
    yield from _late(books)
    everything = (*books.trainings, *books.generations, *books.comparisons, *books.enrichments)
    for entry in books.ledger.keys() - {row["id"] for row in everything} - {row["run_id"] for row in books.late}:
        yield f"the ledger has {entry}, which is no job"


def _shared(books: Books) -> Iterator[str]:
    """Tell of runs that several jobs have."""
    jobs = (*books.trainings, *books.generations, *books.enrichments)
    owners = Counter([row["remote_id"] for row in jobs if row["remote_id"]] + [row["run_id"] for row in books.late])
    for run_id, count in owners.items():
        if count > 1:
            yield f"run {run_id} belongs to {count} jobs"


def _late(books: Books) -> Iterator[str]:
    """Tell of late runs that are not booked for what they cost."""
    guessed = {row["id"]: row["estimate"] for row in books.enrichments}
    for late in books.late:
        entry = books.ledger.get(late["run_id"])
        if entry is None or entry["spent"] is None:
            yield f"late run {late['run_id']} of {late['job_id']} is not booked: {entry}"
            continue
        allowed = {_counted(books, late["run_id"], guessed.get(late["job_id"]))}
        yield from _wrong(f"late run {late['run_id']} of {late['job_id']}", entry["spent"], allowed, 1)


def _allowed(books: Books, row: Row) -> set[int]:
    """Say for what a job's own run may be booked."""
    run_id = row["remote_id"]
    if run_id in books.bills:
        return {_counted(books, run_id, row["estimate"] if _is_guessed(row) else None)}
    # Replicate has no run of it. Only where a request left that nobody can account for is it charged all the same.
    return {row["estimate"] if books.unclear and row["intent_at"] is not None else 0}


def _counted(books: Books, run_id: str, guess: int | None) -> int:
    """Give what Replicate billed, or what is counted where nobody publishes the price."""
    if guess is None:
        return books.bills[run_id]
    return guess if books.began.get(run_id) else 0


def _is_guessed(row: Row) -> bool:
    """Tell whether the price is a guess, as the product's own published list says."""
    return PRICES[ENRICH].is_guess and "trigger_words" in row


def _wrong(what: str, booked: int | None, allowed: set[int], runs: int) -> Iterator[str]:
    if booked is None or all(abs(booked - amount) > runs * ROUNDING for amount in allowed):
        yield f"{what}: {booked} is booked, where it should be {' or '.join(map(str, sorted(allowed)))}"
