"""Hands uploads to a child process and brings back what it made; the event loop and the bot's memory never see them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.dataset.gather import Upload
from bot.dataset.limits import Limits
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
_SLOW = "These files take too long to process; try again with fewer or smaller pictures."


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clean training set on disk, and what there is to say of it."""

    report: Report
    archive: Path
    contact_sheet: Path
    sha256: str
    """Of the archive."""


class Workshop:
    """Vets at most `parallel` uploads at a time, each in a child process of its own; the others wait in line.

    Pictures that generations begin with have a line of their own, as nobody waits minutes for a picture.
    """

    def __init__(self, limits: Limits | None = None, *, parallel: int = 1) -> None:
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(parallel)
        self._free_for_pictures = asyncio.Semaphore(parallel)

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
            async with self._free:
                outcome = await self._run(json.dumps(job).encode())
            if "report" not in outcome:
                left_out = [LeftOut(**item) for item in outcome["left_out"]]
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
        async with self._free_for_pictures:
            outcome = await self._run(json.dumps({"sources": made, "limits": asdict(self._limits)}).encode())
        if "refused" in outcome:
            raise UserError(outcome["refused"])
        return [Cleaned(Path(path), width, height) for path, width, height in outcome["cleaned"]]

    async def _run(self, job: bytes) -> dict[str, Any]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.dataset.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer, complaint = await child.communicate(job)
        except TimeoutError as error:
            raise DatasetRefused("worker_died", _SLOW, f"over {self._limits.seconds} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        if child.returncode:
            log.error(
                "the dataset worker ended with %s: %s", child.returncode, complaint[-2000:].decode(errors="replace")
            )
            raise DatasetRefused("worker_died", _DIED, f"exit code {child.returncode}")
        return json.loads(answer)
