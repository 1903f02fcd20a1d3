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
from bot.dataset.sources import Source


def main() -> int:
    """Do the one job that stdin holds."""
    job: dict[str, Any] = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    _confine(limits)
    json.dump(_cleaned(job, limits) if "sources" in job else _vetted(job, limits), sys.stdout)
    return 0


def _vetted(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Make a training set of uploads."""
    uploads = [Upload(Path(item["path"]), item["name"]) for item in job["uploads"]]
    try:
        report, sha256 = build(uploads, Path(job["out"]), Path(job["sheet"]), limits)
    except DatasetRefused as refused:
        left_out = [asdict(item) for item in refused.left_out]
        return {"code": refused.code, "text": refused.text, "detail": refused.detail, "left_out": left_out}
    return {"report": report.to_json(), "sha256": sha256}


def _cleaned(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Make pictures clean that generations begin with."""
    from bot.dataset.cleaning import SourceRefused, clean  # noqa: PLC0415 - Pillow, which a bad zip never needs

    sources = [Source(Path(item["path"]), item["name"], Path(item["out"]), item["is_mask"]) for item in job["sources"]]
    try:
        return {"cleaned": [[str(one.path), one.width, one.height] for one in clean(sources, limits)]}
    except SourceRefused as refused:
        return {"refused": str(refused)}


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
