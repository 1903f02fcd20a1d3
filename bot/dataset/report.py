"""What was found in an upload: plain values that survive JSON, with the sentences for the member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that will be trained on; its number is its place in the report and on the contact sheet."""

    name: str
    """What the member called it, made fit to show."""
    width: int
    height: int
    """In pixels, as uploaded and turned upright."""
    captioned: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that will not be trained on, with a stable code and the reason as a sentence."""

    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Advice about pictures that are used, by their numbers from 1; none means all of them."""

    code: str
    text: str
    pictures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of vetting one upload; the numbers of pictures begin at 1."""

    pictures: tuple[Picture, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()
    left_out_more: int = 0
    """How many left-out files are not listed."""
    junk: int = 0
    """How many files of archivers and file managers were dropped without a word."""
    uploaded_bytes: int = 0
    archive_bytes: int = 0

    @property
    def images(self) -> int:
        """Give the number of pictures."""
        return len(self.pictures)

    @property
    def captions(self) -> int:
        """Give the number of pictures that come with a caption of the member's own."""
        return sum(picture.captioned for picture in self.pictures)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain dicts, lists, strings and numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """Rebuild a report from what `to_json` returned, also after a journey through JSON."""
        return cls(
            pictures=tuple(Picture(**item) for item in data["pictures"]),
            left_out=tuple(LeftOut(**item) for item in data["left_out"]),
            findings=tuple(Finding(i["code"], i["text"], tuple(i["pictures"])) for i in data["findings"]),
            left_out_more=data["left_out_more"],
            junk=data["junk"],
            uploaded_bytes=data["uploaded_bytes"],
            archive_bytes=data["archive_bytes"],
        )
