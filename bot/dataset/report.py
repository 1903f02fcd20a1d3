"""What was found in an upload: plain values that survive JSON, with codes where members read a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.domain.notices import WRITTEN, Notice


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
    """A file that will not be trained on, with the code of the reason and the values of its sentence."""

    name: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def reason(self) -> Notice:
        """Say why."""
        return Notice(self.code, self.values)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LeftOut:
        """Rebuild one, also where an older version kept the reason as a sentence."""
        if "reason" in data:
            return cls(data["name"], data["code"], {WRITTEN: data["reason"]})
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Finding:
    """Advice about pictures that are used, by their numbers from 1; none means all of them."""

    code: str
    pictures: tuple[int, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def advice(self) -> Notice:
        """Say what there is to say."""
        return Notice(self.code, {"pictures": self.pictures, **self.values})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Rebuild one, also where an older version kept it as a sentence."""
        values = {WRITTEN: data["text"]} if "text" in data else data["values"]
        return cls(data["code"], tuple(data["pictures"]), values)


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
            left_out=tuple(map(LeftOut.from_json, data["left_out"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            left_out_more=data["left_out_more"],
            junk=data["junk"],
            archive_bytes=data["archive_bytes"],
        )
