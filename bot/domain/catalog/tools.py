"""Models that begin with a picture: edit, fill, vary, trace, upscale."""

from bot.domain.catalog.fields import choice, flag, number, picture, whole
from bot.domain.catalog.flux1 import (
    CLOSED,
    CLOSED_FORMAT,
    COUNT,
    DEV_LICENCE,
    DEV_STEPS,
    FAST,
    FAST_STEPS,
    FORMAT,
    FREE,
    MEGAPIXELS,
    PROMPT,
    QUALITY,
    RATIO,
    SEED,
    TOLERANCE,
    UPSAMPLING,
)
from bot.domain.catalog.models import Evidence, Model, Task

KONTEXT_RATIO = choice(
    "aspect_ratio",
    (
        *("match_input_image", "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "4:5", "5:4"),
        *("21:9", "9:21", "2:1", "1:2"),
    ),
    "match_input_image",
)
KONTEXT_FIELDS = (
    *(PROMPT, picture("input_image", required=True), KONTEXT_RATIO, choice("output_format", ("jpg", "png"), "png")),
    # Up to 6 by the schema, but 2 is the most for a picture of somebody's.
    *(whole("safety_tolerance", 0, 2), UPSAMPLING, SEED),
)
MATCHED = choice("megapixels", ("1", "0.25", "match_input"))
OUTPAINT = (
    *("None", "Zoom out 1.5x", "Zoom out 2x", "Make square"),
    *("Left outpaint", "Right outpaint", "Top outpaint", "Bottom outpaint"),
)
REFERENCE = picture("control_image", required=True)
CANVAS = (picture("image", required=True), picture("mask"))

KONTEXT_PRO = Model(
    key="kontext-pro",
    title="FLUX.1 Kontext pro",
    remote="black-forest-labs/flux-kontext-pro",
    task=Task.EDIT,
    fields=KONTEXT_FIELDS,
    single=True,
    licence=CLOSED,
    evidence=Evidence.PAGE,
)
KONTEXT_MAX = Model(
    key="kontext-max",
    title="FLUX.1 Kontext max",
    remote="black-forest-labs/flux-kontext-max",
    task=Task.EDIT,
    fields=KONTEXT_FIELDS,
    single=True,
    licence=CLOSED,
    evidence=Evidence.PAGE,
)
KONTEXT_DEV = Model(
    key="kontext-dev",
    title="FLUX.1 Kontext dev",
    remote="black-forest-labs/flux-kontext-dev",
    task=Task.EDIT,
    fields=(
        *(PROMPT, picture("input_image", required=True), FAST, number("guidance", 0, 10, 2.5), KONTEXT_RATIO),
        *(whole("num_inference_steps", 4, 50, 30), FORMAT, QUALITY),
    ),
    single=True,
    licence=DEV_LICENCE,
    evidence=Evidence.WEAK,
)
FILL_PRO = Model(
    key="fill-pro",
    title="FLUX.1 Fill pro",
    remote="black-forest-labs/flux-fill-pro",
    task=Task.FILL,
    fields=(
        *(PROMPT, *CANVAS, choice("outpaint", OUTPAINT), SEED, whole("steps", 1, 50, 50), UPSAMPLING),
        *(number("guidance", 2, 5, 3.0), TOLERANCE, CLOSED_FORMAT),
    ),
    single=True,
    licence=CLOSED,
)
FILL_DEV = Model(
    key="fill-dev",
    title="FLUX.1 Fill dev",
    remote="black-forest-labs/flux-fill-dev",
    task=Task.FILL,
    fields=(PROMPT, *CANVAS, COUNT, DEV_STEPS, number("guidance", 0, 100, 30.0), SEED, MATCHED, FORMAT, QUALITY),
    licence=DEV_LICENCE,
)
REDUX_DEV = Model(
    key="redux-dev",
    title="FLUX.1 Redux dev",
    remote="black-forest-labs/flux-redux-dev",
    task=Task.VARY,
    fields=(
        *(picture("redux_image", required=True), RATIO, COUNT, DEV_STEPS, number("guidance", 0, 10, 3.0), SEED),
        *(FORMAT, QUALITY, MEGAPIXELS),
    ),
    licence=DEV_LICENCE,
)
REDUX_SCHNELL = Model(
    key="redux-schnell",
    title="FLUX.1 Redux schnell",
    remote="black-forest-labs/flux-redux-schnell",
    task=Task.VARY,
    fields=(picture("redux_image", required=True), RATIO, COUNT, FAST_STEPS, SEED, FORMAT, QUALITY, MEGAPIXELS),
    licence=FREE,
)


def _traces_openly(key: str, title: str, guidance: float) -> Model:
    return Model(
        key=f"{key}-dev",
        title=f"FLUX.1 {title} dev",
        remote=f"black-forest-labs/flux-{key}-dev",
        task=Task.TRACE,
        fields=(
            *(PROMPT, REFERENCE, COUNT, DEV_STEPS, number("guidance", 0, 100, guidance), SEED),
            *(FORMAT, QUALITY, MATCHED),
        ),
        licence=DEV_LICENCE,
    )


def _traces(key: str, title: str, guidance: float) -> Model:
    return Model(
        key=f"{key}-pro",
        title=f"FLUX.1 {title} pro",
        remote=f"black-forest-labs/flux-{key}-pro",
        task=Task.TRACE,
        fields=(
            *(PROMPT, REFERENCE, SEED, whole("steps", 15, 50, 50), UPSAMPLING),
            *(number("guidance", 1, 50, guidance), TOLERANCE, CLOSED_FORMAT),
        ),
        single=True,
        licence=CLOSED,
    )


CANNY_DEV, CANNY_PRO = _traces_openly("canny", "Canny", 30.0), _traces("canny", "Canny", 30.0)
DEPTH_DEV, DEPTH_PRO = _traces_openly("depth", "Depth", 10.0), _traces("depth", "Depth", 10.0)
CRISP = Model(
    key="crisp-upscale",
    title="Recraft Crisp Upscale",
    remote="recraft-ai/recraft-crisp-upscale",
    task=Task.UPSCALE,
    fields=(picture("image", required=True),),
    single=True,
    licence=CLOSED,
    evidence=Evidence.CODE,
)
REAL_ESRGAN = Model(
    key="real-esrgan",
    title="Real-ESRGAN",
    remote="nightmareai/real-esrgan:b3ef194191d13140337468c916c2c5b96dd0cb06dffc032a022a31807f6a5ea8",
    task=Task.UPSCALE,
    fields=(picture("image", required=True), number("scale", 1, 10, 2.0), flag("face_enhance")),
    single=True,
    seconds_per_picture=12.0,  # as users measured 1.3 megapixels at scale 2
    most_pixels=2_096_704,  # from its own error: what fits into the memory of its GPU
    licence="BSD 3-clause: free for commercial use",
    evidence=Evidence.CODE,
)
TOOLS = (
    *(KONTEXT_PRO, KONTEXT_MAX, KONTEXT_DEV, FILL_PRO, FILL_DEV, REDUX_DEV, REDUX_SCHNELL),
    *(CANNY_PRO, CANNY_DEV, DEPTH_PRO, DEPTH_DEV, REAL_ESRGAN, CRISP),
)
