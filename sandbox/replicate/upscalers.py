"""The models that enlarge a picture, as their schemas and the code of their users have them."""

from sandbox.replicate.fields import Field
from sandbox.replicate.inputs import choice, flag, number, picture, text, whole
from sandbox.replicate.model import Model
from sandbox.replicate.prices import A100_SECOND, PICTURES, T4_SECOND

IMAGE = picture("image", required=True)
SCHEDULERS = (
    *("DPM++ 2M Karras", "DPM++ SDE Karras", "DPM++ 2M SDE Exponential", "DPM++ 2M SDE Karras", "Euler a", "Euler"),
    *("LMS", "Heun", "DPM2", "DPM2 a", "DPM++ 2S a", "DPM++ 2M", "DPM++ SDE", "DPM++ 2M SDE", "DPM++ 2M SDE Heun"),
    *("DPM++ 2M SDE Heun Karras", "DPM++ 2M SDE Heun Exponential", "DPM++ 3M SDE", "DPM++ 3M SDE Karras"),
    *("DPM++ 3M SDE Exponential", "DPM fast", "DPM adaptive", "LMS Karras", "DPM2 Karras", "DPM2 a Karras"),
    *("DPM++ 2S a Karras", "Restart", "DDIM", "PLMS", "UniPC"),
)
SD_MODELS = (
    "epicrealism_naturalSinRC1VAE.safetensors [84d76a0328]",
    "juggernaut_reborn.safetensors [338b85bc4f]",
    "flat2DAnimerge_v45Sharp.safetensors",
)


def _tiling(name: str, default: int) -> Field:
    return Field(name=name, kind="integer", default=default, choices=tuple(range(16, 257, 16)))


UPSCALERS = (
    Model(
        ref="nightmareai/real-esrgan",
        version="b3ef194191d13140337468c916c2c5b96dd0cb06dffc032a022a31807f6a5ea8",
        older=(
            "42fed1c4974146d4d2414e2be2c5277c7fcf05fcc3a73abf41610695738c1d7b",
            "f121d640bd286e1fdc67f9799164c1d5be36ff74576ee11c803ae5b665dd46aa",
        ),
        official=False,
        single=True,
        task="upscale",
        second_price=T4_SECOND,
        fields=(IMAGE, number("scale", 4, 0, 10), flag("face_enhance")),
    ),
    Model(
        # Its page was not to be had: image is what public code sends.
        ref="recraft-ai/recraft-crisp-upscale",
        version="31c70d9026bbd25ee2b751825e19101e0321b8814c33863c88fe5d0d63c00c82",
        single=True,
        task="upscale",
        image_price=PICTURES["recraft-crisp-upscale"],
        fields=(IMAGE,),
    ),
    Model(
        ref="philz1337x/clarity-upscaler",
        version="dfad41707589d68ecdccd1dfa600d55a208f9310748e44bfe35b4a6291453d5e",
        official=False,
        task="upscale",
        second_price=A100_SECOND,
        fields=(
            *(IMAGE, picture("mask"), whole("seed", 1337), number("dynamic", 6, 1, 50), number("sharpen", 0, 0, 10)),
            text("prompt", "masterpiece, best quality, highres, <lora:more_details:0.5> <lora:SDXLrender_v2.0:1>"),
            text("negative_prompt", "(worst quality, low quality, normal quality:2) JuggernautNegative-neg"),
            *(choice("handfix", ("disabled", "hands_only", "image_and_hands"), "disabled"), flag("pattern")),
            *(choice("sd_model", SD_MODELS, SD_MODELS[1]), choice("scheduler", SCHEDULERS, "DPM++ 3M SDE Karras")),
            *(number("creativity", 0.35, 0, 1), number("resemblance", 0.6, 0, 3), number("scale_factor", 2)),
            *(text("lora_links", ""), text("custom_sd_model", ""), _tiling("tiling_width", 112)),
            *(_tiling("tiling_height", 144), choice("output_format", ("webp", "jpg", "png"), "png")),
            *(whole("num_inference_steps", 18, 1, 100), flag("downscaling"), whole("downscaling_resolution", 768)),
        ),
    ),
)
