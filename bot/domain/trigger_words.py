"""Trigger words, each a word or a phrase: their shape, where a prompt names them, how they are put into one; pure.

They are ASCII: the larger of FLUX's text encoders, T5, reads whatever is Chinese, Japanese, Korean or Thai as one and
the same unknown token. The prompts around them may be in any script.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from bot.domain.entities import FineTune
from bot.domain.prompting.jargon import JARGON
from bot.domain.prompting.lettering import QUOTED
from bot.errors import UserError

MOST_WORDS, LONGEST = 5, 60  # words, characters
SHORTEST = 3  # characters of a word that may be a whole trigger
WORD = r"[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*"
TRIGGER = re.compile(f"{WORD}(?: {WORD}){{0,{MOST_WORDS - 1}}}")
EVERYBODYS = "tok"  # what LoRAs are trained with when nobody chooses
NUMBER = re.compile(r"[0-9]+[a-z]{0,2}")  # with a unit or an ending: 35mm, 70s, 19th
TAILS = ("X", "ZK", "QX", "XZ", "VX", "KZQ", *(f"X{number}" for number in range(1, 30)))

LATIN = (  # Latin letters beyond ASCII, and the accents upon them; a test holds this against Unicode's names
    (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2B8), (0x2E0, 0x2E4), (0x300, 0x36F),
    (0x1D00, 0x1D25), (0x1D2C, 0x1DFF), (0x1E00, 0x1EFF), (0x2071, 0x209C), (0x2184, 0x2184), (0x2C60, 0x2C7F),
    (0xA722, 0xA7FF), (0xAB30, 0xAB69), (0xFB00, 0xFB06),
)  # fmt: skip
WIDE = 0xFEE0  # from an ASCII character to its wide form, which Japanese keyboards write
SPACES = "\t\n\u00a0\u2002\u2003\u2009\u202f\u3000"
FOLD: dict[int, str] = {
    **{number: "_" for first, last in LATIN for number in range(first, last + 1)},
    **{number + wide: chr(number).lower() for number in range(ord("!"), ord("~") + 1) for wide in (0, WIDE)},
    **dict.fromkeys(map(ord, SPACES), " "),
}
"""Makes all alike that a trigger is found by, character for character: case, width, blanks, foreign Latin letters."""


def check_trigger_word(words: str) -> str:
    """Return a trigger word, or phrase, as it is kept, however ordinary; raises UserError."""
    words = " ".join(words.split())
    if len(words) > LONGEST or not TRIGGER.fullmatch(words):
        raise UserError(
            f"A trigger word is one to {MOST_WORDS} words of the letters a-z, digits, underscores and hyphens, "
            f"{LONGEST} characters at most. Choose one that means nothing else, for example `ZIKI`."
        )
    return words


def parts(words: str) -> list[str]:
    """List what a trigger is made of, in lower case: "bad 70s food" and "bad-70s-food" of three parts each."""
    return re.split(r"[\s-]+", words.lower())


def is_common(words: str, ordinary: Collection[str]) -> bool:
    """Tell whether all of a trigger is written by people who do not think of it: ordinary words, numbers, scraps."""
    return all(
        len(part) < SHORTEST
        or part == EVERYBODYS
        or NUMBER.fullmatch(part)
        or not JARGON.isdisjoint(forms(part))
        or not forms(part).isdisjoint(ordinary)
        for part in parts(words)
    )


def forms(part: str) -> frozenset[str]:
    """Give a word, and what it may be the plural of."""
    return frozenset({part, part.removesuffix("s")})


def inventions(words: str) -> list[str]:
    """Make up words that sound like a trigger and mean nothing, the nicest first."""
    letters = re.sub(r"[^a-z]", "", words.lower()) or "z"
    stem = (letters[0] + re.sub(r"[aeiou]", "", letters[1:]))[:6].upper()
    return [word for word in (stem + tail for tail in TAILS) if len(word) >= SHORTEST]


def has_trigger(prompt: str, words: str) -> bool:
    """Tell whether a prompt names a trigger: whole, in any case, as words of its own, outside of lettering."""
    return next(_found(prompt, words), None) is not None


def spellings(prompt: str, words: str) -> list[str]:
    """List a trigger as a prompt spells it, each time that it is named."""
    return [prompt[start:end] for start, end in _found(prompt, words)]


def clash(one: str, other: str) -> bool:
    """Tell whether FLUX cannot tell two triggers apart: they are the same, or one contains the other."""
    one, other = one.lower(), other.lower()
    return one in other or other in one


def meet(one: str, other: str) -> bool:
    """Tell whether a prompt that names one of two triggers may name both: they are the same, or one has the other."""
    return has_trigger(one, other) or has_trigger(other, one)


def triggered(prompt: str, fine_tunes: Iterable[FineTune]) -> list[FineTune]:
    """List the fine-tunes whose trigger a prompt names."""
    return [fine_tune for fine_tune in fine_tunes if has_trigger(prompt, fine_tune.trigger_word)]


def readdressed(prompt: str, words: str, others: Iterable[str]) -> str:
    """Put a trigger in place of others that a prompt names, so that another fine-tune paints the same."""
    pieces, done = list[str](), 0
    for start, end in _found(prompt, words, *others):
        found = prompt[start:end]
        pieces += [prompt[done:start], found if _pattern(words).fullmatch(found.translate(FOLD)) else words]
        done = end
    return "".join([*pieces, prompt[done:]])


def with_trigger(prompt: str, words: str) -> str:
    """Put a trigger into a prompt that lacks it; in front, where FLUX looks first."""
    return prompt if has_trigger(prompt, words) else f"{words}, {prompt}"


def _found(prompt: str, *triggers: str) -> Iterator[tuple[int, int]]:
    """Find triggers in the writer's own words; what stands in quotation marks is to be written into the picture."""
    for found in _pattern(*triggers).finditer(_folded(prompt)):
        start, end = found.span()
        if not any(begin < end and start < close for begin, close in _quoted(prompt)):
            yield start, end


@lru_cache(16)  # one prompt is held against many triggers
def _folded(prompt: str) -> str:
    return prompt.translate(FOLD)


@lru_cache(16)
def _quoted(prompt: str) -> list[tuple[int, int]]:
    return [quoted.span() for quoted in QUOTED.finditer(prompt)]


@lru_cache(4096)
def _pattern(*triggers: str) -> re.Pattern[str]:
    r"""Match any of several triggers in a folded prompt, the longest first.

    A word ends where another script begins: Chinese, Japanese and Thai have no spaces, and Korean, Russian or Arabic
    hang their endings and articles onto a foreign word. `\b` would see one word there.
    """
    phrases = [" +".join(map(re.escape, words.translate(FOLD).split())) for words in triggers]
    either = "|".join(sorted(phrases, key=len, reverse=True))
    return re.compile(f"(?<![0-9a-z_])(?:{either})(?![0-9a-z_])")
