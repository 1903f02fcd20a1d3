"""Plays runs: a scenario with one fault in it, then peace, then the verdict."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.replicate_world import Fault
from tests.sweep.notebook import Case, Notebook, Result
from tests.sweep.points import KINDS, LATE, STALL, Plan, glob_of, kinds_at
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.scene import JOBS, Scene
from tests.sweep.verdict import Finding, examine

TAKEN_WITHIN = 3.0  # seconds until a wish that the bot has not taken on is made once more


async def play(scene: Scene, case: Case) -> Result:
    """Play one run."""
    scene.begin_run()
    scenario = SCENARIOS[case.scenario]()
    try:
        await scenario.prepare(scene)
    except TimeoutError:
        said = [message.text for message in scene.messages()]
        return Result(case, struck=False, findings=[Finding("other", f"nothing to begin with: {said} {scene.log()}")])
    late = _begin_late(scene, case.point) if case.kind == LATE else None
    if not late:
        scene.control.begin(Plan(scene.run, case.kind, case.point))
    await scene.while_alive(lambda: scenario.act(scene))
    taken = await scene.until(lambda: scenario.accepted(scene), TAKEN_WITHIN)
    if not taken:
        scene.control.end()
        await scenario.act(scene)
        taken = await scene.until(lambda: scenario.accepted(scene))
    struck = await _end_late(scene, late) if late else False
    settled = await scene.until(lambda: not scene.unsettled())
    struck = scene.control.end() or struck
    if struck and case.kind == "kill":  # perhaps at the very last point, when all was settled already
        settled = await scene.until(lambda: scene.restarts and not scene.unsettled())
    if case.kind == "hang":
        await asyncio.sleep(STALL)  # what hangs may outlast the job, and its end belongs to this run's log
    await scene.until(lambda: not scene.going_on())  # a picture is here before Replicate has ended its run
    await scene.until(lambda: not scene.remains())  # a file that could not be removed is tried again after a pause
    findings = examine(scene, case.kind, case.point)
    if not taken:
        findings.append(Finding("lost", "the wish was not taken on, even when it was made once more"))
    elif settled and not scenario.fulfilled(scene) and not _said_to_have_failed(scene, case):
        findings.append(Finding("stuck", "the wish was taken on and not fulfilled"))
    points = scene.control.points() if case.kind == "record" else []
    return Result(case, struck, findings, points, late=len(scene.late_runs()))


def _begin_late(scene: Scene, point: str) -> Fault:
    """Have Replicate carry out one paid request only when it is told to."""
    match, before = glob_of(point)
    fault = Fault(match=match, skip=before, late=asyncio.Event())
    scene.world.replicate.faults[:] = [fault]
    return fault


async def _end_late(scene: Scene, fault: Fault) -> bool:
    """Have it carried out once the bot has given up looking for it; tells whether it met the point."""
    await scene.until(lambda: scene.watched() or not scene.unsettled())
    scene.world.replicate.faults.clear()
    if fault.met and fault.late:
        fault.late.set()
        await scene.until(scene.late_runs)
    return bool(fault.met)


def _said_to_have_failed(scene: Scene, case: Case) -> bool:
    """Say whether the bot gave up and told why, as it may where something failed, but not where it was only killed."""
    jobs = [row for table in JOBS for row in scene.new_rows(table)]
    return case.kind in {"fail", "hang"} and any(row["state"] == "failed" and row["error"] for row in jobs)


async def play_all(cases: Sequence[Case], *, blind: bool = False, notebook: Notebook | None = None) -> list[Result]:
    """Play runs one after the other, in one world until a run goes wrong: its end must not be another's beginning."""
    results: list[Result] = []
    left = list(cases)
    while left:
        with TemporaryDirectory(prefix="sweep-") as directory:
            async with Scene(Path(directory), blind=blind) as scene:
                sound = True
                while left and sound:
                    began = time.monotonic()
                    result = replace(await play(scene, left.pop(0)), seconds=round(time.monotonic() - began, 1))
                    results.append(result)
                    if notebook:
                        notebook.note(result)
                    sound = not result.findings
    return results


def play_share(cases: Sequence[Case], *, blind: bool = False, notebook: Notebook | None = None) -> list[Result]:
    """Play runs in a process of their own."""
    return asyncio.run(play_all(cases, blind=blind, notebook=notebook))


def record(scenario: str) -> list[str]:
    """List the points of a scenario: of a first run in a new world, and what a second one meets besides."""
    runs = play_share([Case(scenario, "record", "")] * 2)
    for run in runs:
        if run.findings:
            raise AssertionError(f"{scenario} goes wrong without any fault: {run.findings}")
    return list(dict.fromkeys(point for run in runs for point in run.points))


def cases_of(scenario: str, points: Sequence[str], kinds: Sequence[str] = KINDS) -> list[Case]:
    """List every fault at every point."""
    return [Case(scenario, kind, point) for kind in kinds for point in points if kind in kinds_at(point)]


def sample(cases: Sequence[Case], limit: int, seed: int) -> list[Case]:
    """Choose so many cases of each scenario and kind."""
    dice = random.Random(seed)
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.scenario, case.kind), []).append(case)
    return [case for group in groups.values() for case in dice.sample(group, min(limit, len(group)))]
