"""The clean zip while it is filled: flat names of our own, one picture in memory at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bot.dataset import advice, captions, images, names, sheet
from bot.dataset.gather import File
from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused
from bot.dataset.report import Finding, LeftOut, Picture
from bot.domain.notices import Notice

_OVERHEAD = 256  # bytes that a zip spends on one entry, generously
_TOO_MANY = (
    "These pictures have {megapixels:,} megapixels together; an upload takes up to {most:,}. Save them at 2048 pixels, "
    "which trains just as well, or leave some out: 10 to 30 are plenty."
)


class TrainingSet:
    """Takes pictures with their captions; what cannot be used is left out with a reason."""

    def __init__(self, limits: Limits, left_out: Sequence[LeftOut] = ()) -> None:
        self.pictures: list[Picture] = []
        self.left_out = list(left_out)
        self._limits = limits
        self._left = limits.output_bytes
        self._seen: list[advice.Seen] = []
        self._tiles: list[Image.Image] = []

    def write(self, found: Sequence[tuple[File, File | None]], out: Path) -> None:
        """Write the zip; the same pictures give the same bytes. Raises DatasetRefused before it decodes too much."""
        self._check_pixels(found)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as clean:
            for done, (file, text) in enumerate(found):
                share = self._left // (len(found) - done) - _OVERHEAD
                try:
                    self._add(clean, file, text, share)
                except images.PictureRefused as refused:
                    self._leave_out(file, refused.reason)

    def advise(self, path: Path) -> tuple[Finding, ...]:
        """Return what could be better, and draw the contact sheet, where weak pictures stand out."""
        findings = advice.advise(self._seen, self._limits)
        sheet.draw(self._tiles, len(self.pictures), advice.weak(findings), path)
        return findings

    def _check_pixels(self, found: Sequence[tuple[File, File | None]]) -> None:
        """Refuse what would take minutes: flat colour of 50 megapixels packs into a few hundred bytes."""
        pixels = sum(images.declared(file.read(), self._limits) for file, _ in found)
        if pixels > self._limits.upload_pixels:
            numbers = {"megapixels": pixels // 1_000_000, "most": self._limits.upload_pixels // 1_000_000}
            raise DatasetRefused("pixels", _TOO_MANY.format(**numbers), f"{pixels} pixels")

    def _add(self, clean: zipfile.ZipFile, file: File, text: File | None, share: int) -> None:
        developed = images.develop(file.read(), self._limits)
        data, suffix = images.encode(developed.image, share)
        caption = self._caption(text)
        parts = {suffix: data} | ({".txt": caption.encode()} if caption else {})
        needed = sum(len(part) + _OVERHEAD for part in parts.values())
        if needed > self._left:
            self._leave_out(file, Notice("full"))
            return
        self._left -= needed
        number = len(self.pictures) + 1
        for ending, part in parts.items():
            clean.writestr(_entry(f"{number:04}{ending}"), part)
        self.pictures.append(Picture(names.shown(file.name), developed.width, developed.height, bool(caption)))
        self._remember(developed, captioned=bool(caption))

    def _caption(self, text: File | None) -> str | None:
        if text is None:
            return None
        if text.size > captions.LONGEST_FILE:
            self._leave_out(text, Notice("long_caption"))
            return None
        return captions.decode(text.read(), self._limits.caption_characters) or None

    def _leave_out(self, file: File, reason: Notice) -> None:
        self.left_out.append(LeftOut(names.shown(file.name), reason.code, reason.values))

    def _remember(self, developed: images.Developed, *, captioned: bool) -> None:
        size = (advice.WIDTH, advice.HEIGHT)
        grey = developed.image.convert("L").resize(size, Image.Resampling.BOX).tobytes()
        self._seen.append(advice.Seen(developed.width, developed.height, developed.animated, captioned, grey))
        if len(self._tiles) < sheet.MOST:
            self._tiles.append(sheet.thumbnail(developed.image))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # the same bytes on every system
    entry.external_attr = 0o100644 << 16
    return entry
