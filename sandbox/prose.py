"""A stand-in for a language model that is asked for a better prompt: prose around the given words, by rule."""

import re
from random import Random
from typing import Literal

from sandbox.scenery import words_of

Habit = Literal["drops trigger", "new lettering", "preamble", "empty", "endless"]
PARTS = {
    ("portrait", "man", "woman", "person", "face", "boy", "girl", "wearing", "looking"): (
        "The face is turned slightly to the left, with a calm look and fine detail in the skin and the hair.",
        "The shoulders are relaxed, the eyes rest on something just beside the camera.",
    ),
    ("poster", "sign", "lettering", "logo", "title", "says"): (
        "The lettering is large, clean and perfectly legible, set in a bold sans-serif with generous space around it.",
        "Bold, evenly spaced letters stand out clearly against a plain background.",
    ),
    ("product", "bottle", "shoe", "packaging", "watch", "cup", "sneaker"): (
        "It stands alone on a seamless backdrop, its material and edges shown in crisp detail.",
        "A soft reflection on the polished surface below shows its shape.",
    ),
    (): (
        "The foreground is rich in small details, while the distance fades gently into haze.",
        "The scene is arranged in clear layers, each a little softer than the one before it.",
    ),
}
LIGHT = {
    ("night", "neon", "moon", "cyberpunk", "midnight"): (
        "Neon and moonlight glow on wet surfaces and leave deep blue shadows between them.",
        "A single lamp cuts a warm circle out of the dark.",
    ),
    ("sunset", "dusk", "evening", "golden", "beach", "sea"): (
        "Low golden light comes from the right and draws long, warm shadows.",
        "The last sun of the day paints every edge in amber.",
    ),
    (): (
        "Soft morning light falls through from the left and models every form gently.",
        "Diffuse daylight keeps the colours true and the shadows open.",
    ),
}
CAMERA = (
    "The picture is taken at eye level with a 50 mm lens and a shallow depth of field.",
    "A wide lens and a low viewpoint give the picture depth and calm.",
    "Shot on medium-format film, it has fine grain and natural colours.",
)


def rewritten(asked: str, habit: Habit | None = None, triggers: frozenset[str] = frozenset()) -> str:
    """Return prose that holds what was asked for word by word, unless a bad habit spoils it."""
    dice = Random(asked)
    words = words_of(asked)
    start = asked.strip().rstrip(".")
    body = [dice.choice(_fitting(PARTS, words)), dice.choice(_fitting(LIGHT, words)), dice.choice(CAMERA)]
    prose = " ".join([f"{start[:1].upper()}{start[1:]}.", *body])
    if habit == "drops trigger":
        return _without(prose, triggers)
    if habit == "new lettering":
        return re.sub(r'(["“])([^"”]+)(["”])', lambda quoted: f"{quoted[1]}{quoted[2].title()} NOW{quoted[3]}", prose)
    if habit == "preamble":
        return f'Sure! Here is a richer version of your prompt:\n\n"{prose}"\n\nLet me know if you would like changes!'
    if habit == "empty":
        return ""
    return " ".join([prose] * 40) if habit == "endless" else prose


def _fitting(parts: dict[tuple[str, ...], tuple[str, ...]], words: frozenset[str]) -> tuple[str, ...]:
    return next(sentences for names, sentences in parts.items() if not names or words & set(names))


def _without(prose: str, triggers: frozenset[str]) -> str:
    """Take away every known trigger word, and what looks like one: all in capitals; quoted lettering stays."""
    known = "|".join(re.escape(word) for word in sorted(triggers, key=len, reverse=True))
    names = re.compile(rf"\b(?:(?i:{known})|[A-Z][A-Z0-9_]{{2,}})\b" if known else r"\b[A-Z][A-Z0-9_]{2,}\b")
    parts = re.split(r'(["“][^"”]*["”])', prose)
    return "".join(part if index % 2 else names.sub("someone", part) for index, part in enumerate(parts))
