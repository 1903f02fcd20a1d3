"""What an estimate is made of, in words."""

from collections.abc import Callable, Mapping

from bot.domain.money import DOLLAR, dollars


def _by_second(seconds: float, rate: int) -> str:
    return f"{seconds:g} s at ${rate / DOLLAR:g} a second"


def _by_megapixel(price: int, most: int) -> str:
    return f"{dollars(price)} a megapixel, up to {most} of them"


def _by_picture(count: int, price: int) -> str:
    return f"{count} × {dollars(price)}"


PHRASES: Mapping[str, Callable[..., str]] = {
    "by-second": _by_second,
    "by-megapixel": _by_megapixel,
    "by-picture": _by_picture,
    "guess": "a guess, as Replicate's price is unknown".format,
}
