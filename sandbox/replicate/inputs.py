"""The inputs that FLUX models share, in the words of their schemas; knows no model."""

from sandbox.replicate.fields import Field

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


def pictures(name: str, most: int | None = None) -> Field:
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
