"""Uploads become pictures, captions and reasons, by looking at names and first bytes only; decodes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bot.dataset import archive, captions, formats, names
from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused
from bot.dataset.report import LeftOut

_HEAD = 512


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk under a name of ours, and what the member called it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of the member's: loose, or an entry of an archive; `source` keeps the archives apart."""

    source: int
    name: str
    size: int
    head: bytes
    read: Callable[[], bytes]


@dataclass(slots=True)
class Gathered:
    """Everything in the uploads, sorted by what it is good for."""

    pictures: list[tuple[File, File | None]] = field(default_factory=list[tuple[File, "File | None"]])
    """Each with its caption file."""
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    junk: int = 0


_LOOSE = -1


def gather(uploads: Sequence[Upload], limits: Limits, stack: ExitStack) -> Gathered:
    """Open every upload (the stack closes them) and sort its files; raises DatasetRefused for a bad container."""
    files: list[File] = []
    left = limits.unpacked_bytes
    for source, upload in enumerate(uploads):
        file = stack.enter_context(upload.path.open("rb"))
        if is_loose(upload.name, file):
            files.append(_loose(upload, file))
        else:
            files += _entries(upload, source, file, replace(limits, unpacked_bytes=left), alone=len(uploads) == 1)
        left = limits.unpacked_bytes - sum(file.size for file in files)
        if left < 0 or (files and files[-1].size > limits.entry_bytes):
            raise DatasetRefused("total", archive.SENTENCES["total"])
    return _sort(files, limits)


def is_loose(name: str, file: BinaryIO) -> bool:
    """Tell a loose picture or caption from an archive; what is called .zip has to be one."""
    head = file.read(_HEAD)
    if name.casefold().endswith(".zip"):
        return False
    return formats.sniff(head) is not None or formats.looks_like_picture(name) or captions.is_caption(name)


def _loose(upload: Upload, file: BinaryIO) -> File:
    def read(start: int = 0, size: int = -1) -> bytes:
        file.seek(start)
        return file.read(size)

    name = upload.name.replace("\\", "/").rpartition("/")[2]
    return File(_LOOSE, name, upload.path.stat().st_size, read(0, _HEAD), read)


def _entries(upload: Upload, source: int, file: BinaryIO, limits: Limits, *, alone: bool) -> list[File]:
    try:
        opened = archive.Archive(file, limits)
    except archive.ArchiveRefused as refused:
        which = "" if alone else f"{names.shown(upload.name)}: "
        raise DatasetRefused(refused.code, which + archive.SENTENCES[refused.code], refused.detail) from refused
    return [
        File(source, entry.name, entry.size, entry.head, partial(opened.read, entry))
        for entry in sorted(opened.entries, key=lambda entry: names.natural_key(entry.name))
        if not entry.is_folder
    ]


def _sort(files: Sequence[File], limits: Limits) -> Gathered:
    gathered = Gathered()
    own = [file for file in files if not names.is_junk(file.name)]
    gathered.junk = len(files) - len(own)
    texts = {(file.source, captions.key(file.name)): file for file in own if captions.is_caption(file.name)}
    used: set[tuple[int, str]] = set()
    for file in own:
        if formats.sniff(file.head) is not None or formats.looks_like_picture(file.name):
            found = [key for name in captions.keys(file.name) if (key := (file.source, name)) in texts]
            used.update(found)
            gathered.pictures.append((file, texts[found[0]] if found else None))
        elif not captions.is_caption(file.name):
            gathered.left_out.append(LeftOut(names.shown(file.name), "not_image"))
    for key, text in texts.items():
        if key not in used:
            gathered.left_out.append(LeftOut(names.shown(text.name), "caption"))
    if len(gathered.pictures) > limits.max_pictures:
        detail = f"{len(gathered.pictures)} pictures"
        raise DatasetRefused("count", archive.SENTENCES["count"], detail)
    return gathered
