"""The sweep's judge sees a booking that is wrong in either direction, of every kind of job."""

from dataclasses import replace
from typing import Any

import pytest

from tests.sweep.bookkeeping import Books, Row, mistakes

BILL = 3_000


def job(job_id: str, cost: int | None, remote_id: str | None, **more: Any) -> Row:
    usual = {"parent_id": None, "intent_at": None, "estimate": 6_000}
    return {"id": job_id, "cost": cost, "remote_id": remote_id} | usual | more


def entry(spent: int | None) -> Row:
    return {"spent": spent}


GENERATION = Books(generations=[job("g1", BILL, "r1")], ledger={"g1": entry(BILL)}, bills={"r1": BILL})
TRAINING = Books(
    trainings=[job("t1", 9_000_000 + BILL, "r1", plan="{}")],
    generations=[job("t1a", BILL, "r2", parent_id="t1"), job("t1b", 0, None, parent_id="t1")],
    ledger={"t1": entry(9_000_000 + BILL)},
    bills={"r1": 9_000_000, "r2": BILL},
)
COMPARISON = Books(
    comparisons=[job("c1", BILL, None)],
    generations=[job("c1a", BILL, "r1", parent_id="c1")],
    ledger={"c1": entry(BILL)},
    bills={"r1": BILL},
)
ENRICHMENT = Books(
    enrichments=[job("e1", 10_000, "r1", trigger_words="[]", estimate=10_000)],
    ledger={"e1": entry(10_000)},
    bills={"r1": 42},
    began={"r1": True},
)
LATE = replace(
    GENERATION,
    late=[{"run_id": "r2", "job_id": "g1"}],
    ledger={"g1": entry(BILL), "r2": entry(700)},
    bills={"r1": BILL, "r2": 700},
)
RIGHT = {
    "generation": GENERATION,
    "training": TRAINING,
    "comparison": COMPARISON,
    "enrichment": ENRICHMENT,
    "late run": LATE,
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_booked_as_it_was_billed_is_right(name: str) -> None:
    assert list(mistakes(RIGHT[name])) == []


@pytest.mark.parametrize("off", [-500, 500])
@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("generation", "generations"),
        ("training", "trainings"),
        ("training", "generations"),
        ("comparison", "comparisons"),
        ("comparison", "generations"),
        ("enrichment", "enrichments"),
    ],
)
def test_a_cost_that_is_off_is_found_in_both_directions(name: str, table: str, off: int) -> None:
    books = RIGHT[name]
    wrong: list[Row] = [{**row, "cost": row["cost"] + off} for row in getattr(books, table)]
    ledger = {row["id"]: entry(row["cost"]) for row in wrong if row["id"] in books.ledger}
    assert list(mistakes(replace(books, **{table: wrong}, ledger={**books.ledger, **ledger})))


@pytest.mark.parametrize("spent", [0, 699 - 1, 10_000, None])
def test_a_late_run_that_is_not_booked_for_its_cost_is_found(spent: int | None) -> None:
    assert list(mistakes(replace(LATE, ledger={**LATE.ledger, "r2": entry(spent)})))


def test_the_estimate_is_right_only_for_a_request_that_nobody_can_account_for() -> None:
    asked = job("g1", 6_000, None, intent_at=1.0)
    charged = replace(GENERATION, generations=[asked], ledger={"g1": entry(6_000)}, bills={})
    free = replace(charged, generations=[{**asked, "cost": 0}], ledger={"g1": entry(0)})
    assert list(mistakes(charged))
    assert not list(mistakes(replace(charged, unclear=True)))
    assert not list(mistakes(free))
    assert list(mistakes(replace(free, unclear=True)))


def test_what_surely_never_ran_costs_nothing_even_where_the_fault_left_much_open() -> None:
    surely_not = job("g1", 6_000, None)
    charged = replace(GENERATION, generations=[surely_not], ledger={"g1": entry(6_000)}, bills={}, unclear=True)
    assert list(mistakes(charged))


def test_what_replicate_has_is_never_booked_at_the_estimate() -> None:
    assert list(mistakes(replace(GENERATION, generations=[job("g1", 6_000, "r1")], unclear=True)))


def test_a_run_of_two_jobs_and_an_entry_of_none_are_found() -> None:
    twice = [job("g1", BILL, "r1"), job("g2", BILL, "r1")]
    ledger = {"g1": entry(BILL), "g2": entry(BILL), "g3": entry(0)}
    told = list(mistakes(replace(GENERATION, generations=twice, ledger=ledger)))
    assert [line for line in told if "r1 belongs to 2 jobs" in line]
    assert [line for line in told if "g3" in line]


def test_rounding_is_no_mistake() -> None:
    assert not list(mistakes(replace(GENERATION, bills={"r1": BILL - 1})))
