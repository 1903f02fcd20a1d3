"""One line a run in a file, so that a sweep that was interrupted goes on where it was; it knows no world."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.sweep.verdict import Finding

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Case:
    """One run: a scenario, and what goes wrong where."""

    scenario: str
    kind: str
    point: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run; `struck` tells whether the point was met at all."""

    case: Case
    struck: bool
    findings: list[Finding] = field(default_factory=list[Finding])
    points: list[str] = field(default_factory=list[str])
    late: int = 0
    """How many runs came late, were found, cancelled and booked."""
    seconds: float = 0.0


class Notebook:
    """Keeps what came of each run of one commit; lines of other commits stay and are not looked at.

    Each line is one write to the end of the file, so that several processes may share it.
    """

    def __init__(self, path: Path, commit: str) -> None:
        self._path = path
        self._commit = commit

    def note(self, result: Result) -> None:
        """Write down a run."""
        self._write({"run": asdict(result)})

    def note_points(self, scenario: str, points: Sequence[str]) -> None:
        """Write down the points of a scenario, which are not quite the same at each recording."""
        self._write({"scenario": scenario, "points": list(points)})

    def results(self) -> dict[Case, Result]:
        """Read the runs that were played."""
        found = [_result(line["run"]) for line in self._lines() if "run" in line]
        return {result.case: result for result in found}

    def points(self) -> dict[str, list[str]]:
        """Read the points of the scenarios that were recorded."""
        return {line["scenario"]: line["points"] for line in self._lines() if "points" in line}

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps({"commit": self._commit, **line}) + "\n"
        with self._path.open("ab", buffering=0) as file:
            file.write(text.encode())

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        for text in self._path.read_text().splitlines():
            try:
                line: dict[str, Any] = json.loads(text)
            except ValueError:  # half a line of a sweep that was killed
                continue
            if line["commit"] == self._commit:
                yield line


def commit_of() -> str:
    """Name the code that is swept; with changes that are in no commit, nothing was played of it before."""
    told = subprocess.run(
        ["git", "describe", "--always", "--abbrev=40", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def _result(raw: dict[str, Any]) -> Result:
    findings = [Finding(**finding) for finding in raw.pop("findings")]
    return Result(**raw | {"case": Case(**raw["case"]), "findings": findings})
