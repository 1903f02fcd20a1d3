"""The FLUX trainers by version, with the rules that each had, and what generates from a LoRA they made."""

from sandbox.replicate.fields import Field
from sandbox.replicate.inputs import (
    COUNT,
    DEV_STEPS,
    EXTRA_LORA,
    FILE_OUT,
    FORMAT,
    PROMPT,
    SEED,
    SHAPE_OR_CUSTOM,
    SIZE,
    STRENGTH,
    UNCHECKED,
    choice,
    flag,
    number,
    picture,
    side,
    text,
    whole,
)
from sandbox.replicate.model import Model
from sandbox.replicate.strangers import FOOD

TRAINED_LORA = (
    *(PROMPT, picture("image"), picture("mask"), SHAPE_OR_CUSTOM, side("height"), side("width"), STRENGTH),
    *(choice("model", ("dev", "schnell"), "dev"), COUNT, DEV_STEPS, number("guidance_scale", 3, 0, 10), SEED),
    *(*FILE_OUT, flag("go_fast"), SIZE, text("replicate_weights"), number("lora_scale", 1, -1, 3), *EXTRA_LORA),
)
PREDICT_2024_08 = (
    *(PROMPT, SHAPE_OR_CUSTOM, side("width"), side("height"), COUNT, number("lora_scale", 1, -1, 2), DEV_STEPS),
    *(choice("model", ("dev", "schnell"), "dev"), number("guidance_scale", 3.5, 0, 10), SEED, *FILE_OUT),
    text("replicate_weights"),
)
ANY_LORA = Model(ref="", version="", fields=TRAINED_LORA, official=False)
OLD_LORA = Model(ref="", version="", fields=PREDICT_2024_08, official=False)
OSTRIS_PREDICT = (
    *(PROMPT, picture("image"), picture("mask"), SHAPE_OR_CUSTOM, side("width"), side("height"), COUNT),
    *(number("lora_scale", 1, -1, 2), DEV_STEPS, choice("model", ("dev", "schnell"), "dev")),
    *(number("guidance_scale", 3.5, 0, 10), STRENGTH, SEED, text("extra_lora"), number("extra_lora_scale", 1, -1, 2)),
    *(FORMAT, whole("output_quality", 90, 0, 100), text("replicate_weights"), UNCHECKED),
)


def lora(version: str) -> Model:
    """Say what a trained version runs on: all were moved to the newest base since, but for one old one."""
    return OLD_LORA if version == FOOD else ANY_LORA


ARTICLES_TRAINER = "4ffd32160efd92e956d39c5338a9b8fbafca58e03f791f6d8011f3e20e8ea6fa"
TRAIN_HEAD = (
    *(picture("input_images"), text("trigger_word", "TOK"), flag("autocaption", True)),
    *(text("autocaption_prefix"), text("autocaption_suffix")),
)
HUGGING_FACE = (text("hf_repo_id"), text("hf_token", secret=True))
PRETRAINED = text("skip_training_and_use_pretrained_hf_lora_url")
TRAIN_2024_08 = (
    *(*TRAIN_HEAD, whole("steps", 1000, 10, 6000), number("learning_rate", 0.0004), whole("batch_size", 1)),
    *(whole("lora_rank", 16), *HUGGING_FACE, PRETRAINED),
)
TRAIN_2024_10 = (
    *(*TRAIN_HEAD, whole("steps", 1000, 3, 6000), number("learning_rate", 0.0004), whole("batch_size", 1)),
    *(text("resolution", "512,768,1024"), whole("lora_rank", 16, 1, 128), number("caption_dropout_rate", 0.05, 0, 1)),
    *(text("optimizer", "adamw8bit"), flag("cache_latents_to_disk"), text("layers_to_optimize_regex"), *HUGGING_FACE),
    *(text("wandb_api_key", secret=True), text("wandb_project", "flux_train_replicate"), text("wandb_run")),
    *(text("wandb_entity"), whole("wandb_sample_interval", 100, 1), text("wandb_sample_prompts")),
    *(whole("wandb_save_interval", 100, 1), PRETRAINED),
)
TRAIN_2025_06 = (*TRAIN_2024_10, flag("gradient_checkpointing"))
FAST_TRAINER = "replicate/fast-flux-trainer"
FAST_TRAIN = (
    *(picture("input_images", required=True), text("trigger_word", "TOK")),
    *(choice("lora_type", ("subject", "style"), None), whole("training_steps", 1000, 500, 4000), whole("seed")),
)
# Newest last: what GET /models names as latest_version.
OSTRIS_TRAINERS = {
    ARTICLES_TRAINER: TRAIN_2024_08,
    "e440909d3512c31646ee2e0c7d6f6f4923224863a6a10c494606e79fb5844497": TRAIN_2024_10,
    "b6af14222e6bd9be257cbc1ea4afda3cd0503e1133083b9d1de0364d8568e6ef": TRAIN_2024_10,
    "c6e78d2501e8088876e99ef21e4460d0dc121af7a4b786b9a4c2d75c620e300d": TRAIN_2024_10,
    "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2": TRAIN_2025_06,
}
FAST_TRAINERS: dict[str, tuple[Field, ...]] = dict.fromkeys(
    (
        "56cb4a6447e586e40c6834a7a48b649336ade35325479817ada41cd3d8dcc175",
        "f463fbfc97389e10a2f443a8a84b6953b1058eafbf0c9af4d84457ff07cb04db",
        "8b10794665aed907bb98a1a5324cd1d3a8bea0e9b31e65210967fb9c9e2e08ed",
    ),
    FAST_TRAIN,
)

TRAINERS = (
    Model(
        ref="ostris/flux-dev-lora-trainer",
        version=list(OSTRIS_TRAINERS)[-1],
        older=tuple(OSTRIS_TRAINERS)[:-1],
        official=False,
        fields=OSTRIS_PREDICT,
        trains=OSTRIS_TRAINERS,
    ),
    Model(
        ref=FAST_TRAINER,
        version=list(FAST_TRAINERS)[-1],
        older=tuple(FAST_TRAINERS)[:-1],
        fields=TRAINED_LORA,
        trains=FAST_TRAINERS,
    ),
)
