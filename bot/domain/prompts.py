"""Names and prompts: their limits; pure."""

import re
import unicodedata

from bot.domain import catalog
from bot.errors import UserError

MAX_PROMPT = 2000  # characters; FLUX.1 dev reads 512 tokens, which this holds
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
INVISIBLE = {"Cc", "Cf", "Co", "Cs"}  # control, format (bidi, zero width), private, surrogate


def visible(text: str) -> str:
    """Drop what cannot be seen: control characters and those that turn the direction of text."""
    text = text.replace("\t", " ")  # what a tab parts stays apart
    return "".join(c for c in text if c in "\n" or unicodedata.category(c) not in INVISIBLE).strip()


def check_name(name: str) -> str:
    """Return the name of a fine-tune as it is kept; raises UserError."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise UserError(
            "A name is 1 to 32 letters a-z, digits and hyphens, and neither starts nor ends with a hyphen. "
            "Choose another name, for example `anna-portrait`."
        )
    if name in catalog.MODELS:
        raise UserError(
            f"`{name}` is what plain FLUX is called here. Choose another name, for example `anna-portrait`."
        )
    return name


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
