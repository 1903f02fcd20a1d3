"""A seeded part of `make sweep`, and the proof that it would notice."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sweep.play import Case, Result, cases_of, play, sample
from tests.sweep.points import KINDS, kinds_at
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.scene import Scene
from tests.sweep.table import findings

SEED = 22
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
            kind = KINDS[(number + step) % len(KINDS)]
            cases = sample(cases_of(name, results[0].points, [kind]), len(results[0].points), SEED)
            results += await play_until_struck(scene, cases)
            assert results[-1].struck, f"no {kind} struck at any of {[case.point for case in cases]}"
    assert not findings(results), findings(results)


@pytest.mark.e2e
@pytest.mark.parametrize("blind", [False, True])
async def test_what_is_paid_twice_without_the_look_up_is_noticed(blind: bool, tmp_path: Path) -> None:
    async with Scene(tmp_path, blind=blind) as scene:
        result = await play(scene, Case("imagine", "fail", f"{PAID}, answered #1"))
    assert result.struck
    assert ("paid twice" in {finding.column for finding in result.findings}) is blind


def test_a_paid_request_is_never_delivered_twice_by_the_sweep_itself() -> None:
    assert "twice" not in kinds_at(f"{PAID}, sent #1")
    assert "twice" in kinds_at("replicate POST /predictions/ID/cancel, sent #1")
