"""The whole way from uploads to a clean zip, a report and a contact sheet; runs in the child process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bot.dataset.archive import SENTENCES
from bot.dataset.gather import Upload, gather
from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused
from bot.dataset.report import LeftOut, Report
from bot.domain import sentences

CAPTIONS = ("caption", "long_caption")
_LISTED = 200  # of ten thousand useless files nobody reads more
_NONE = "There is no picture in it that can be used; attach JPEG, PNG, WebP or HEIC pictures."


def build(uploads: Sequence[Upload], out: Path, sheet: Path, limits: Limits) -> tuple[Report, str]:
    """Write the clean zip and the contact sheet; return the report and the zip's SHA-256. Raises DatasetRefused."""
    uploaded = sum(upload.path.stat().st_size for upload in uploads)
    if len(uploads) > limits.uploads:
        raise DatasetRefused("count", SENTENCES["count"], f"{len(uploads)} uploads")
    if uploaded > limits.archive_bytes:
        raise DatasetRefused("too_large", SENTENCES["too_large"], f"{uploaded} bytes")
    with ExitStack() as stack:
        gathered = gather(uploads, limits, stack)
        if not gathered.pictures:
            raise _no_images(gathered.left_out)
        # Pillow is loaded only now, when the container has passed.
        from bot.dataset.training_set import TrainingSet  # noqa: PLC0415

        training_set = TrainingSet(limits, gathered.left_out)
        training_set.write(gathered.pictures, out)
    if not training_set.pictures:
        raise _no_images(training_set.left_out)
    findings = training_set.advise(sheet)
    report = Report(
        pictures=tuple(training_set.pictures),
        left_out=tuple(training_set.left_out[:_LISTED]),
        findings=findings,
        left_out_more=max(0, len(training_set.left_out) - _LISTED),
        junk=gathered.junk,
        archive_bytes=out.stat().st_size,
    )
    with out.open("rb") as file:
        return report, hashlib.file_digest(file, "sha256").hexdigest()


def _no_images(left_out: Sequence[LeftOut]) -> DatasetRefused:
    other = (item for item in left_out if item.code not in CAPTIONS)
    first = next((f" {item.name}: {sentences.of(item.reason)}" for item in other), "")
    return DatasetRefused("no_images", _NONE + first, f"{len(left_out)} files left out", left_out[:_LISTED])
