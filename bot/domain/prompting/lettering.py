"""Lettering: the words that a prompt quotes, which FLUX writes into the picture letter by letter; pure."""

import re

PAIRS = ('""', "“”", "„“", "„”", "«»", "»«")
QUOTED = re.compile("|".join(f"{a}([^{a}{b}\n]+){b}" for a, b in PAIRS) + r"|(?<!\w)['‘]([^'‘’\n]+)['’](?!\w)")


def lettering(prompt: str) -> list[str]:
    """List what a prompt has in quotation marks of any kind, without the marks."""
    return ["".join(found.groups(default="")) for found in QUOTED.finditer(prompt)]


def without_lettering(prompt: str) -> str:
    """Give a prompt with a blank for all that it quotes: what is left are the writer's own words."""
    return QUOTED.sub("_", prompt)
