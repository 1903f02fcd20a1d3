"""What a language model is asked, so that it makes prose of a prompt, and what of its answer may be used; pure.

Such models chat, forget trigger words and improve lettering; an answer that did so is not used.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.entities import Enrichment
from bot.domain.notices import Notice
from bot.domain.prompting import presets
from bot.domain.prompting.lettering import PAIRS, QUOTED, lettering
from bot.domain.prompts import MAX_PROMPT, visible
from bot.domain.trigger_words import spellings

LONGEST = 1500  # characters to ask for; beyond MAX_PROMPT an answer is not used

SYSTEM = (
    "You rewrite short prompts for the image model FLUX, which reads natural prose. "
    "Write one paragraph of two to five plain English sentences, {words} words at most. Begin with the subject, then "
    "what happens, the surroundings, the light, and how the picture is made. Keep everything the prompt says, add only "
    "what can be seen, and name nothing that is absent. It is to be like this: {style} {kept}"
    "Answer with the paragraph alone: no introduction, no heading, no list, no markup, no quotation marks around it."
)
SYSTEM_FIELDS = ("system_prompt", "system_instruction")
LIMIT_FIELDS = ("max_tokens", "max_new_tokens", "max_completion_tokens", "max_output_tokens")
FIELDS = ("prompt", "temperature", "seed", *SYSTEM_FIELDS, *LIMIT_FIELDS)
"""What we know to use of what language models take; the makers do not agree on the names."""
MAX_TOKENS, TEMPERATURE = 1024, 0.6
SETTLED = "Copy these exactly as they are, letter by letter: {them}. Put nothing else into quotation marks. "

CHAT = re.compile(
    r"\A\W*(?:"
    r"(?:sure|certainly|of course|okay|ok|absolutely|got it)\b[^\n:]{0,80}?[!.,](?=\s)|"
    r"(?:here(?:'s|’s| is| are)|"
    r"(?:the |your )?(?:new |enriched |rewritten |revised |enhanced |improved )*(?:flux )?prompt)\b"
    r"[^\n:]{0,80}:[*_]*(?=\s|[\"“]|$)"
    r")\s*",
    re.IGNORECASE,
)
AFTERWARDS = re.compile(
    r"\n\s*[*_(]*(?:let me know|i hope|i've |i have |feel free|note\b|this (?:prompt|version)|would you like).*\Z",
    re.IGNORECASE | re.DOTALL,
)
REFUSAL = re.compile(
    r"\A\W*(?:i(?:'m| am|’m) sorry|i can(?:no|')t|i can’t|i am unable|as an ai\b|sorry\b)", re.IGNORECASE
)
MARKUP = re.compile(r"</?prompt>|```\w*|\*\*|__|`|(?m:^\s*(?:#{1,6}|[-*•>])\s+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a language model made of a prompt: the new one, or why there is none."""

    prompt: str = ""
    fault: Notice | None = None
    """Why there is none."""


def instructions(job: Enrichment) -> str:
    """Tell the language model what to do with a prompt."""
    kept = [*_spelled(job.prompt, job.trigger_words), *(f'"{words}"' for words in lettering(job.prompt))]
    settled = SETTLED.format(them=", ".join(kept)) if kept else ""
    return SYSTEM.format(words=LONGEST // 8, style=presets.find(job.preset).details, kept=settled)


def proposal(job: Enrichment) -> str:
    """Give the new prompt: the language model's, or else the preset's."""
    return job.answer or presets.applied(presets.find(job.preset), job.prompt)


def model_input(job: Enrichment, fields: Mapping[str, Any]) -> Mapping[str, object]:
    """Build what the language model gets: only fields that its schema lists, within the schema's limits."""
    told = instructions(job)
    asked: dict[str, object] = {"prompt": job.prompt, "seed": job.seed, "temperature": TEMPERATURE}
    asked |= dict.fromkeys(SYSTEM_FIELDS, told) | dict.fromkeys(LIMIT_FIELDS, MAX_TOKENS)
    if not set(SYSTEM_FIELDS) & set(fields):
        asked["prompt"] = f"{told}\n\n<prompt>{job.prompt}</prompt>"
    return {name: _within(value, fields[name]) for name, value in asked.items() if name in fields}


def _within(wanted: object, rules: Any) -> object:
    """Keep to the limits that a field's schema names, if it names any."""
    match wanted, rules:
        case int() | float(), {"minimum": int() | float() as low} if wanted < low:
            return low
        case int() | float(), {"maximum": int() | float() as high} if wanted > high:
            return high
        case _:
            return wanted


def read_answer(told: str, prompt: str, trigger_words: Sequence[str]) -> Answer:
    """Take the prose out of a language model's answer, and hold it against the prompt that it was asked about."""
    prose = _prose(told, prompt)
    if not prose or REFUSAL.match(prose):
        return Answer(fault=Notice("no-prose"))
    if len(prose) > MAX_PROMPT:
        return Answer(fault=Notice.of("long-prose", length=len(prose), most=MAX_PROMPT))
    for word in _spelled(prompt, trigger_words):
        if word not in map(_plainly, spellings(prose, word)):
            return Answer(fault=Notice.of("trigger-lost", word=word))
    before, after = lettering(prompt), lettering(prose)
    if [words for words in before if words not in after]:
        return Answer(fault=Notice("lettering-changed"))
    if [words for words in after if words not in before]:
        return Answer(fault=Notice("lettering-added"))
    return Answer(prompt=prose)


def _spelled(prompt: str, trigger_words: Sequence[str]) -> list[str]:
    """List the trigger words that a prompt has, spelled as in the prompt."""
    found = [spellings(prompt, words)[:1] for words in trigger_words]
    return list(dict.fromkeys(_plainly(first) for [first] in filter(None, found)))


def _plainly(words: str) -> str:
    """Write a trigger without the line breaks and wide letters that a prompt may have."""
    return " ".join(unicodedata.normalize("NFKC", words).split())


def _prose(told: str, prompt: str) -> str:
    lines = (line.strip() for line in visible(told.replace("\t", " ")).split("\n"))
    text = "\n".join(filter(None, lines))  # over many blank lines in a row the patterns would take minutes
    while CHAT.match(text):
        text = CHAT.sub("", text)
    text = MARKUP.sub("", AFTERWARDS.sub("", text))
    return _unwrapped(" ".join(text.split()), prompt)


def _unwrapped(text: str, prompt: str) -> str:
    """Take off quotation marks around the whole, which are no lettering."""
    is_wrapped = len(text) > 1 and f"{text[0]}{text[-1]}" in (*PAIRS, "''", "‘’")
    begins = QUOTED.match(text)
    if not is_wrapped or (begins and lettering(begins.group())[0] in lettering(prompt)):
        return text
    return text[1:-1].strip()
