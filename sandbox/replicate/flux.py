"""The FLUX models that paint, written from their published schemas."""

from hashlib import sha256

from sandbox.replicate.fields import Field
from sandbox.replicate.inputs import (
    CLOSED_FORMAT,
    COUNT,
    DEV_STEPS,
    EXTRA_LORA,
    FAST_STEPS,
    FILE_OUT,
    FLUX2_SHAPES,
    FORMAT,
    KONTEXT_SHAPES,
    LORA,
    OUTPAINT,
    PRO_SHAPES,
    PROMPT,
    QUALITY,
    SEED,
    SHAPE,
    SIZE,
    SIZE_OR_MATCH,
    STRENGTH,
    TOLERANCE,
    ULTRA_SHAPES,
    UNCHECKED,
    UPSAMPLING,
    WIDE,
    choice,
    flag,
    number,
    picture,
    pictures,
    side,
    text,
    whole,
)
from sandbox.replicate.model import Model
from sandbox.replicate.prices import PICTURES

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
SIDES = (side("width"), side("height"))
PRO_SHAPE = choice("aspect_ratio", PRO_SHAPES, "1:1")
FLUX2_TOLERANCE = whole("safety_tolerance", 2, 1, 5)
KONTEXT = (
    *(PROMPT, picture("input_image"), choice("aspect_ratio", KONTEXT_SHAPES, "match_input_image")),
    *(choice("output_format", ("jpg", "png"), "png"), whole("safety_tolerance", 2, 0, 6), UPSAMPLING, SEED),
)
FLUX2 = (PROMPT, pictures("input_images", 8), choice("aspect_ratio", FLUX2_SHAPES, "1:1"))
RESOLUTION = choice("resolution", ("match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"), "1 MP")


def _paints(name: str, version: str, *fields: Field, single: bool = False) -> Model:
    ref = f"black-forest-labs/{name}"
    unseen = sha256(ref.encode()).hexdigest()  # official models hide their versions; some were never published
    return Model(ref=ref, version=version or unseen, fields=fields, single=single, image_price=PICTURES[name])


def _closed(name: str, version: str, *fields: Field) -> Model:
    return _paints(name, version, *fields, single=True)


PAINTERS = (
    _paints("flux-schnell", "53d5d1586a229bd033e060941789bfb0c177cefd5ef638f34b3099658343a897", *SCHNELL),
    _paints("flux-dev", "7863d1ba11a1bb115732a12488486eb8bb3d54ae62cff189f1677a31dbcdfd2e", *DEV),
    _paints("flux-krea-dev", "", *DEV),
    _paints(
        "flux-schnell-lora",
        "19482ef1ede20d3cf897574262c0e5b961e7e4216f7f143d419c39d0636a75ba",
        *(*SCHNELL, *LORA),
    ),
    _paints("flux-dev-lora", "9dbd61f957fb7f5026588ae306b1db961f2d1d3ba314f05bc92ded2158df0b17", *DEV_LORA),
    _paints(
        "flux-canny-dev",
        "33ba5ec347347b22d091ba1b063221a71d140007d1491622061b5d2f5eae1445",
        *(*CONTROLLED, number("guidance", 30, 0, 100), SEED, *FILE_OUT, SIZE_OR_MATCH),
    ),
    _paints(
        "flux-depth-dev",
        "6c9c6d40f94361ad4e4aa537e3165770a83254c7f8e93f4b72c9c04287a4e4f5",
        *(*CONTROLLED, number("guidance", 10, 0, 100), SEED, *FILE_OUT, SIZE_OR_MATCH),
    ),
    _paints(
        "flux-fill-dev",
        "a66f7be50c6ab5c9fca9af82a73034a5413143fd18f28e0aab5657b116123180",
        *(*FILL, COUNT, DEV_STEPS, number("guidance", 30, 0, 100), SEED, SIZE_OR_MATCH, *FILE_OUT, *LORA),
    ),
    _paints(
        "flux-redux-dev",
        "0e522c0b709bd26a0727a7b7c38391e50cef5ef4016550c93fdd29a72d147981",
        *(*REDUX, DEV_STEPS, number("guidance", 3, 0, 10), SEED, *FILE_OUT, SIZE),
    ),
    _paints(
        "flux-redux-schnell",
        "39b438ada2ef04507604f2b6fe76f442ee0a1b64783037ba61de1f23e4c55ade",
        *(*REDUX, FAST_STEPS, SEED, *FILE_OUT, SIZE),
    ),
    _closed(
        "flux-pro",
        "a57823497a8beebcd222c20dd78af15a90c0415c36a5bfc88ee763c67155310e",
        *(PROMPT, picture("image_prompt"), PRO_SHAPE, *SIDES, whole("steps", 25, 1, 50), number("guidance", 3, 2, 5)),
        *(number("interval", 2, 1, 4), TOLERANCE, UPSAMPLING, SEED, FORMAT, QUALITY),
    ),
    _closed(
        "flux-1.1-pro",
        "badb73d13c01c716f59b538fae81023a6c0a4f3aaedd00d477602c204c9e1232",
        *(PROMPT, picture("image_prompt"), PRO_SHAPE, *SIDES, TOLERANCE, SEED, UPSAMPLING, FORMAT, QUALITY),
    ),
    _closed(
        "flux-1.1-pro-ultra",
        "352185dbc99e9dd708b78b4e6870e3ca49d00dc6451a32fc6dd57968194fae5a",
        *(PROMPT, picture("image_prompt"), number("image_prompt_strength", 0.1, 0, 1)),
        *(choice("aspect_ratio", ULTRA_SHAPES, "1:1"), TOLERANCE, SEED, flag("raw"), CLOSED_FORMAT),
    ),
    _closed(
        "flux-fill-pro",
        "9609ba7331ed872c99f81c92c69a9ee52a50d8aba99f636173e0674d997efd0c",
        *(*FILL, choice("outpaint", OUTPAINT, "None"), SEED, whole("steps", 50, 1, 50), UPSAMPLING),
        *(number("guidance", 3, 2, 5), TOLERANCE, CLOSED_FORMAT),
    ),
    _closed(
        "flux-canny-pro",
        "b0a59442583d6a8946e4766836f11b8d3fc516fe847c22cf11309c5f0a792111",
        *(*CLOSED_CONTROL, number("guidance", 30, 1, 50), TOLERANCE, CLOSED_FORMAT),
    ),
    _closed(
        "flux-depth-pro",
        "c86388b54d5d9eea8c9cfb70a7ee0d40a55c7a3010ecec8e14c21c9bd64d3af8",
        *(*CLOSED_CONTROL, number("guidance", 10, 1, 50), TOLERANCE, CLOSED_FORMAT),
    ),
    _closed("flux-kontext-pro", "569705b35f79b1160d51de1d0e3955626af86c77a034a16e89010dbdde5ad312", *KONTEXT),
    _closed("flux-kontext-max", "", *KONTEXT),
    _closed(
        "flux-kontext-dev",
        "",
        *(PROMPT, picture("input_image", required=True), flag("go_fast", True), number("guidance", 2.5, 0, 10)),
        *(choice("aspect_ratio", KONTEXT_SHAPES, "match_input_image"), whole("num_inference_steps", 30, 4, 50)),
        *(SEED, choice("output_format", ("webp", "jpg", "png"), "webp"), QUALITY, UNCHECKED),
    ),
    _closed(
        "flux-2-pro",
        "285631b5656a1839331cd9af0d82da820e2075db12046d1d061c681b2f206bc6",
        *(*FLUX2, RESOLUTION, side("width", 2048, 32), side("height", 2048, 32), FLUX2_TOLERANCE),
        *(SEED, FORMAT, QUALITY),
    ),
    _closed(
        "flux-2-max",
        "9c23b0aaa98765a9676dbdda58b9c9915627751300747bad54cb1c11b135d3ca",
        *(*FLUX2, RESOLUTION, side("width", 2048, 16), side("height", 2048, 16), FLUX2_TOLERANCE),
        *(SEED, FORMAT, QUALITY),
    ),
    _closed(
        "flux-2-flex",
        "",
        *(PROMPT, pictures("input_images", 10), choice("aspect_ratio", FLUX2_SHAPES, "1:1"), RESOLUTION),
        *(side("width", 2048, 16), side("height", 2048, 16), whole("steps", 30, 1, 50), FLUX2_TOLERANCE),
        *(number("guidance", 4.5, 1.5, 10), flag("prompt_upsampling", True), SEED, FORMAT, QUALITY),
    ),
    _closed(
        "flux-2-dev",
        "7bba46bdde863cfd7aaee87649a5aa49f39f368495dbea500998d1fcbb262050",
        *(PROMPT, pictures("input_images", 4), flag("go_fast", True), choice("aspect_ratio", FLUX2_SHAPES, "1:1")),
        *(side("width", 1440, 32), side("height", 1440, 32), SEED, *FILE_OUT),
    ),
    _paints(
        "flux-2-klein-4b",
        "8e9c42d77b10a2a41af823ac4500f7545be6ebc4e745830fc3f3de10de200542",
        *(PROMPT, pictures("images", 5), choice("aspect_ratio", (*WIDE, "match_input_image"), "1:1")),
        *(choice("output_megapixels", ("0.25", "0.5", "1", "2", "4"), "1"), SEED, flag("go_fast")),
        *(choice("output_format", ("webp", "jpg", "png"), "jpg"), whole("output_quality", 95, 0, 100), UNCHECKED),
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
)
