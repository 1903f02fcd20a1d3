"""A seeded part of `make sweep`, and the proof that it would notice."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.sweep.__main__ import status
from tests.sweep.notebook import Case, Notebook, Result
from tests.sweep.play import cases_of, play, sample
from tests.sweep.points import KINDS, LATE, glob_of, kinds_at
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.scene import Scene
from tests.sweep.table import findings
from tests.sweep.verdict import Finding, examine

SEED = 25
EVERYWHERE = [kind for kind in KINDS if kind != LATE]
PAID = "replicate POST /models/black-forest-labs/flux-schnell/predictions"


async def play_until_struck(scene: Scene, cases: Sequence[Case]) -> list[Result]:
    """Play cases up to the first whose point was met: what a run polls and waits for is not the same each time."""
    results: list[Result] = []
    for case in cases:
        results.append(await play(scene, case))
        if results[-1].struck:
            break
    return results


@pytest.mark.e2e
@pytest.mark.parametrize(("number", "name"), list(enumerate(SCENARIOS)))
async def test_a_wish_survives_what_goes_wrong(number: int, name: str, tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        results = [await play(scene, Case(name, "record", ""))]
        for step in range(2):
            kind = EVERYWHERE[(number + step) % len(EVERYWHERE)]
            cases = sample(cases_of(name, results[0].points, [kind]), len(results[0].points), SEED)
            results += await play_until_struck(scene, cases)
            assert results[-1].struck, f"no {kind} struck at any of {[case.point for case in cases]}"
    assert not findings(results), findings(results)


@pytest.mark.e2e
async def test_what_is_paid_twice_without_the_look_up_is_noticed(tmp_path: Path) -> None:
    async with Scene(tmp_path, blind=True) as scene:
        result = await play(scene, Case("imagine", "fail", f"{PAID}, answered #1"))
    assert result.struck
    assert "paid twice" in columns(result.findings)


@pytest.mark.e2e
async def test_with_the_look_up_nothing_is_paid_twice_but_what_comes_late_which_is_found(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        result = await play(scene, Case("imagine", "fail", f"{PAID}, answered #1"))
        assert (result.struck, result.late, result.findings) == (True, 0, [])
        late = await play(scene, Case("imagine", LATE, f"{PAID}, sent #1"))
        assert (late.struck, late.late, late.findings) == (True, 1, [])
        assert "paid twice" in columns(examine(scene))  # a fault of any other kind may bring none
        await scene.bot.kill()
        change(scene, "UPDATE ledger SET spent = spent + 500 WHERE job_id IN (SELECT run_id FROM late_runs)")
        assert columns(examine(scene, LATE)) == {"money"}
        change(scene, "DELETE FROM late_runs")
        assert columns(examine(scene, LATE)) == {"money", "paid twice"}


def change(scene: Scene, sql: str) -> None:
    with closing(sqlite3.connect(scene.data / "atelier.db", isolation_level=None)) as database:
        database.execute(sql)


def columns(findings: Sequence[Finding]) -> set[str]:
    return {finding.column for finding in findings}


def test_a_paid_request_is_never_delivered_twice_by_the_sweep_itself() -> None:
    assert "twice" not in kinds_at(f"{PAID}, sent #1")
    assert "twice" in kinds_at("replicate POST /predictions/ID/cancel, sent #1")


def test_a_point_names_the_requests_that_come_late() -> None:
    assert glob_of("replicate POST /models/meta/llama-N-Nb/predictions, sent #3") == (
        "POST /v1/models/meta/llama-*-*b/predictions",
        2,
    )


def test_a_sweep_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    runs = [Result(Case("imagine", kind, f"{PAID}, sent #1"), struck=True, seconds=1.5) for kind in ("kill", "fail")]
    runs.append(
        Result(
            Case("train", "hang", "atelier.db #1"),
            struck=False,
            findings=[Finding("lost", "a “result”")],
        )
    )
    path = tmp_path / "runs.jsonl"
    notebook = Notebook(path, "1234")
    assert (notebook.results(), notebook.points()) == ({}, {})
    notebook.note_points("train", ["atelier.db #1"])
    for run in runs:
        notebook.note(run)
    with path.open("a") as file:
        file.write('{"commit": "1234", "run": {"ca')
    assert list(Notebook(path, "1234").results().values()) == runs
    assert Notebook(path, "1234").points() == {"train": ["atelier.db #1"]}
    assert Notebook(path, "5678").results() == {}


@pytest.mark.parametrize(
    ("columns", "sweep", "control"),
    [([], 0, 1), (["stuck"], 1, 1), (["paid twice"], 1, 0), (["stuck", "paid twice"], 1, 0)],
)
def test_the_control_passes_only_if_something_was_paid_twice(columns: list[str], sweep: int, control: int) -> None:
    found = [Finding(column, "it happened") for column in columns]
    results = [Result(Case("imagine", "fail", f"{PAID}, answered #1"), struck=True, findings=found)]
    assert (status(results, blind=False), status(results, blind=True)) == (sweep, control)
