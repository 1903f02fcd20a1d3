"""The numbered points at which something can go wrong, and the note by which the sweep tells its victim which one."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

LATE = "late"
KINDS = ("kill", "fail", "hang", "twice", LATE)
STALL = 0.5  # seconds that a hanging effect takes; less than the grace that the victim's submitter gives a request
VARIES = re.compile(r"[A-Z]+")  # what stands in a point's name for what differs from run to run
PAID = re.compile(r"replicate POST .*/(predictions|trainings), (sent|answered)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen: `kind` strikes at `point`; "record" only writes down which points there are."""

    run: int
    kind: str
    point: str = ""


class Control:
    """A directory that the sweep and its victim share; the victim's own data are elsewhere."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._plan, self._points, self._struck = (directory / name for name in ("plan.json", "points", "struck"))

    def begin(self, plan: Plan) -> None:
        """Count effects from now on."""
        self._struck.unlink(missing_ok=True)
        self._points.unlink(missing_ok=True)
        new = self._plan.with_suffix(".new")
        new.write_text(json.dumps(asdict(plan)))
        new.replace(self._plan)  # the victim never reads half a plan

    def end(self) -> bool:
        """Count no longer; tells whether the fault struck."""
        self._plan.unlink(missing_ok=True)
        return self._struck.exists()

    def points(self) -> list[str]:
        """Read the points that a recording met, in order."""
        return self._points.read_text().splitlines() if self._points.exists() else []

    def plan(self) -> Plan | None:
        """Read what is to happen."""
        try:
            return Plan(**json.loads(self._plan.read_text()))
        except FileNotFoundError:
            return None

    def record(self, point: str) -> None:
        """Write down a point."""
        with self._points.open("a") as file:
            file.write(f"{point}\n")

    def strike(self) -> None:
        """Note that the fault strikes now, so that it strikes no second time, not even after a restart."""
        self._plan.replace(self._struck)


def is_paid(point: str) -> bool:
    """Tell whether a point is that of a creation that costs money."""
    return PAID.fullmatch(point.rpartition(" #")[0]) is not None


def kinds_at(point: str) -> tuple[str, ...]:
    """Say what can go wrong at a point.

    A paid creation that the network delivers twice is beyond any client, so there it is our own step that runs twice;
    one that takes effect after the bot's grace is found late.
    """
    effect = point.rpartition(" #")[0]
    if effect.startswith("step "):
        return ("twice",)
    if effect.startswith("wait "):
        return ("kill", "hang")
    if effect.endswith(", after"):  # a local commit that has happened is known to have happened
        return ("kill",)
    if effect.endswith(", sent"):
        return ("kill", "fail", "hang", LATE if is_paid(point) else "twice")
    return ("kill", "fail", "hang")


def glob_of(point: str) -> tuple[str, int]:
    """Give the requests to Replicate among which a point is, as its faults name them, and how many are before it."""
    effect, _, number = point.rpartition(" #")
    method, path = effect.removesuffix(", sent").split()[1:]
    return f"{method} /v1{VARIES.sub('*', path)}", int(number) - 1
