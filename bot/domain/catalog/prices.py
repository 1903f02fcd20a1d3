"""The one table of prices, each with its source and date; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

PRICING = "replicate.com/pricing, read 2026-10-07"
MAKER = "docs.bfl.ai, the maker's own price, read 2026-11"
GUESSED = "not found at Replicate; what users report, 2026-11"
H100_SECOND = 1525  # $0.001525, replicate.com/pricing: FLUX fine-tunes run on an H100
T4_SECOND = 225  # $0.000225, same page


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a run costs, in micro-dollars, with where the figure is from."""

    per_picture: int = 0
    per_second: int = 0
    source: str
    is_guess: bool = False
    """Whether Replicate's own price is unknown, and this is counted in its stead."""


def _picture(micro: int, source: str = PRICING) -> Price:
    return Price(per_picture=micro, source=source, is_guess=source != PRICING)


PRICES: Mapping[str, Price] = {
    "schnell": _picture(3_000),
    "dev": _picture(25_000),
    "1.1-pro": _picture(40_000),
    "fine-tune-dev": Price(per_second=H100_SECOND, source=PRICING),
    "fine-tune-schnell": Price(per_second=H100_SECOND, source=PRICING),
    "pro": _picture(55_000, GUESSED),
    "1.1-pro-ultra": _picture(60_000, MAKER),
    "dev-lora": _picture(32_000, GUESSED),
    "schnell-lora": _picture(20_000, GUESSED),
    "2-pro": _picture(45_000, MAKER),
    "2-max": _picture(70_000, MAKER),
    "2-flex": _picture(50_000, MAKER),
    "2-dev": _picture(25_000, GUESSED),
    "2-klein-4b": _picture(14_000, MAKER),
    "kontext-pro": _picture(40_000, GUESSED),
    "kontext-max": _picture(80_000, GUESSED),
    "kontext-dev": _picture(25_000, GUESSED),
    "fill-pro": _picture(50_000, GUESSED),
    "fill-dev": _picture(40_000, GUESSED),
    "redux-dev": _picture(25_000, GUESSED),
    "redux-schnell": _picture(3_000, GUESSED),
    "canny-pro": _picture(50_000, GUESSED),
    "canny-dev": _picture(25_000, GUESSED),
    "depth-pro": _picture(50_000, GUESSED),
    "depth-dev": _picture(25_000, GUESSED),
    "real-esrgan": Price(per_second=T4_SECOND, source=PRICING),
}
