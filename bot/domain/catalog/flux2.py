"""FLUX.2 models, as their API pages of 2026 describe them: each paints from words and edits up to ten pictures."""

from bot.domain.catalog.fields import Field, choice, flag, number, pictures, whole
from bot.domain.catalog.flux1 import ASPECT_RATIOS, CLOSED, FAST, FORMAT, FREE, PROMPT, QUALITY, SEED, UPSAMPLING
from bot.domain.catalog.models import Evidence, Model

RATIO = choice(
    "aspect_ratio",
    ("match_input_image", "custom", "1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"),
    "1:1",
)
RESOLUTION = choice("resolution", ("match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"))
TOLERANCE = whole("safety_tolerance", 1, 5)
DEV_LICENCE = "FLUX.2 dev licence: non-commercial; ask Black Forest Labs before you sell pictures"


def _size(highest: int, multiple: int) -> tuple[Field, Field]:
    return (
        whole("width", 256, highest, multiple=multiple),
        whole("height", 256, highest, multiple=multiple),
    )


PRO = Model(
    key="2-pro",
    title="FLUX.2 pro",
    remote="black-forest-labs/flux-2-pro",
    fields=(
        *(PROMPT, pictures("input_images", 8), RATIO, RESOLUTION, *_size(2048, 32), TOLERANCE),
        *(SEED, FORMAT, QUALITY),
    ),
    single=True,
    licence=CLOSED,
    evidence=Evidence.PAGE,
)
MAX = Model(
    key="2-max",
    title="FLUX.2 max",
    remote="black-forest-labs/flux-2-max",
    fields=(
        *(PROMPT, pictures("input_images", 8), RATIO, RESOLUTION, *_size(2048, 16), TOLERANCE),
        *(SEED, FORMAT, QUALITY),
    ),
    single=True,
    licence=CLOSED,
    evidence=Evidence.PAGE,
)
FLEX = Model(
    key="2-flex",
    title="FLUX.2 flex",
    remote="black-forest-labs/flux-2-flex",
    fields=(
        *(PROMPT, pictures("input_images", 10), RATIO, RESOLUTION, *_size(2048, 16)),
        # One public example names these fields without limits; the ranges are those that Black Forest Labs gives.
        *(whole("steps", 1, 50, 30), number("guidance", 1.5, 10, 4.5), TOLERANCE, UPSAMPLING, SEED, FORMAT, QUALITY),
    ),
    single=True,
    licence=CLOSED,
    evidence=Evidence.WEAK,
)
DEV = Model(
    key="2-dev",
    title="FLUX.2 dev",
    remote="black-forest-labs/flux-2-dev",
    fields=(PROMPT, pictures("input_images", 4), FAST, RATIO, *_size(1440, 32), SEED, FORMAT, QUALITY),
    single=True,
    licence=DEV_LICENCE,
    evidence=Evidence.PAGE,
)
KLEIN = Model(
    key="2-klein-4b",
    title="FLUX.2 klein 4B",
    remote="black-forest-labs/flux-2-klein-4b",
    fields=(
        *(PROMPT, pictures("images", 5), choice("aspect_ratio", (*ASPECT_RATIOS, "match_input_image"), "1:1")),
        *(choice("output_megapixels", ("0.25", "0.5", "1", "2", "4")), SEED, flag("go_fast"), FORMAT, QUALITY),
    ),
    licence=FREE,
    evidence=Evidence.PAGE,
)
FLUX2 = (PRO, MAX, FLEX, DEV, KLEIN)
