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

from tests.sweep.kills import ROUND, storm
from tests.sweep.play import Case, Result, cases_of, play_share, record, sample
from tests.sweep.points import KINDS
from tests.sweep.scenarios import SCENARIOS
from tests.sweep.table import findings, table

SHARE = 12  # runs in one world


def main() -> int:
    """Sweep; 1 where anything was found."""
    options = _options()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    results = asyncio.run(storm(options.kills, options.seed)) if options.kills else _sweep(options)
    print(table(results))
    print(findings(results))
    missed = sum(not result.struck for result in results)
    kills = f", {options.kills} kills in rounds of {ROUND}" if options.kills else ""
    print(f"{len(results)} runs in {time.monotonic() - began:.0f} s{kills}; {missed} did not meet their point again")
    return int(any(result.findings for result in results))


def _sweep(options: argparse.Namespace) -> list[Result]:
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        cases = _cases(options, pool)
        playing = [pool.submit(play_share, share, blind=options.blind) for share in _shares(cases)]
        results: dict[Case, Result] = {}
        for done in as_completed(playing):
            results |= {result.case: result for result in done.result()}
            print(f"{len(results)} of {len(cases)}{findings(done.result())}", file=sys.stderr, flush=True)
    return [results[case] for case in cases]


def _cases(options: argparse.Namespace, pool: ProcessPoolExecutor) -> list[Case]:
    if options.point:
        return [Case(name, kind, options.point) for name in options.scenario for kind in options.fault]
    points = dict(zip(options.scenario, pool.map(record, options.scenario), strict=True))
    cases = [case for name in options.scenario for case in cases_of(name, points[name], options.fault)]
    return sample(cases, options.limit, options.seed) if options.limit else cases


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
    parser.add_argument("--blind", action="store_true", help="with the look-up switched off: must find something")
    options = parser.parse_args()
    options.scenario = options.scenario or list(SCENARIOS)
    options.fault = options.fault or list(KINDS)
    return options


if __name__ == "__main__":
    sys.exit(main())
