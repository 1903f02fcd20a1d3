"""A table of figures: how it is computed, printed, and put in its place in a document."""

import math
import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark's figures."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Write it as Markdown, aligned for the terminal."""
        grid = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in grid) for column in range(len(self.columns))]
        lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in grid]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies, by the nearest rank; nan of nothing."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


def p50(values: Sequence[float]) -> float:
    """Return the median; nan of nothing."""
    return statistics.median(values) if values else math.nan


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return percentile(values, 0.99)


def ms(seconds: float) -> str:
    """Write a time in milliseconds."""
    if math.isnan(seconds):
        return "none"
    if math.isinf(seconds):
        return "never"
    return f"{seconds * 1000:.1f} ms" if abs(seconds) < 0.1 else f"{seconds * 1000:,.0f} ms"


def machine() -> str:
    """Name what the figures were measured on."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    name = model[1] if model else platform.machine()
    return f"{os.cpu_count()} cores ({name}), {platform.system()}, Python {platform.python_version()}"


def place(document: Path, name: str, text: str) -> None:
    """Put a text between `<!-- benchmark: name -->` and `<!-- end -->`, where the last one stood."""
    old = document.read_text("utf-8")
    pattern = re.compile(rf"(?<=<!-- benchmark: {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    if not pattern.search(old):
        raise SystemExit(f"{document} has no place for {name}: <!-- benchmark: {name} --> and <!-- end -->.")
    document.write_text(pattern.sub(lambda _: f"{text}\n", old, count=1), "utf-8")
