"""Names, trigger words and prompts: their limits and how they meet; pure."""

import re
import unicodedata
from collections.abc import Iterable

from bot.domain.entities import FineTune, Variant
from bot.errors import UserError

MAX_PROMPT = 2000  # characters; FLUX.1 dev reads 512 tokens, which this holds
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
TRIGGER = re.compile(r"[A-Za-z0-9_]{3,24}")
INVISIBLE = {"Cc", "Cf", "Co", "Cs"}  # control, format (bidi, zero width), private, surrogate
SAMPLE_SEED = 20241125
SAMPLES = {
    "subject": (
        "A studio portrait of {trigger}, soft window light, plain grey background, sharp focus, 85 mm lens",
        "{trigger} walking along a rainy city street at night, neon signs reflected in the puddles, film photograph",
        "An ink and watercolour illustration of {trigger} reading in a garden full of blooming flowers",
        "A cinematic wide shot of {trigger} on a mountain ridge at sunrise, mist in the valley below",
    ),
    "style": (
        "A lighthouse on a cliff above a stormy sea, in the style of {trigger}",
        "A portrait of an old fisherman with a woollen hat, in the style of {trigger}",
        "A quiet street with a small café on a spring morning, in the style of {trigger}",
        "A fox sleeping under a tree full of red leaves, in the style of {trigger}",
    ),
    "product": (
        "A product photograph of {trigger} on a marble table, soft daylight, shallow depth of field",
        "{trigger} floating in front of a bright orange background, hard studio light, advertising photograph",
        "{trigger} on a wooden desk beside a cup of coffee and a notebook, seen from above",
        "A poster that shows {trigger} large in the middle, bold lettering above it reads “NEW”",
    ),
}


EXAMPLES = {
    "subject": "a photo of {trigger} on a windy beach",
    "style": "a lighthouse in the style of {trigger}",
    "product": "{trigger} on a marble table",
}


def visible(text: str) -> str:
    """Drop what cannot be seen: control characters and those that turn the direction of text."""
    return "".join(c for c in text if c in "\n" or unicodedata.category(c) not in INVISIBLE).strip()


def check_name(name: str) -> str:
    """Return the name of a fine-tune as it is kept; raises UserError."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise UserError(
            "A name is 1 to 32 letters a-z, digits and hyphens, and neither starts nor ends with a hyphen. "
            "Choose another name, for example `anna-portrait`."
        )
    if name in [variant.value for variant in Variant]:
        raise UserError(
            f"`{name}` is what plain FLUX is called here. Choose another name, for example `anna-portrait`."
        )
    return name


def check_trigger_word(word: str) -> str:
    """Return a trigger word as it is kept; raises UserError."""
    word = word.strip()
    if not TRIGGER.fullmatch(word):
        raise UserError(
            "A trigger word is 3 to 24 letters, digits or underscores, without spaces. "
            "Choose one that is no real word, for example `ZIKI`."
        )
    if word.upper() == "TOK":
        raise UserError(
            "`TOK` is everybody's trigger word, so FLUX cannot tell it apart. "
            "Choose one of your own, for example `ZIKI`."
        )
    return word


def check_prompt(prompt: str) -> str:
    """Return a prompt as it is sent; raises UserError."""
    prompt = visible(prompt)
    if not prompt:
        raise UserError("The prompt is empty. Describe the picture in a sentence or two and run the command again.")
    if len(prompt) > MAX_PROMPT:
        raise UserError(
            f"The prompt has {len(prompt)} characters; FLUX reads at most {MAX_PROMPT}. "
            "Shorten it and run the command again."
        )
    return prompt


def has_trigger(prompt: str, word: str) -> bool:
    """Tell whether a prompt names a trigger word, in any case, as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt, re.IGNORECASE) is not None


def triggered(prompt: str, fine_tunes: Iterable[FineTune]) -> list[FineTune]:
    """List the fine-tunes whose trigger word a prompt names."""
    return [fine_tune for fine_tune in fine_tunes if has_trigger(prompt, fine_tune.trigger_word)]


def with_trigger(prompt: str, word: str) -> str:
    """Put a trigger word into a prompt that lacks it; in front, where FLUX looks first."""
    return prompt if has_trigger(prompt, word) else f"{word}, {prompt}"


def sample_prompts(kind: str, trigger_word: str) -> list[str]:
    """Give the four prompts of a new fine-tune's sample sheet."""
    return [prompt.format(trigger=trigger_word) for prompt in SAMPLES[kind]]


def example_prompt(kind: str, trigger_word: str) -> str:
    """Give a short prompt to begin with."""
    return EXAMPLES[kind].format(trigger=trigger_word)
