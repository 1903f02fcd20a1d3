"""The table of a sweep, and below it what went wrong and how to see it again."""

import shlex
from collections.abc import Sequence

from tests.sweep.notebook import Result
from tests.sweep.verdict import COLUMNS


def table(results: Sequence[Result]) -> str:
    """Draw a line for each scenario and kind of fault: points, runs in which the point was met, runs by finding.

    *late* is none: it counts runs at Replicate that took effect after the grace, and were found, cancelled and booked.
    """
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.case.scenario, result.case.kind), []).append(result)
    head = ("scenario", "fault", "points", "runs", "late", *COLUMNS)
    lines = [(*names, *_figures(group)) for names, group in groups.items()]
    lines.append(("all", "", *_figures(results)))
    widths = [max(len(str(line[column])) for line in (head, *lines)) for column in range(len(head))]
    return "\n".join(
        "  ".join(_cell(cell, width) for cell, width in zip(line, widths, strict=True)) for line in (head, *lines)
    )


def _figures(results: Sequence[Result]) -> list[int]:
    found = [{finding.column for finding in result.findings} for result in results]
    met, late = sum(result.struck for result in results), sum(result.late for result in results)
    return [len(results), met, late, *(sum(column in f for f in found) for column in COLUMNS)]


def _cell(cell: object, width: int) -> str:
    return str(cell).rjust(width) if isinstance(cell, int) else str(cell).ljust(width)


def findings(results: Sequence[Result]) -> str:
    """Tell every finding, with the command that plays its run again."""
    return "\n".join(
        f"\n{again(result)}\n" + "\n".join(f"  {finding.column}: {finding.what}" for finding in result.findings)
        for result in results
        if result.findings
    )


def again(result: Result) -> str:
    """Give the command that plays one run."""
    case = result.case
    options = ["--scenario", case.scenario, "--fault", case.kind, "--point", case.point]
    return shlex.join(["python", "-m", "tests.sweep", *options])
