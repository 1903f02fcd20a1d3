"""What in a prompt FLUX does not read as its writer means it, and what to do instead; pure.

Facts from Black Forest Labs' prompting guide: no weights, no negative prompts, sentences rather than tags, 512 tokens
on dev and 256 on schnell, guidance above 5 oversaturates.
"""

import re

from bot.domain.catalog import find_model
from bot.domain.entities import Recipe
from bot.domain.notices import Notice
from bot.domain.prompting.lettering import without_lettering

OVERSATURATED = ("dev", "dev-lora", "fine-tune-dev")  # other models with a guidance have another scale for it
HARSH_GUIDANCE = 5.0
DEV_TOKENS, SCHNELL_TOKENS = 512, 256  # what the text encoder reads; the rest is cut off without a word
LETTERS_A_TOKEN = 7  # an English word is mostly one token, a long one several
TAGS = 5  # that many scraps between commas are a list of tags

WEIGHT = re.compile(r"\([^():]*[^():\d\s]\s*:\s*\d*\.?\d+\s*\)")
EMPHASIS = re.compile(r"\(\([^()]+\)\)|\[[^\[\]]+\]")
FLAG = re.compile(
    r"(?<!\S)(?:--|—|–)(aspect|ar|no|seed|stylize|style|sref|cref|chaos|quality|niji|tile|weird|raw|iw|[svqc](?=\s))"
    r"(?=\s|$|\d)",
    re.IGNORECASE,
)
NEGATIVE = re.compile(r"\bnegative(?:[ _-]?prompts?)?\s*:", re.IGNORECASE)
NOT_THIS = re.compile(r"\b(?:no|without)\s+[^,.;]+[,;]\s*(?:and\s+|or\s+)?(?:no|without)\s", re.IGNORECASE)


def advice_for(recipe: Recipe) -> list[Notice]:
    """List what the model of a recipe will not heed; most need nothing said."""
    guidance = find_model(recipe.model).read(recipe.settings, "guidance") if recipe.model in OVERSATURATED else None
    return advice(
        recipe.prompt,
        tokens=SCHNELL_TOKENS if "schnell" in recipe.model else DEV_TOKENS,
        guidance=float(guidance) if guidance is not None else None,
    )


def advice(prompt: str, *, tokens: int, guidance: float | None = None) -> list[Notice]:
    """List what FLUX will not heed; most prompts need nothing said.

    `tokens` is what the model reads of a prompt; `guidance` is None for models whose colours it does not change.
    """
    words = without_lettering(prompt)
    return [
        *_syntax(words),
        *_negatives(words),
        *_shape(words, tokens),
        *([Notice.of("harsh-guidance", guidance=guidance)] if (guidance or 0) > HARSH_GUIDANCE else []),
    ]


def estimated_tokens(prompt: str) -> int:
    """Estimate how many tokens a prompt has, rather too few than too many."""
    pieces = re.findall(r"\w+|[^\w\s]", prompt)
    return sum((len(piece) - 1) // LETTERS_A_TOKEN + 1 if piece.isascii() else len(piece) for piece in pieces)


def _syntax(words: str) -> list[Notice]:
    told: list[Notice] = []
    weighted = WEIGHT.search(words) or EMPHASIS.search(words)
    if weighted:
        told.append(Notice.of("weights", shown=_shown(weighted.group())))
    flag = FLAG.search(words)
    if flag:
        told.append(Notice.of("flag", shown=_shown(flag.group()), flag=flag[1].lower()))
    return told


def _negatives(words: str) -> list[Notice]:
    """Tell of a list of what shall not be there; one "without a hat" in a sentence is none."""
    if NEGATIVE.search(words):
        return [Notice("negative")]
    if NOT_THIS.search(words):
        return [Notice("list-of-no")]
    return []


def _shape(words: str, tokens: int) -> list[Notice]:
    length = estimated_tokens(words)
    if length > tokens:
        return [Notice.of("too-long", length=length, most=tokens)]
    scraps = [part.split() for part in re.split(r"[,;]", words) if part.strip()]
    is_list = not re.search(r"[.!?]\s", words) and sum(map(len, scraps)) <= 2.5 * len(scraps)
    if len(scraps) >= TAGS and is_list:
        return [Notice("tags")]
    return []


def _shown(text: str) -> str:
    """Keep a quotation short, and within its backticks."""
    text = " ".join(text.replace("`", "").split())
    return text if len(text) <= 30 else text[:29] + "…"
