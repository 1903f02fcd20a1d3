"""What describes a model: its task, its fields, what it gives; and how a member's choices become its input."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.catalog.fields import Field
from bot.domain.entities import Setting
from bot.errors import UserError

BY_ITSELF = ("prompt", "seed", "num_outputs")
"""Fields that every recipe has a place of its own for."""
SIDES = ("width", "height")
CUSTOM = "custom"
MATCHED = "match_input_image"
"""The aspect ratio of the picture that it begins with."""
MASK = "mask"
LARGEST_SIDE = 8192  # pixels of a finished picture; what is larger, nobody's screen or Discord shows
T = TypeVar("T")


class Task(StrEnum):
    """What a model is for."""

    PAINT = "paint"  # a picture from words
    EDIT = "edit"  # a picture and an instruction
    FILL = "fill"  # a part of a picture, or what lies around it
    VARY = "vary"  # a picture like another
    TRACE = "trace"  # a picture along the edges or the depth of another
    UPSCALE = "upscale"  # a picture, larger


class Evidence(StrEnum):
    """How we know what a model takes."""

    SCHEMA = "schema"  # its own published schema
    PAGE = "page"  # its API page, as stored
    CODE = "code"  # several public programs that call it
    WEAK = "weak"  # hearsay: off until the operator turns it on


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that makes pictures."""

    key: str
    title: str
    remote: str
    """owner/name at Replicate, with :version for what is no official model; empty for fine-tunes."""
    task: Task = Task.PAINT
    fields: tuple[Field, ...]
    fixed: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """What is always sent."""
    single: bool = False
    """Whether it gives one picture a run, as a plain address instead of a list."""
    seconds_per_picture: float = 1.0
    """The time that an estimate counts on, where the price is by the second."""
    most_pixels: int | None = None
    """The most that the picture may have with which it begins, where that is known."""
    licence: str
    evidence: Evidence = Evidence.SCHEMA

    @property
    def off(self) -> bool:
        """Tell whether it is off until the operator turns it on."""
        return self.evidence is Evidence.WEAK

    def takes(self, word: str) -> Field | None:
        """Find the field that members call so."""
        return next((one for one in self.fields if one.word == word), None)

    @property
    def pictures(self) -> tuple[Field, ...]:
        """List the fields that take pictures."""
        return tuple(one for one in self.fields if one.is_picture)

    @property
    def begins(self) -> bool:
        """Tell whether it can begin with a picture and change as much of it as is asked for."""
        return bool(self.takes("image") and self.takes("prompt_strength"))

    def does(self, task: Task) -> bool:
        """Tell whether a task can be given to it; what paints after several pictures edits them, too."""
        edits = self.task is Task.PAINT and any(one.most > 1 for one in self.pictures)
        return self.task is task or (task is Task.EDIT and edits)

    def read(self, settings: Mapping[str, Setting], word: str) -> Setting | None:
        """Look a chosen value up by what members call its field."""
        takes = self.takes(word)
        return settings.get(takes.name) if takes else None

    def narrowed(self, takes: Mapping[str, Mapping[str, Any]]) -> "Model":
        """Keep to the inputs that one version lists, by field, with its own limits; no list says nothing."""
        if not takes:
            return self
        return replace(
            self,
            fields=tuple(one.narrowed(takes[one.name]) for one in self.fields if one.name in takes),
            fixed={name: value for name, value in self.fixed.items() if name in takes},
        )

    def choose(self, wanted: Mapping[str, Setting]) -> dict[str, Setting]:
        """Check what a member chose, by word, and return what is sent, by field; raises UserError."""
        known = {one.word: one for one in self.fields if not one.is_picture and one.name not in BY_ITSELF}
        for word in wanted:
            if word not in known:
                raise self.refusal(word)
        given = {known[word].name: known[word].check(value) for word, value in wanted.items()}
        defaults = {one.name: one.default for one in known.values() if one.default is not None}
        return self._sized({**defaults, **self.fixed, **given})

    def check_count(self, count: int) -> int:
        """Return how many pictures are asked for; raises UserError."""
        takes = self.takes("count")
        if takes is None and count != 1:
            raise UserError(f"{self.title} makes one picture at a time. Leave `count` out and press *Again* for more.")
        return int(takes.check(count)) if takes else 1

    def choose_pictures(self, given: Mapping[str, Sequence[T]]) -> dict[Field, Sequence[T]]:
        """Check the pictures that a member gave, by word, and return them by field, a mask last; raises UserError."""
        for word in given:
            if word not in {one.word for one in self.pictures}:
                raise self.refusal(word)
        chosen = {one: given[one.word] for one in self.pictures if given.get(one.word)}
        for one in self.pictures:
            if one.required and one not in chosen:
                raise UserError(f"{self.title} begins with a picture. Give one as `{one.word}` and try again.")
            if len(chosen.get(one, ())) > one.most:
                raise UserError(f"{self.title} takes at most {one.most} as `{one.word}`. Leave some out.")
        if MASK in given and "image" not in given:
            raise UserError("A mask belongs to a picture. Give the picture as `image` too, or leave the mask out.")
        return chosen

    def check_size(self, width: int, height: int, settings: Mapping[str, Setting]) -> None:
        """Refuse a picture that it would fail on, or make too large to be shown; raises UserError."""
        if self.most_pixels and width * height > self.most_pixels:
            side = math.isqrt(self.most_pixels)
            raise UserError(
                f"This picture is {width} × {height}; {self.title} takes as many pixels as {side} × {side} have. "
                "Choose another model, or a smaller picture."
            )
        larger = max(width, height) * float(self.read(settings, "scale") or 1)
        if larger > LARGEST_SIDE:
            raise UserError(
                f"This picture is {width} × {height}, and would be {larger:,.0f} pixels long; {LARGEST_SIDE:,} is the "
                "most. Choose a smaller scale."
            )

    def refusal(self, word: str) -> UserError:
        """Say that it does not take something."""
        return UserError(f"{self.title} takes no {word}. Leave it out, or choose another model.")

    def _sized(self, settings: dict[str, Setting]) -> dict[str, Setting]:
        """Make width and height, which only count together, a custom size."""
        sides = [side for side in SIDES if side in settings]
        if len(sides) == 1 or (not sides and settings.get("aspect_ratio") == CUSTOM):
            raise UserError("A custom size needs both width and height. Give both, or an aspect_ratio instead.")
        if sides:
            settings["aspect_ratio"] = CUSTOM
        return settings
