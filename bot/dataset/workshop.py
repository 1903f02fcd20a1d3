"""Hands uploads to a child process and brings back what it made; the event loop and the bot's memory never see them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.dataset.gather import Upload
from bot.dataset.limits import Limits
from bot.dataset.line import Line
from bot.dataset.refusals import DatasetRefused
from bot.dataset.report import LeftOut, Report
from bot.dataset.sources import Cleaned, Source
from bot.errors import UserError

__all__ = ["Cleaned", "DatasetRefused", "Limits", "Prepared", "Source", "Upload", "Workshop"]

log = logging.getLogger(__name__)
_ROOT = Path(__file__).parents[2]
# A child that opens hostile files gets none of the parent's secrets, only what a Python needs to start.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL")
_DIED = "These files could not be processed; try again with fewer or smaller pictures."
_SLOW = "These files take too long to process. Save the pictures as JPEG at 2048 pixels, or leave some out."
_XCPU = -int(getattr(signal, "SIGXCPU", 0))  # what a child returns whose processor time is used up; not on Windows
PICTURE_SECONDS = 60  # of processor time for the pictures of one generation; one of 50 megapixels takes up to 5
UPLOADS = "Your other upload is still being checked: wait for its report."
PICTURES_EACH = 4
PICTURES = "Your last pictures are still being prepared: wait until they are, then run this again."


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clean training set on disk, and what there is to say of it."""

    report: Report
    archive: Path
    contact_sheet: Path
    sha256: str
    """Of the archive."""


class Workshop:
    """Vets uploads, each in a child process of its own, and has the lines in which its users wait for their turn.

    Pictures that generations begin with have a line of their own, as nobody waits minutes for a picture.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.uploads = Line(each=1, refusal=UPLOADS)
        self.pictures = Line(each=PICTURES_EACH, refusal=PICTURES, longest=1_000)

    async def prepare(self, uploads: Sequence[Upload], out: Path) -> Prepared:
        """Write the clean zip to `out` and the contact sheet, a JPEG, beside it; raises DatasetRefused."""
        sheet = out.with_suffix(".jpg")
        parts = {path: path.with_name(path.name + ".part") for path in (out, sheet)}
        job = {
            "uploads": [{"path": str(upload.path.resolve()), "name": upload.name} for upload in uploads],
            "out": str(parts[out].resolve()),
            "sheet": str(parts[sheet].resolve()),
            "limits": asdict(self._limits),
        }
        try:
            outcome = await self._run(job)
            if "report" not in outcome:
                left_out = [LeftOut.from_json(item) for item in outcome["left_out"]]
                raise DatasetRefused(outcome["code"], outcome["text"], outcome["detail"], left_out)
            for path, part in parts.items():
                part.replace(path)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return Prepared(Report.from_json(outcome["report"]), out, sheet, outcome["sha256"])

    async def clean(self, sources: Sequence[Source]) -> list[Cleaned]:
        """Write pictures anew, clean and with the suffix that fits; raises UserError and may leave some behind."""
        made = [
            {"path": str(s.path.resolve()), "name": s.name, "out": str(s.out.resolve()), "is_mask": s.is_mask}
            for s in sources
        ]
        limits = replace(self._limits, seconds=min(self._limits.seconds, PICTURE_SECONDS))
        outcome = await self._run({"sources": made, "limits": asdict(limits)})
        if "refused" in outcome:
            raise UserError(outcome["refused"])
        return [Cleaned(Path(path), width, height) for path, width, height in outcome["cleaned"]]

    async def _run(self, job: dict[str, Any]) -> dict[str, Any]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.dataset.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        try:
            async with asyncio.timeout(self._limits.patience):
                answer, complaint = await child.communicate(json.dumps(job).encode())
        except TimeoutError as error:
            raise DatasetRefused("too_slow", _SLOW, f"over {self._limits.patience} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        if child.returncode and child.returncode == _XCPU:
            raise DatasetRefused("too_slow", _SLOW, f"over {job['limits']['seconds']} s of processor time")
        if child.returncode:
            log.error(
                "the dataset worker ended with %s: %s", child.returncode, complaint[-2000:].decode(errors="replace")
            )
            raise DatasetRefused("worker_died", _DIED, f"exit code {child.returncode}")
        return json.loads(answer)
