"""Lettering: the words that a prompt quotes, which FLUX writes into the picture letter by letter; pure."""

import re

PAIRS = ('""', "“”", "„“", "„”", "””", "«»", "»«", "‹›", "›‹", "‚‘", "‚’", "「」", "『』", "｢｣", "〝〟", "〝〞", "＂＂")
INCHES = r"(?<![0-9])"  # a 6" nail begins no quotation
LETTER = r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # of a script that has spaces
SINGLE = rf"(?<!{LETTER})['‘](?![0-9]+s\b(?!['’]))([^'‘’\n]+)['’](?!{LETTER})"  # not ZIKI's hat, nor the '90s
QUOTED = re.compile("|".join(f"{INCHES if a == b else ''}{a}([^{a}{b}\n]+){b}" for a, b in PAIRS) + f"|{SINGLE}")


def lettering(prompt: str) -> list[str]:
    """List what a prompt has in quotation marks of any kind, without the marks."""
    return ["".join(found.groups(default="")) for found in QUOTED.finditer(prompt)]


def without_lettering(prompt: str) -> str:
    """Give a prompt with a blank for all that it quotes: what is left are the writer's own words."""
    return QUOTED.sub("_", prompt)
