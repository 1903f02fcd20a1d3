"""`python -m tests.sweep`: every outside effect of the bot goes wrong in every way, once each; prints a table."""
# ruff: noqa: T201 - it is a command

import argparse
import asyncio
import itertools
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.sweep.kills import ROUND, storm
from tests.sweep.notebook import Case, Notebook, Result, commit_of
from tests.sweep.play import cases_of, play_share, record, sample
from tests.sweep.points import KINDS, LATE, is_paid
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.table import findings, table

SHARE = 12  # runs in one world


def main() -> int:
    """Sweep, print what came of it, and return the exit status."""
    options = _options()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    results = asyncio.run(storm(options.kills, options.seed)) if options.kills else _sweep(options)
    print(table(results))
    print(findings(results))
    missed = sum(not result.struck for result in results)
    kills = f", {options.kills} kills in rounds of {ROUND}" if options.kills else ""
    print(f"{len(results)} runs in {time.monotonic() - began:.0f} s{kills}; {missed} did not meet their point again")
    return status(results, blind=options.blind)


def status(results: Sequence[Result], *, blind: bool) -> int:
    """Say how it went: well if nothing was found, or, with the look-up switched off, if something was paid twice."""
    found = {finding.column for result in results for finding in result.findings}
    if blind:
        print("It was noticed." if "paid twice" in found else "NOTHING WAS NOTICED, though nothing was looked up.")
        return int("paid twice" not in found)
    return int(bool(found))


def _sweep(options: argparse.Namespace) -> list[Result]:
    notebook = Notebook(options.resume, commit_of()) if options.resume else None
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        cases = _cases(options, pool, notebook)
        wanted = set(cases)
        results = {case: result for case, result in _played(notebook).items() if case in wanted}
        rate = Rate(len(results), len(cases))
        shares = _shares([case for case in cases if case not in results])
        playing = [pool.submit(play_share, share, blind=options.blind, notebook=notebook) for share in shares]
        for done in as_completed(playing):
            results |= {result.case: result for result in done.result()}
            print(f"{rate.told(len(results))}{findings(done.result())}", file=sys.stderr, flush=True)
    return [results[case] for case in cases]


def _played(notebook: Notebook | None) -> dict[Case, Result]:
    return notebook.results() if notebook else {}


def _cases(options: argparse.Namespace, pool: ProcessPoolExecutor, notebook: Notebook | None) -> list[Case]:
    if options.point:
        return [Case(name, kind, options.point) for name in options.scenario for kind in options.fault]
    points = _points(options.scenario, pool, notebook)
    cases = [case for name in options.scenario for case in cases_of(name, points[name], options.fault)]
    if options.blind:  # at the other points there is nothing to look up
        cases = [case for case in cases if is_paid(case.point) and case.kind != LATE]
    return sample(cases, options.limit, options.seed) if options.limit else cases


def _points(scenarios: Sequence[str], pool: ProcessPoolExecutor, notebook: Notebook | None) -> dict[str, list[str]]:
    points = notebook.points() if notebook else {}
    new = [name for name in scenarios if name not in points]
    for name, recorded in zip(new, pool.map(record, new), strict=True):
        points[name] = recorded
        if notebook:
            notebook.note_points(name, recorded)
    return points


class Rate:
    """Tells how fast a sweep is and how long the rest of it will take."""

    def __init__(self, played: int, whole: int) -> None:
        self._began, self._played, self._whole = time.monotonic(), played, whole

    def told(self, now: int) -> str:
        """Say it, with so many runs played."""
        seconds = (time.monotonic() - self._began) / (now - self._played)
        return f"{now} of {self._whole}, {seconds:.1f} s each, {seconds * (self._whole - now) / 60:.0f} min left"


def _shares(cases: Sequence[Case]) -> Iterator[list[Case]]:
    for _, group in itertools.groupby(cases, lambda case: case.scenario):
        while share := list(itertools.islice(group, SHARE)):
            yield share


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="only this one; may be repeated")
    parser.add_argument("--fault", action="append", choices=KINDS, help="only this kind; may be repeated")
    parser.add_argument("--point", help="only this point, such as 'step announce #1'")
    parser.add_argument("--limit", type=int, help="so many points of each scenario and kind, chosen by the seed")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--kills", type=int, help="instead: so many SIGKILLs at random moments of a busy bot")
    parser.add_argument("--workers", type=int, default=2, help="worlds at a time")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="write each run there; leave out those it has")
    parser.add_argument("--blind", action="store_true", help="with the look-up switched off: fails unless that shows")
    options = parser.parse_args()
    if options.blind and options.resume:
        parser.error("--blind plays its few runs all anew; leave out --resume")
    options.scenario = options.scenario or list(SCENARIOS)
    options.fault = options.fault or list(KINDS)
    return options


if __name__ == "__main__":
    sys.exit(main())
