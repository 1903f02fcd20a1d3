"""Names, trigger words and prompts: their limits and how they meet; pure."""

import re
import unicodedata
from collections.abc import Iterable

from bot.domain import catalog
from bot.domain.entities import FineTune
from bot.errors import UserError

MAX_PROMPT = 2000  # characters; FLUX.1 dev reads 512 tokens, which this holds
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
TRIGGER = re.compile(r"[A-Za-z0-9_]{3,24}")
FOREIGN_TRIGGER = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ -]{0,58}[A-Za-z0-9_])?")
INVISIBLE = {"Cc", "Cf", "Co", "Cs"}  # control, format (bidi, zero width), private, surrogate


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
    if name in catalog.MODELS:
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


def check_foreign_trigger(words: str) -> str:
    """Return the trigger word, or words, of what was trained elsewhere; raises UserError."""
    words = " ".join(words.split())
    if not FOREIGN_TRIGGER.fullmatch(words):
        raise UserError(
            "A trigger word is up to 60 letters, digits, spaces, underscores and hyphens. "
            "Take the one that the LoRA was trained with; its page on Replicate names it."
        )
    return words


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


def clash(one: str, other: str) -> bool:
    """Tell whether FLUX cannot tell two trigger words apart: they are the same, or one contains the other."""
    one, other = one.lower(), other.lower()
    return one in other or other in one


def triggered(prompt: str, fine_tunes: Iterable[FineTune]) -> list[FineTune]:
    """List the fine-tunes whose trigger word a prompt names."""
    return [fine_tune for fine_tune in fine_tunes if has_trigger(prompt, fine_tune.trigger_word)]


def readdressed(prompt: str, word: str, others: Iterable[str]) -> str:
    """Put a trigger word in place of others that a prompt names, so that another fine-tune paints the same."""
    for other in others:
        if other != word:
            prompt = re.sub(rf"(?<!\w){re.escape(other)}(?!\w)", word, prompt, flags=re.IGNORECASE)
    return prompt


def with_trigger(prompt: str, word: str) -> str:
    """Put a trigger word into a prompt that lacks it; in front, where FLUX looks first."""
    return prompt if has_trigger(prompt, word) else f"{word}, {prompt}"
