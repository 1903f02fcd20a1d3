"""What each model on this Replicate takes and costs, written from the published schemas; knows no HTTP."""

from dataclasses import dataclass, field

from sandbox.replicate.fields import Field, Json

HOTSWAP = "the generation schema of every LoRA trained today"
H100_SECOND = 1_525  # micro-dollars; $0.001525 a second

WIDE = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
PRO_SHAPES = ("custom", "1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")
ULTRA_SHAPES = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "9:21")
FLUX2_SHAPES = ("match_input_image", "custom", *PRO_SHAPES[1:])
KONTEXT_SHAPES = (
    *("match_input_image", "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "4:5", "5:4"),
    *("21:9", "9:21", "2:1", "1:2"),
)
OUTPAINT = (
    *("None", "Zoom out 1.5x", "Zoom out 2x", "Make square"),
    *("Left outpaint", "Right outpaint", "Top outpaint", "Bottom outpaint"),
)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A published model: its inputs, the shape of its output, and how a run is billed."""

    ref: str
    version: str
    fields: tuple[Field, ...]
    single: bool = False  # one URL instead of a list
    official: bool = True
    image_price: int = 0  # micro-dollars an image; 0 is billed by the second
    older: tuple[str, ...] = ()
    trains: dict[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])


def text(name: str, default: str | None = None, *, required: bool = False, secret: bool = False) -> Field:
    """Describe a free text."""
    return Field(name=name, kind="string", default=default, required=required, secret=secret)


def choice(name: str, choices: tuple[str, ...], default: str | None) -> Field:
    """Describe a text out of a few."""
    return Field(name=name, kind="string", choices=choices, default=default)


def whole(name: str, default: int | None = None, low: int | None = None, high: int | None = None) -> Field:
    """Describe an integer."""
    return Field(name=name, kind="integer", default=default, minimum=low, maximum=high)


def side(name: str, high: int = 1440, multiple: int | None = None) -> Field:
    """Describe a width or height in pixels."""
    return Field(name=name, kind="integer", minimum=256, maximum=high, multiple=multiple)


def number(name: str, default: float | None = None, low: float | None = None, high: float | None = None) -> Field:
    """Describe a number."""
    return Field(name=name, kind="number", default=default, minimum=low, maximum=high)


def flag(name: str, default: bool = False) -> Field:  # noqa: FBT001, FBT002, RUF100 - reads as in the schema
    """Describe a yes or no."""
    return Field(name=name, kind="boolean", default=default)


def picture(name: str, *, required: bool = False) -> Field:
    """Describe a file given by address."""
    return Field(name=name, kind="string", form="uri", required=required)


def pictures(name: str, most: int) -> Field:
    """Describe a list of files given by address."""
    return Field(name=name, kind="array", form="uri", default=[], most=most)


PROMPT = text("prompt", required=True)
SEED = whole("seed")
COUNT = whole("num_outputs", 1, 1, 4)
DEV_STEPS = whole("num_inference_steps", 28, 1, 50)
FAST_STEPS = whole("num_inference_steps", 4, 1, 4)
SHAPE = choice("aspect_ratio", WIDE, "1:1")
SHAPE_OR_CUSTOM = choice("aspect_ratio", (*WIDE, "custom"), "1:1")
FORMAT = choice("output_format", ("webp", "jpg", "png"), "webp")
CLOSED_FORMAT = choice("output_format", ("jpg", "png"), "jpg")
QUALITY = whole("output_quality", 80, 0, 100)
UNCHECKED = flag("disable_safety_checker")
SIZE = choice("megapixels", ("1", "0.25"), "1")
SIZE_OR_MATCH = choice("megapixels", ("1", "0.25", "match_input"), "1")
STRENGTH = number("prompt_strength", 0.8, 0, 1)
TOLERANCE = whole("safety_tolerance", 2, 1, 6)
UPSAMPLING = flag("prompt_upsampling")
FILE_OUT = (FORMAT, QUALITY, UNCHECKED)
LORA = (text("lora_weights"), number("lora_scale", 1, -1, 3))
EXTRA_LORA = (text("extra_lora"), number("extra_lora_scale", 1, -1, 3))

SCHNELL = (PROMPT, SHAPE, COUNT, FAST_STEPS, SEED, *FILE_OUT, flag("go_fast", True), SIZE)
DEV = (
    *(PROMPT, SHAPE, picture("image"), STRENGTH, COUNT, DEV_STEPS, number("guidance", 3, 0, 10), SEED),
    *(*FILE_OUT, flag("go_fast", True), SIZE),
)
DEV_LORA = (*DEV, *LORA, *EXTRA_LORA, text("hf_api_token", secret=True), text("civitai_api_token", secret=True))
CONTROLLED = (PROMPT, picture("control_image", required=True), COUNT, DEV_STEPS)
REDUX = (picture("redux_image", required=True), SHAPE, COUNT)
FILL = (PROMPT, picture("image", required=True), picture("mask"))
CLOSED_CONTROL = (PROMPT, picture("control_image", required=True), SEED, whole("steps", 50, 15, 50), UPSAMPLING)
CLOSED_SIZE = (side("width"), side("height"))
KONTEXT = (
    *(PROMPT, picture("input_image"), choice("aspect_ratio", KONTEXT_SHAPES, "match_input_image")),
    *(choice("output_format", ("jpg", "png"), "png"), whole("safety_tolerance", 2, 0, 6), UPSAMPLING, SEED),
)
FLUX2 = (PROMPT, pictures("input_images", 8), choice("aspect_ratio", FLUX2_SHAPES, "1:1"))
RESOLUTION = choice("resolution", ("match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"), "1 MP")

TRAINED_LORA = (
    *(PROMPT, picture("image"), picture("mask"), SHAPE_OR_CUSTOM, side("height"), side("width"), STRENGTH),
    *(choice("model", ("dev", "schnell"), "dev"), COUNT, DEV_STEPS, number("guidance_scale", 3, 0, 10), SEED),
    *(*FILE_OUT, flag("go_fast"), SIZE, text("replicate_weights"), number("lora_scale", 1, -1, 3), *EXTRA_LORA),
)
OSTRIS_PREDICT = (
    *(PROMPT, picture("image"), picture("mask"), SHAPE_OR_CUSTOM, side("width"), side("height"), COUNT),
    *(number("lora_scale", 1, -1, 2), DEV_STEPS, choice("model", ("dev", "schnell"), "dev")),
    *(number("guidance_scale", 3.5, 0, 10), STRENGTH, SEED, text("extra_lora"), number("extra_lora_scale", 1, -1, 2)),
    *(FORMAT, whole("output_quality", 90, 0, 100), text("replicate_weights"), UNCHECKED),
)

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
FAST_TRAINERS = dict.fromkeys(
    (
        "56cb4a6447e586e40c6834a7a48b649336ade35325479817ada41cd3d8dcc175",
        "f463fbfc97389e10a2f443a8a84b6953b1058eafbf0c9af4d84457ff07cb04db",
        "8b10794665aed907bb98a1a5324cd1d3a8bea0e9b31e65210967fb9c9e2e08ed",
    ),
    FAST_TRAIN,
)


def _flux(name: str, version: str, fields: tuple[Field, ...], price: int, *, single: bool = False) -> Model:
    ref = f"black-forest-labs/{name}"
    return Model(ref=ref, version=version, fields=fields, single=single, image_price=price)


# Prices of models whose Replicate price is not public knowledge are this sandbox's guess.
MODELS = {
    model.ref: model
    for model in (
        _flux("flux-schnell", "53d5d1586a229bd033e060941789bfb0c177cefd5ef638f34b3099658343a897", SCHNELL, 3_000),
        _flux("flux-dev", "7863d1ba11a1bb115732a12488486eb8bb3d54ae62cff189f1677a31dbcdfd2e", DEV, 25_000),
        _flux("flux-krea-dev", "4e5ad4d1e2d1cf2ca1a4a6b0b0dd2c3fd9e7dd8b1f9a5d8a9d6cb6a0c7f1e2d3", DEV, 25_000),
        _flux(
            "flux-schnell-lora",
            "19482ef1ede20d3cf897574262c0e5b961e7e4216f7f143d419c39d0636a75ba",
            (*SCHNELL, *LORA),
            20_000,
        ),
        _flux("flux-dev-lora", "9dbd61f957fb7f5026588ae306b1db961f2d1d3ba314f05bc92ded2158df0b17", DEV_LORA, 32_000),
        _flux(
            "flux-canny-dev",
            "33ba5ec347347b22d091ba1b063221a71d140007d1491622061b5d2f5eae1445",
            (*CONTROLLED, number("guidance", 30, 0, 100), SEED, *FILE_OUT, SIZE_OR_MATCH),
            25_000,
        ),
        _flux(
            "flux-depth-dev",
            "6c9c6d40f94361ad4e4aa537e3165770a83254c7f8e93f4b72c9c04287a4e4f5",
            (*CONTROLLED, number("guidance", 10, 0, 100), SEED, *FILE_OUT, SIZE_OR_MATCH),
            25_000,
        ),
        _flux(
            "flux-fill-dev",
            "a66f7be50c6ab5c9fca9af82a73034a5413143fd18f28e0aab5657b116123180",
            (*FILL, COUNT, DEV_STEPS, number("guidance", 30, 0, 100), SEED, SIZE_OR_MATCH, *FILE_OUT, *LORA),
            25_000,
        ),
        _flux(
            "flux-redux-dev",
            "0e522c0b709bd26a0727a7b7c38391e50cef5ef4016550c93fdd29a72d147981",
            (*REDUX, DEV_STEPS, number("guidance", 3, 0, 10), SEED, *FILE_OUT, SIZE),
            25_000,
        ),
        _flux(
            "flux-redux-schnell",
            "39b438ada2ef04507604f2b6fe76f442ee0a1b64783037ba61de1f23e4c55ade",
            (*REDUX, FAST_STEPS, SEED, *FILE_OUT, SIZE),
            3_000,
        ),
        _flux(
            "flux-pro",
            "a57823497a8beebcd222c20dd78af15a90c0415c36a5bfc88ee763c67155310e",
            (
                *(PROMPT, picture("image_prompt"), choice("aspect_ratio", PRO_SHAPES, "1:1"), *CLOSED_SIZE),
                *(whole("steps", 25, 1, 50), number("guidance", 3, 2, 5), number("interval", 2, 1, 4), TOLERANCE),
                *(UPSAMPLING, SEED, FORMAT, QUALITY),
            ),
            40_000,
            single=True,
        ),
        _flux(
            "flux-1.1-pro",
            "badb73d13c01c716f59b538fae81023a6c0a4f3aaedd00d477602c204c9e1232",
            (
                *(PROMPT, picture("image_prompt"), choice("aspect_ratio", PRO_SHAPES, "1:1"), *CLOSED_SIZE),
                *(TOLERANCE, SEED, UPSAMPLING, FORMAT, QUALITY),
            ),
            40_000,
            single=True,
        ),
        _flux(
            "flux-1.1-pro-ultra",
            "352185dbc99e9dd708b78b4e6870e3ca49d00dc6451a32fc6dd57968194fae5a",
            (
                *(PROMPT, picture("image_prompt"), number("image_prompt_strength", 0.1, 0, 1)),
                *(choice("aspect_ratio", ULTRA_SHAPES, "1:1"), TOLERANCE, SEED, flag("raw"), CLOSED_FORMAT),
            ),
            60_000,
            single=True,
        ),
        _flux(
            "flux-fill-pro",
            "9609ba7331ed872c99f81c92c69a9ee52a50d8aba99f636173e0674d997efd0c",
            (
                *(*FILL, choice("outpaint", OUTPAINT, "None"), SEED, whole("steps", 50, 1, 50), UPSAMPLING),
                *(number("guidance", 3, 2, 5), TOLERANCE, CLOSED_FORMAT),
            ),
            50_000,
            single=True,
        ),
        _flux(
            "flux-canny-pro",
            "b0a59442583d6a8946e4766836f11b8d3fc516fe847c22cf11309c5f0a792111",
            (*CLOSED_CONTROL, number("guidance", 30, 1, 50), TOLERANCE, CLOSED_FORMAT),
            50_000,
            single=True,
        ),
        _flux(
            "flux-depth-pro",
            "c86388b54d5d9eea8c9cfb70a7ee0d40a55c7a3010ecec8e14c21c9bd64d3af8",
            (*CLOSED_CONTROL, number("guidance", 10, 1, 50), TOLERANCE, CLOSED_FORMAT),
            50_000,
            single=True,
        ),
        _flux(
            "flux-kontext-pro",
            "569705b35f79b1160d51de1d0e3955626af86c77a034a16e89010dbdde5ad312",
            KONTEXT,
            40_000,
            single=True,
        ),
        _flux(
            "flux-kontext-max",
            "4b4f8ae0f8a1d4e4a7a0b7c9a4d2ad3d7cd0a3bd5d2d1c5b0a6a4f8a8f2c1d0e",
            KONTEXT,
            80_000,
            single=True,
        ),
        _flux(
            "flux-kontext-dev",
            "85723d503c17da3f9fd9cecfb9987a8bf60ef747fd8f68a25d7636f88260eb59",
            (
                *(PROMPT, picture("input_image", required=True)),
                *(choice("aspect_ratio", (*WIDE, "match_input_image"), "match_input_image"), flag("go_fast", True)),
                *(whole("num_inference_steps", 30, 4, 50), number("guidance", 2.5, 0, 10), SEED),
                *(*FILE_OUT, choice("megapixels", ("1", "0.25"), "1")),
            ),
            25_000,
            single=True,
        ),
        _flux(
            "flux-2-pro",
            "285631b5656a1839331cd9af0d82da820e2075db12046d1d061c681b2f206bc6",
            (
                *(*FLUX2, RESOLUTION, side("width", 2048, 32), side("height", 2048, 32)),
                *(whole("safety_tolerance", 2, 1, 5), SEED, FORMAT, QUALITY),
            ),
            30_000,
            single=True,
        ),
        _flux(
            "flux-2-max",
            "9c23b0aaa98765a9676dbdda58b9c9915627751300747bad54cb1c11b135d3ca",
            (
                *(*FLUX2, RESOLUTION, side("width", 2048, 16), side("height", 2048, 16)),
                *(whole("safety_tolerance", 2, 1, 5), SEED, FORMAT, QUALITY),
            ),
            70_000,
            single=True,
        ),
        _flux(
            "flux-2-flex",
            "57589270f68cb5f1c63d5b36cb0b8b2e9cf3d62bdbc1e1e4f6c5b1c5e5d9a0f7",
            (
                *(PROMPT, pictures("input_images", 10), choice("aspect_ratio", FLUX2_SHAPES, "1:1"), RESOLUTION),
                *(side("width", 2048, 16), side("height", 2048, 16), whole("steps", 30, 1, 50)),
                *(
                    number("guidance", 4.5, 1.5, 10),
                    whole("safety_tolerance", 2, 1, 5),
                    flag("prompt_upsampling", True),
                ),
                *(SEED, FORMAT, QUALITY),
            ),
            50_000,
            single=True,
        ),
        _flux(
            "flux-2-dev",
            "7bba46bdde863cfd7aaee87649a5aa49f39f368495dbea500998d1fcbb262050",
            (
                *(PROMPT, pictures("input_images", 4), flag("go_fast", True)),
                *(choice("aspect_ratio", FLUX2_SHAPES, "1:1"), side("width", 1440, 32), side("height", 1440, 32)),
                *(SEED, *FILE_OUT),
            ),
            15_000,
            single=True,
        ),
        _flux(
            "flux-2-klein-4b",
            "8e9c42d77b10a2a41af823ac4500f7545be6ebc4e745830fc3f3de10de200542",
            (
                *(PROMPT, pictures("images", 5), choice("aspect_ratio", (*WIDE, "match_input_image"), "1:1")),
                *(choice("output_megapixels", ("0.25", "0.5", "1", "2", "4"), "1"), SEED, flag("go_fast")),
                *(choice("output_format", ("webp", "jpg", "png"), "jpg"), whole("output_quality", 95, 0, 100)),
                UNCHECKED,
            ),
            14_000,
        ),
        Model(
            ref="prunaai/flux-schneller",
            version="74ca592f5b0a1132442af9aa53f5b6a727612e5b76d229ee15a9ff6f6ad49d0c",
            official=False,
            single=True,
            fields=(
                *(PROMPT, whole("num_inference_steps", 4), number("guidance_scale", 7.5), whole("seed", 42)),
                *(whole("image_height", 1024), whole("image_width", 1024), whole("cache_interval", 3)),
                whole("start_step", 1),
            ),
        ),
        Model(
            ref="ostris/flux-dev-lora-trainer",
            version=list(OSTRIS_TRAINERS)[-1],
            older=tuple(OSTRIS_TRAINERS)[:-1],
            official=False,
            fields=OSTRIS_PREDICT,
            trains=OSTRIS_TRAINERS,
        ),
        Model(
            ref="replicate/fast-flux-trainer",
            version=list(FAST_TRAINERS)[-1],
            older=tuple(FAST_TRAINERS)[:-1],
            official=True,
            fields=TRAINED_LORA,
            trains=FAST_TRAINERS,
        ),
    )
}
VERSIONS = {version: model for model in MODELS.values() for version in (*model.older, model.version)}


def openapi_schema(fields: tuple[Field, ...], *, single: bool = False, train: tuple[Field, ...] = ()) -> Json:
    """Describe a version as `openapi_schema` of the API does."""
    link: Json = {"type": "string", "format": "uri"}
    output: Json = link if single else {"type": "array", "items": link}
    schemas: Json = {"Input": _object("Input", fields), "Output": {"title": "Output", **output}}
    if train:
        weights: Json = {"title": "TrainingOutput", "type": "object", "required": ["weights"]}
        schemas |= {
            "TrainingInput": _object("TrainingInput", train),
            "TrainingOutput": {**weights, "properties": {"weights": {"title": "Weights", **link}}},
        }
    info = {"title": "Cog", "version": "0.1.0"}
    return {"openapi": "3.0.2", "info": info, "paths": {}, "components": {"schemas": schemas}}


def _object(title: str, fields: tuple[Field, ...]) -> Json:
    described: Json = {
        "type": "object",
        "title": title,
        "properties": {one.name: one.schema(order) for order, one in enumerate(fields)},
    }
    required = [one.name for one in fields if one.required]
    return described | ({"required": required} if required else {})
