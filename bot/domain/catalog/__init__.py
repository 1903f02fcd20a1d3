"""What each FLUX model and trainer takes, gives and costs; it does not know how they are called."""

from collections.abc import Mapping, Sequence

from bot.domain.catalog.fields import Field
from bot.domain.catalog.flux1 import (
    ASPECT_RATIOS,
    DEV,
    DEV_LORA,
    FINE_TUNE_DEV,
    FINE_TUNE_SCHNELL,
    FLUX1,
    SCHNELL,
    SCHNELL_LORA,
    SEED,
)
from bot.domain.catalog.flux2 import FLUX2
from bot.domain.catalog.models import CUSTOM, LARGEST_SIDE, MASK, MATCHED, Evidence, Model, Task
from bot.domain.catalog.more import complete_more, read_more
from bot.domain.catalog.prices import ENRICH, H100_SECOND, PRICES, Price
from bot.domain.catalog.tools import OUTPAINT, TOOLS
from bot.domain.catalog.trainers import (
    ARTICLE_TRAINER,
    FAST_TRAINER,
    PINNED_TRAINER,
    PRETRAINED,
    STEPS,
    TRAIN_STEPS,
    TRAINER,
    TRAINERS,
    Trainer,
    chosen_in,
    find_trainer,
)
from bot.domain.entities import Recipe, Setting, Variant

__all__ = [
    "ARTICLE_TRAINER",
    "ASPECT_RATIOS",
    "CUSTOM",
    "DEV",
    "DEV_LORA",
    "ENRICH",
    "FAST_TRAINER",
    "FINE_TUNE_DEV",
    "FINE_TUNE_SCHNELL",
    "H100_SECOND",
    "LARGEST_SIDE",
    "MASK",
    "MATCHED",
    "MAX_PICTURES",
    "MODELS",
    "OUTPAINT",
    "PINNED_TRAINER",
    "PRETRAINED",
    "PRICES",
    "SCHNELL",
    "SCHNELL_LORA",
    "SEED",
    "STEPS",
    "TRAINER",
    "TRAINERS",
    "TRAIN_STEPS",
    "Evidence",
    "Field",
    "Model",
    "Price",
    "Setting",
    "Task",
    "Trainer",
    "chosen_in",
    "complete_more",
    "find_model",
    "find_trainer",
    "fine_tune",
    "is_lora",
    "model_input",
    "paints_alone",
    "read_more",
]

MAX_PICTURES = 4
NOWHERE: Mapping[str, Sequence[str]] = {}
MODELS = {model.key: model for model in (*FLUX1, *FLUX2, *TOOLS)}


def find_model(key: str) -> Model:
    """Find a model by its key."""
    return MODELS[key]


def paints_alone(model: Model) -> bool:
    """Tell whether a model paints from nothing but words."""
    return model.task is Task.PAINT and bool(model.remote) and "lora_weights" not in {one.name for one in model.fields}


def fine_tune(variant: Variant) -> Model:
    """Find what paints with a fine-tune on a FLUX.1 model."""
    return FINE_TUNE_SCHNELL if variant is Variant.SCHNELL else FINE_TUNE_DEV


def is_lora(takes: Mapping[str, object]) -> bool:
    """Tell by its inputs whether a version is a fine-tune of FLUX that brings its own LoRA."""
    return {"prompt", "lora_scale"} <= takes.keys() and "lora_weights" not in takes


def model_input(recipe: Recipe, uploads: Mapping[str, Sequence[str]] = NOWHERE) -> Mapping[str, object]:
    """Build what Replicate gets for a recipe whose pictures lie at these addresses: only fields of its schema."""
    model = find_model(recipe.model)
    fields: dict[str, object] = dict(recipe.settings)
    if model.takes("prompt"):
        fields["prompt"] = recipe.prompt
    if model.takes("seed"):
        fields["seed"] = recipe.seed
    if model.takes("count"):
        fields["num_outputs"] = recipe.count
    for field in model.pictures:
        if addresses := uploads.get(field.name):
            fields[field.name] = list(addresses) if field.most > 1 else addresses[0]
    return fields
