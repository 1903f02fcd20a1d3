"""One input of a model: what it takes, and how a value that it does not take is refused; it knows no model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.entities import Setting
from bot.errors import UserError

WORDS = {
    "num_outputs": "count",
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "output_format": "format",
    "output_quality": "quality",
    "output_megapixels": "megapixels",
    "lora_weights": "lora",
    "extra_lora": "second_lora",
    "extra_lora_scale": "second_scale",
    "prompt_upsampling": "upsampling",
    "image_prompt": "image",
    "input_image": "image",
    "input_images": "image",
    "images": "image",
    "redux_image": "image",
    "control_image": "image",
    "training_steps": "steps",
}
"""What members call a field, where the schemas do not agree on one short name."""
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
FEW = 10  # values that are shown one by one


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    PICTURE = "picture"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An input as the model's schema spells it, with its limits (both ends included)."""

    name: str
    kind: Kind
    default: Setting | None = None
    """What is sent when nobody chooses; None leaves it to the model."""
    low: float | None = None
    high: float | None = None
    multiple: int | None = None
    among: tuple[int, ...] = ()
    """The only numbers that it takes, where they are few."""
    choices: tuple[str, ...] = ()
    rule: Callable[[str], str] | None = None
    """What else a text must keep to: gives it back as it is sent, or raises UserError."""
    most: int = 1
    """How many pictures it takes."""
    required: bool = False

    @property
    def word(self) -> str:
        """Say what members call it."""
        return WORDS.get(self.name, self.name)

    @property
    def is_picture(self) -> bool:
        """Tell whether it takes pictures rather than a value."""
        return self.kind in (Kind.PICTURE, Kind.PICTURES)

    def check(self, value: Setting) -> Setting:
        """Return a value, given as such or as text, as it is sent; raises UserError with what is allowed."""
        if self.kind is Kind.CHOICE:
            return self._one_of(str(value))
        if self.kind is Kind.FLAG:
            return self._yes_or_no(value)
        if self.kind in (Kind.WHOLE, Kind.NUMBER):
            return self._number(value)
        return self.rule(str(value)) if self.rule else value

    def narrowed(self, told: Mapping[str, Any]) -> "Field":
        """Keep to what the schema of one version says of it."""
        own = replace(
            self,
            low=told.get("minimum", self.low),
            high=told.get("maximum", self.high),
            choices=tuple(told.get("enum", self.choices)),
        )
        return own if self.default is None or own.takes(self.default) else replace(own, default=None)

    def takes(self, value: Setting) -> bool:
        """Tell whether a value is allowed."""
        try:
            self.check(value)
        except UserError:
            return False
        return True

    def _one_of(self, value: str) -> Setting:
        for choice in self.choices:
            if choice.lower() == value.strip().lower():
                return choice
        raise self._refusal(value)

    def _yes_or_no(self, value: Setting) -> Setting:
        told = str(value).strip().lower()
        if told not in YES + NO:
            raise self._refusal(value)
        return told in YES

    def _number(self, value: Setting) -> Setting:
        try:
            number = float(value)
        except ValueError:
            raise self._refusal(value) from None
        if not self._allows(number):
            raise self._refusal(value)
        return int(number) if self.kind is Kind.WHOLE else number

    def _refusal(self, value: Setting) -> UserError:
        return UserError(f"{self.word} must be {self.limits}, not {str(value)[:40]}. Change it and try again.")

    def _allows(self, value: float) -> bool:
        if self.among and value not in self.among:
            return False
        above = self.low is None or value >= self.low
        below = self.high is None or value <= self.high
        whole = self.kind is Kind.NUMBER or float(value).is_integer()
        return above and below and whole and not (self.multiple and value % self.multiple)

    @property
    def limits(self) -> str:
        """Write for people what it takes."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind is Kind.FLAG:
            return "yes or no"
        if self.among:
            return "one of " + ", ".join(map(str, self.among))
        if self.low is None or self.high is None:
            return "a whole number" if self.kind is Kind.WHOLE else "a number"
        return f"between {self.low:g} and {self.high:g}" + (f", in steps of {self.multiple}" if self.multiple else "")

    @property
    def examples(self) -> tuple[str, ...]:
        """List values to choose from: all of them where they are few, else the ends of the range."""
        if self.kind is Kind.FLAG:
            return YES[0], NO[0]
        if self.low is None or self.high is None:
            return self.choices
        if self.kind is Kind.WHOLE and self.high - self.low < FEW:
            return tuple(str(value) for value in range(int(self.low), int(self.high) + 1))
        return f"{self.low:g}", f"{self.high:g}"


def text(name: str, *, required: bool = False) -> Field:
    """Describe a free text."""
    return Field(name=name, kind=Kind.TEXT, required=required)


def choice(name: str, choices: tuple[str, ...], default: str | None = None) -> Field:
    """Describe a text out of a few."""
    return Field(name=name, kind=Kind.CHOICE, choices=choices, default=default)


def whole(name: str, low: int, high: int, default: int | None = None, *, multiple: int | None = None) -> Field:
    """Describe a whole number."""
    return Field(name=name, kind=Kind.WHOLE, low=low, high=high, default=default, multiple=multiple)


def number(name: str, low: float, high: float, default: float | None = None) -> Field:
    """Describe a number."""
    return Field(name=name, kind=Kind.NUMBER, low=low, high=high, default=default)


def flag(name: str, *, default: bool | None = None) -> Field:
    """Describe a yes or no."""
    return Field(name=name, kind=Kind.FLAG, default=default)


def picture(name: str, *, required: bool = False) -> Field:
    """Describe a picture."""
    return Field(name=name, kind=Kind.PICTURE, required=required)


def pictures(name: str, most: int) -> Field:
    """Describe a few pictures."""
    return Field(name=name, kind=Kind.PICTURES, most=most)
