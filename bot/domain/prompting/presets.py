"""Presets: a short prompt becomes prose of the kind that FLUX paints best, by template and free of charge; pure.

The last four are the example scenes of the article that Atelier began with.
"""

import re
from dataclasses import dataclass

from bot.domain.prompting.lettering import lettering, without_lettering
from bot.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A way to tell a picture."""

    key: str
    title: str
    scene: str
    """A sentence that takes the subject in; the subject first, where FLUX looks first."""
    details: str
    """The sentences after it, which stand beside any subject."""
    letters: str = ""
    """What is said of the lettering, where the prompt has some."""


PRESETS = (
    Preset(
        key="photo",
        title="Photograph",
        scene="A photograph of {subject}",
        details="Natural light falls from one side, the colours are true to life, and the picture is sharp where it "
        "matters and soft behind. It is composed with care, like one for a good magazine.",
    ),
    Preset(
        key="portrait",
        title="Portrait",
        scene="A portrait photograph of {subject}, looking into the camera with a calm, natural expression",
        details="Soft window light falls from one side and leaves gentle shadows on the other. The background is plain "
        "and far out of focus. The photograph is taken with an 85 mm lens at eye level; skin, hair and fabric show "
        "fine, natural detail.",
    ),
    Preset(
        key="product",
        title="Product shot",
        scene="A product photograph of {subject}, standing alone in the middle of a clean, seamless background",
        details="A large softbox lights it from above, a weaker light from the side draws its edges, and it casts a "
        "soft shadow on the ground. Its material and surface are sharp from front to back. The picture has the calm, "
        "tidy look of a catalogue.",
        letters="The lettering is printed on the product, evenly and easy to read.",
    ),
    Preset(
        key="fashion",
        title="Fashion try-on",
        scene="A full-length fashion photograph of {subject}, standing relaxed and turned a little to one side",
        details="The whole outfit is in the picture from head to toe; cut, folds and fabric are easy to make out. The "
        "light of a studio is bright and even, the background a plain warm grey, and the pose is that of an online "
        "shop's lookbook.",
    ),
    Preset(
        key="poster",
        title="Poster with lettering",
        scene="A printed poster that shows {subject}, large and simple in the middle",
        details="The composition is bold and flat, with few strong colours, clear shapes and generous margins. The "
        "paper has a fine grain, like a screen print.",
        letters="The lettering stands across the top in large, bold sans-serif capitals, evenly spaced, every letter "
        "crisp.",
    ),
    Preset(
        key="interior",
        title="Interior",
        scene="An interior photograph of {subject}, seen from the corner of the room at eye level",
        details="Daylight comes in through a large window and reaches far across the floor. Materials, textiles and "
        "plants are true to life, the lines of the walls are straight, and the room looks lived in but tidy. A "
        "wide-angle photograph for an architecture magazine.",
    ),
    Preset(
        key="comic",
        title="Comic",
        scene="A comic panel that shows {subject}, caught in the middle of the action",
        details="Confident ink outlines of changing width, flat colours with halftone dots in the shadows, and a "
        "dynamic view from slightly below. The background is simple, so that gesture and face tell the story.",
        letters="The lettering stands in a white speech balloon, in hand-lettered capitals.",
    ),
    Preset(
        key="logo",
        title="Logo",
        scene="A logo that shows {subject}, reduced to a few simple, balanced shapes",
        details="It is a flat vector drawing in two colours, centred on a plain white background with plenty of space "
        "around it. The edges are clean, and it would still be recognised when very small.",
        letters="The lettering stands below the mark in a geometric sans-serif typeface, evenly spaced.",
    ),
    Preset(
        key="yoga",
        title="Scene: yoga in a garden",
        scene="{subject} in a serene garden setting, holding a yoga pose on a mat, surrounded by lush greenery and "
        "blooming flowers",
        details="The outfit is stylish yoga pants and a top, perfectly blending with the natural, peaceful "
        "environment. The garden features soft sunlight filtering through the trees, creating a tranquil atmosphere "
        "ideal for practising yoga.",
    ),
    Preset(
        key="corporate",
        title="Scene: trying on a corporate outfit online",
        scene="{subject} sitting at a desk, using a laptop with an e-commerce website open, virtually trying on a "
        "sleek corporate outfit: formal trousers and a crisp shirt",
        details="The screen shows a business meeting setting, with the same person appearing confident and "
        "professional in the virtual attire. The background is a modern office space, with soft lighting and "
        "minimalist decor.",
    ),
    Preset(
        key="saree",
        title="Scene: trying on a saree online",
        scene="{subject} gazing at a laptop screen that shows a virtual try-on of a luxurious saree or an elegant "
        "lehenga",
        details="The e-commerce website displays a festive setting with intricate jewellery and accessories "
        "complementing the outfit. The mood is one of excitement, in soft, warm lighting that highlights the richness "
        "of the traditional Indian attire.",
    ),
    Preset(
        key="convertible",
        title="Scene: a drive along the coast",
        scene="{subject} in a casual summer outfit, driving a convertible car along a scenic coastal road, with the "
        "wind in the hair",
        details="The scene captures the joy and freedom of a holiday, with beautiful coastal views, a clear blue sky, "
        "and the open road ahead. The focus is entirely on a relaxed, carefree vibe, free from any distractions.",
    ),
)
BY_KEY = {preset.key: preset for preset in PRESETS}
DEFAULT = "photo"


def find(key: str) -> Preset:
    """Find a preset by its key; raises UserError with those there are."""
    if key not in BY_KEY:
        raise UserError(f"There is no preset `{key[:40]}`. Choose one of {', '.join(BY_KEY)}.")
    return BY_KEY[key]


def applied(preset: Preset, prompt: str) -> str:
    """Put a prompt into a preset; a prompt of several sentences stays whole, and the preset only adds to it."""
    letters = [preset.letters] if preset.letters and lettering(prompt) else []
    return " ".join([_opening(preset, prompt.strip()), preset.details, *letters])


def _opening(preset: Preset, prompt: str) -> str:
    # A subject is part of a sentence; what already has an end within, or a line break, is told in its own words.
    if re.search(r"[.!?…]\s|\n", without_lettering(prompt)):
        return prompt if prompt[-1] in ".!?…" else f"{prompt}."
    opening = preset.scene.replace("{subject}", prompt.rstrip(" .,;:!"))
    return f"{opening[0].upper()}{opening[1:]}." if preset.scene.startswith("{") else f"{opening}."
