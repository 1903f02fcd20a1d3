"""The child process: a job as JSON on stdin, its outcome as JSON on stdout, under limits of memory and time."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.dataset.build import build
from bot.dataset.gather import Upload
from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused


def main() -> int:
    """Do the one job that stdin holds."""
    job: dict[str, Any] = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    _confine(limits)
    uploads = [Upload(Path(item["path"]), item["name"]) for item in job["uploads"]]
    json.dump(_outcome(uploads, Path(job["out"]), Path(job["sheet"]), limits), sys.stdout)
    return 0


def _outcome(uploads: list[Upload], out: Path, sheet: Path, limits: Limits) -> dict[str, Any]:
    try:
        report, sha256 = build(uploads, out, sheet, limits)
    except DatasetRefused as refused:
        left_out = [asdict(item) for item in refused.left_out]
        return {"code": refused.code, "text": refused.text, "detail": refused.detail, "left_out": left_out}
    return {"report": report.to_json(), "sha256": sha256}


def _confine(limits: Limits) -> None:
    """Stay below the limits and behind the event loop; Windows has neither call, there the clock alone protects."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Unix only

    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
