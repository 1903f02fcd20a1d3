"""A seeded part of `make sweep`, and the proof that it would notice."""

from pathlib import Path

import pytest

from tests.sweep.play import Case, cases_of, play, sample
from tests.sweep.points import KINDS, kinds_at
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.scene import Scene
from tests.sweep.table import findings

SEED = 22
PAID = "replicate POST /models/black-forest-labs/flux-schnell/predictions"


@pytest.mark.e2e
@pytest.mark.parametrize(("number", "name"), list(enumerate(SCENARIOS)))
async def test_a_wish_survives_what_goes_wrong(number: int, name: str, tmp_path: Path) -> None:
    kinds = [KINDS[(number + step) % len(KINDS)] for step in range(2)]
    async with Scene(tmp_path) as scene:
        recorded = await play(scene, Case(name, "record", ""))
        cases = sample(cases_of(name, recorded.points, kinds), 1, SEED)
        results = [recorded, *[await play(scene, case) for case in cases]]
    assert [case.kind for case in cases] == kinds
    assert any(result.struck for result in results)
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
