"""What each FLUX model and trainer takes, gives and costs; it does not know how they are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.entities import Recipe, Variant
from bot.errors import UserError

ASPECT_RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
MAX_PICTURES = 4
FINE_TUNE = "fine-tune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What one numeric option may be, both ends included."""

    low: float
    high: float
    default: float

    def check(self, what: str, value: float | None) -> float:
        """Return the value, or the default for None; raises UserError with the allowed range."""
        if value is None:
            return self.default
        if not self.low <= value <= self.high:
            raise UserError(
                f"{what} must be between {self.low:g} and {self.high:g}, not {value:g}. "
                "Change it and run the command again."
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a run costs, in micro-dollars, with where the figure is from."""

    per_picture: int = 0
    per_second: int = 0
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that paints."""

    key: str
    title: str
    remote: str
    """owner/name at Replicate; empty for fine-tunes, each of which has its own."""
    variant: Variant
    steps: Range
    guidance: Range | None
    guidance_field: str = "guidance"
    lora_scale: Range | None = None
    price: Price
    seconds_per_picture: float = 1.0
    """The time that an estimate counts on, where the price is by the second."""
    licence: str


PRICING = "replicate.com/pricing, read 2026-10-07"
H100_SECOND = 1525  # $0.001525, replicate.com/pricing: FLUX fine-tunes run on an H100

SCHNELL = Model(
    key="schnell",
    title="FLUX.1 schnell",
    remote="black-forest-labs/flux-schnell",
    variant=Variant.SCHNELL,
    steps=Range(low=1, high=4, default=4),
    guidance=None,
    price=Price(per_picture=3_000, source=PRICING),
    licence="Apache 2.0: pictures and model free for commercial use",
)
DEV = Model(
    key="dev",
    title="FLUX.1 dev",
    remote="black-forest-labs/flux-dev",
    variant=Variant.DEV,
    steps=Range(low=1, high=50, default=28),
    guidance=Range(low=0, high=10, default=3),
    price=Price(per_picture=25_000, source=PRICING),
    licence="FLUX.1 dev licence: non-commercial, but pictures made on Replicate may be used commercially",
)
FINE_TUNE_DEV = Model(
    key=FINE_TUNE,
    title="fine-tune on FLUX.1 dev",
    remote="",
    variant=Variant.DEV,
    steps=Range(low=1, high=50, default=28),
    guidance=Range(low=0, high=10, default=3),
    guidance_field="guidance_scale",
    lora_scale=Range(low=-1, high=3, default=1),
    price=Price(per_second=H100_SECOND, source=PRICING),
    seconds_per_picture=8.0,  # 7.7 s in the model's own example of 2024; 2 to 8 s are usual
    licence=DEV.licence,
)
FINE_TUNE_SCHNELL = Model(
    key=FINE_TUNE,
    title="fine-tune on FLUX.1 schnell",
    remote="",
    variant=Variant.SCHNELL,
    steps=Range(low=1, high=50, default=4),  # the schema allows 50; four are what schnell is made for
    guidance=None,
    guidance_field="guidance_scale",
    lora_scale=Range(low=-1, high=3, default=1),
    price=Price(per_second=H100_SECOND, source=PRICING),
    seconds_per_picture=2.0,
    licence=SCHNELL.licence,
)
MODELS = (SCHNELL, DEV, FINE_TUNE_DEV, FINE_TUNE_SCHNELL)


def model(key: str, variant: Variant) -> Model:
    """Find a model by its key and variant."""
    return next(row for row in MODELS if (row.key, row.variant) == (key, variant))


def model_input(recipe: Recipe) -> Mapping[str, object]:
    """Build what Replicate gets for a recipe: only fields that the model's schema lists."""
    row = model(recipe.model, recipe.variant)
    fields: dict[str, object] = {
        "prompt": recipe.prompt,
        "aspect_ratio": recipe.aspect_ratio,
        "num_outputs": recipe.count,
        "num_inference_steps": recipe.steps,
        "seed": recipe.seed,
        "output_format": "webp",
        "output_quality": 90,
    }
    if row.guidance is not None:
        fields[row.guidance_field] = recipe.guidance
    if row.lora_scale is not None:
        fields["model"] = recipe.variant.value
        fields["lora_scale"] = recipe.lora_scale
    return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A version of a trainer and its own rules."""

    version: str
    steps: Range
    ranks: tuple[int, ...]
    needs_zip_name: bool = False
    """Whether the address of the photos must end in .zip, which that of an uploaded file does not."""


TRAINER = "ostris/flux-dev-lora-trainer"
PINNED_TRAINER = "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2"
"""The newest version known (mid 2025): what is used when Replicate cannot be asked."""
ARTICLE_TRAINER = "4ffd32160efd92e956d39c5338a9b8fbafca58e03f791f6d8011f3e20e8ea6fa"
"""The version that the article names (source of 2024-08-19)."""
TRAIN_STEPS = Range(low=3, high=6000, default=1000)
RANKS = tuple(range(1, 129))


def trainer(version: str) -> Trainer:
    """Give the rules of a trainer's version; an unknown one is taken for the newest."""
    if version == ARTICLE_TRAINER:
        return Trainer(
            version=version, steps=Range(low=10, high=6000, default=1000), ranks=(16, 32, 64, 128), needs_zip_name=True
        )
    return Trainer(version=version, steps=TRAIN_STEPS, ranks=RANKS)
