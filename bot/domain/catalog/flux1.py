"""FLUX.1 models that paint from words, as their schemas of 2024-12 to 2025-07 describe them."""

from bot.domain.catalog.fields import choice, flag, number, picture, text, whole
from bot.domain.catalog.models import Model

ASPECT_RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
PRO_RATIOS = ("custom", "1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")

PROMPT = text("prompt", required=True)
SEED = whole("seed", 0, 2**31 - 1)
COUNT = whole("num_outputs", 1, 4)
RATIO = choice("aspect_ratio", ASPECT_RATIOS, "1:1")
RATIO_OR_CUSTOM = choice("aspect_ratio", (*ASPECT_RATIOS, "custom"), "1:1")
PRO_RATIO = choice("aspect_ratio", PRO_RATIOS, "1:1")
DEV_STEPS = whole("num_inference_steps", 1, 50, 28)
FAST_STEPS = whole("num_inference_steps", 1, 4, 4)
FORMAT = choice("output_format", ("webp", "jpg", "png"), "webp")
QUALITY = whole("output_quality", 0, 100, 90)  # the models' own default of 80 shows in flat colours
CLOSED_FORMAT = choice("output_format", ("jpg", "png"), "jpg")
MEGAPIXELS = choice("megapixels", ("1", "0.25"))
FAST = flag("go_fast")
STRENGTH = number("prompt_strength", 0, 1)
SIZE = (whole("width", 256, 1440), whole("height", 256, 1440))
TOLERANCE = whole("safety_tolerance", 1, 6)
UPSAMPLING = flag("prompt_upsampling")
LORA = (text("lora_weights"), number("lora_scale", -1, 3, 1.0))
EXTRA_LORA = (text("extra_lora"), number("extra_lora_scale", -1, 3))

FREE = "Apache 2.0: pictures and model free for commercial use"
DEV_LICENCE = "FLUX.1 dev licence: non-commercial, but pictures made on Replicate may be used commercially"
CLOSED = "closed model: pictures made through the API may be used commercially"

DEV_FIELDS = (
    *(PROMPT, RATIO, picture("image"), STRENGTH, COUNT, DEV_STEPS, number("guidance", 0, 10, 3.0), SEED),
    *(FORMAT, QUALITY, FAST, MEGAPIXELS),
)
TRAINED_FIELDS = (
    *(PROMPT, picture("image"), picture("mask"), RATIO_OR_CUSTOM, *SIZE, STRENGTH, COUNT, SEED, FORMAT, QUALITY),
    *(FAST, MEGAPIXELS, LORA[1], *EXTRA_LORA),
)

SCHNELL = Model(
    key="schnell",
    title="FLUX.1 schnell",
    remote="black-forest-labs/flux-schnell",
    fields=(PROMPT, RATIO, COUNT, FAST_STEPS, SEED, FORMAT, QUALITY, FAST, MEGAPIXELS),
    licence=FREE,
)
DEV = Model(
    key="dev",
    title="FLUX.1 dev",
    remote="black-forest-labs/flux-dev",
    fields=DEV_FIELDS,
    licence=DEV_LICENCE,
)
DEV_LORA = Model(
    key="dev-lora",
    title="FLUX.1 dev with a LoRA",
    remote="black-forest-labs/flux-dev-lora",
    fields=(*DEV_FIELDS, *LORA, *EXTRA_LORA),
    licence=DEV_LICENCE,
)
SCHNELL_LORA = Model(
    key="schnell-lora",
    title="FLUX.1 schnell with a LoRA",
    remote="black-forest-labs/flux-schnell-lora",
    fields=(*SCHNELL.fields, *LORA),
    licence=FREE,
)
FINE_TUNE_DEV = Model(
    key="fine-tune-dev",
    title="fine-tune on FLUX.1 dev",
    remote="",
    fields=(*TRAINED_FIELDS, DEV_STEPS, number("guidance_scale", 0, 10, 3.0)),
    fixed={"model": "dev"},
    seconds_per_picture=8.0,  # 7.7 s in the model's own example of 2024; 2 to 8 s are usual
    licence=DEV_LICENCE,
)
FINE_TUNE_SCHNELL = Model(
    key="fine-tune-schnell",
    title="fine-tune on FLUX.1 schnell",
    remote="",
    # The schema allows 50 steps, of which schnell is made for four; and guidance, which schnell ignores.
    fields=(*TRAINED_FIELDS, whole("num_inference_steps", 1, 50, 4)),
    fixed={"model": "schnell"},
    seconds_per_picture=2.0,
    licence=FREE,
)
PRO = Model(
    key="pro",
    title="FLUX.1 pro",
    remote="black-forest-labs/flux-pro",
    fields=(
        *(PROMPT, picture("image_prompt"), PRO_RATIO, *SIZE, whole("steps", 1, 50, 25), number("guidance", 2, 5, 3.0)),
        *(number("interval", 1, 4), TOLERANCE, UPSAMPLING, SEED, FORMAT, QUALITY),
    ),
    single=True,
    licence=CLOSED,
)
PRO_11 = Model(
    key="1.1-pro",
    title="FLUX.1.1 pro",
    remote="black-forest-labs/flux-1.1-pro",
    fields=(PROMPT, picture("image_prompt"), PRO_RATIO, *SIZE, TOLERANCE, SEED, UPSAMPLING, FORMAT, QUALITY),
    single=True,
    licence=CLOSED,
)
ULTRA = Model(
    key="1.1-pro-ultra",
    title="FLUX.1.1 pro ultra",
    remote="black-forest-labs/flux-1.1-pro-ultra",
    fields=(
        *(PROMPT, picture("image_prompt"), number("image_prompt_strength", 0, 1), RATIO, TOLERANCE, SEED),
        *(flag("raw"), CLOSED_FORMAT),
    ),
    single=True,
    licence=CLOSED,
)
FLUX1 = (SCHNELL, DEV, PRO, PRO_11, ULTRA, DEV_LORA, SCHNELL_LORA, FINE_TUNE_DEV, FINE_TUNE_SCHNELL)
