"""The one table of prices, each with its source and date; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

PRICING = "replicate.com/pricing, read 2026-10-07"
PAGE = "the model's page at Replicate, as several users report it, 2025-12 to 2026-10"
MAKER = "unknown at Replicate; the maker's own price (docs.bfl.ai, read 2026-11) is counted"
ALIKE = "unknown at Replicate; that of models alike is counted"
FAST = "replicate.com/pricing, read 2026-10-07: eight H100s, on which users say it runs"
H100_SECOND = 1525  # $0.001525, replicate.com/pricing: FLUX fine-tunes run on an H100
T4_SECOND = 225  # $0.000225, same page


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a run costs, in micro-dollars, with where the figure is from; what is not given costs nothing."""

    per_picture: int = 0
    per_second: int = 0
    per_run: int = 0
    per_megapixel: int = 0
    """Of every picture that goes in or comes out, each rounded up to whole megapixels."""
    source: str
    is_guess: bool = False
    """Whether Replicate's own price is unknown, and this is counted in its stead."""


def _picture(micro: int, source: str = PRICING) -> Price:
    return Price(per_picture=micro, source=source, is_guess=source in (MAKER, ALIKE))


def _size(run: int, megapixel: int, source: str = MAKER) -> Price:
    return Price(per_run=run, per_megapixel=megapixel, source=source, is_guess=source == MAKER)


ENRICH = "enrich"  # an answer of whatever language model the operator chose for /enrich
TOKENS = "billed by the token, which no list here knows; a page costs a tenth of this, with the dearest models a cent"
PRICES: Mapping[str, Price] = {
    "schnell": _picture(3_000),
    "dev": _picture(25_000),
    "pro": _picture(55_000, PAGE),
    "1.1-pro": _picture(40_000),
    "1.1-pro-ultra": _picture(60_000, PAGE),
    "dev-lora": _picture(32_000, PAGE),
    "schnell-lora": _picture(20_000, ALIKE),
    "fine-tune-dev": Price(per_second=H100_SECOND, source=PRICING),
    "fine-tune-schnell": Price(per_second=H100_SECOND, source=PRICING),
    "2-pro": _size(15_000, 15_000, PAGE),
    "2-max": _size(40_000, 30_000),
    "2-flex": _size(0, 60_000),
    "2-dev": _size(0, 12_000),
    "2-klein-4b": _size(13_000, 1_000),
    "kontext-pro": _picture(40_000, PAGE),
    "kontext-max": _picture(80_000, PAGE),
    "kontext-dev": _picture(25_000, ALIKE),
    "fill-pro": _picture(50_000, PAGE),
    "fill-dev": _picture(40_000, PAGE),
    "redux-dev": _picture(25_000, PAGE),
    "redux-schnell": _picture(3_000, ALIKE),
    "canny-pro": _picture(50_000, PAGE),
    "canny-dev": _picture(25_000, ALIKE),
    "depth-pro": _picture(50_000, PAGE),
    "depth-dev": _picture(25_000, ALIKE),
    "crisp-upscale": _picture(6_000, PAGE),
    "real-esrgan": Price(per_second=T4_SECOND, source=PRICING),
    ENRICH: Price(per_run=10_000, source=TOKENS, is_guess=True),
    "ostris/flux-dev-lora-trainer": Price(per_second=H100_SECOND, source=PRICING),
    "replicate/fast-flux-trainer": Price(per_second=8 * H100_SECOND, source=FAST),
}
"""By a model's key in the catalog, or a trainer's name, or ENRICH."""
