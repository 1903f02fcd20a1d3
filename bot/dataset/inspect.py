"""`python -m bot inspect-zip FILE [--json]`: answers "why was my zip refused?" by the bot's own rules."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from bot.dataset.report import LeftOut
from bot.dataset.workshop import DatasetRefused, Prepared, Upload, Workshop
from bot.domain import sentences


def main(arguments: list[str]) -> int:
    """Print the verdict; return 0 for accept, 1 for reject, 2 for a file that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m bot inspect-zip", description="Say what would be trained on.")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        with options.file.open("rb"):
            pass
    except OSError as error:
        sys.stderr.write(f"{options.file} cannot be read: {error.strerror}.\n")
        return 2
    try:
        outcome: Prepared | DatasetRefused = asyncio.run(_vet(options.file))
    except DatasetRefused as refused:
        outcome = refused
    sys.stdout.write(_as_json(outcome) if options.json else _as_text(outcome))
    return int(isinstance(outcome, DatasetRefused))


async def _vet(file: Path) -> Prepared:
    with tempfile.TemporaryDirectory() as folder:
        return await Workshop().prepare([Upload(file, "upload.zip")], Path(folder, "clean.zip"))


def _left_out(item: LeftOut) -> dict[str, str]:
    return {"name": item.name, "code": item.code, "reason": sentences.of(item.reason)}


def _as_json(outcome: Prepared | DatasetRefused) -> str:
    refused = isinstance(outcome, DatasetRefused)
    verdict = {
        "verdict": "reject" if refused else "accept",
        "codes": [outcome.code] if refused else [],
        "images": 0 if refused else outcome.report.images,
        "captions": 0 if refused else outcome.report.captions,
        "left_out": [_left_out(item) for item in (outcome.left_out if refused else outcome.report.left_out)],
    }
    return json.dumps(verdict) + "\n"


def _as_text(outcome: Prepared | DatasetRefused) -> str:
    if isinstance(outcome, DatasetRefused):
        lines = ["reject", f"  {outcome.code}: {outcome.text}", f"  ({outcome.detail})" if outcome.detail else ""]
        left_out = outcome.left_out
    else:
        report = outcome.report
        lines = [f"accept: {report.images} pictures, {report.captions} captions, {report.archive_bytes:,} bytes"]
        lines += [f"  {n:4}  {p.width} × {p.height}  {p.name}" for n, p in enumerate(report.pictures, 1)]
        lines += [f"  {finding.code}: {sentences.of(finding.advice)}" for finding in report.findings]
        left_out = report.left_out
    lines += [f"  left out: {item.name} ({item.code}): {sentences.of(item.reason)}" for item in left_out]
    return "\n".join(filter(None, lines)) + "\n"
