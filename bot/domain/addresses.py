"""Secrets in addresses: keys, signatures, passwords. They are shown to nobody and kept no longer than a run; pure."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.entities import Recipe, Setting

LEFT_OUT = "…"
"""Stands where a secret was; no address has it by itself."""
ADDRESS = re.compile(r"(?:https?:/{2}|\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}/)[^\s\"'<>`\\]+", re.ASCII)
SIGNS = re.compile(r"[?&;#@]")
PASSWORD = re.compile(r"(?<=//)[^/?#]*@")
PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#]*)=?([^&;#]*)")
HARMLESS = {"type", "format", "size", "fp", "download", "revision", "version"}
"""What CivitAI and Hugging Face choose a file by. Whatever else an address has is taken for a secret."""
PLAIN = re.compile(r"[\w.-]{1,20}", re.ASCII)


def without_secrets(text: str, mark: str = LEFT_OUT) -> str:
    """Put a mark in the place of each secret of every address in a text."""
    if SIGNS.search(text) is None:
        return text  # most lines of a log, spared the search for addresses
    return ADDRESS.sub(lambda found: _without(found[0], mark), text)


def is_incomplete(value: Setting) -> bool:
    """Tell whether a secret was left out of an address."""
    return isinstance(value, str) and LEFT_OUT in value


def kept(recipe: Recipe) -> Recipe:
    """Give a recipe as it is kept once its run is over."""
    settings = shown(recipe.settings)
    return recipe if settings == recipe.settings else replace(recipe, settings=settings)


def shown(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """Give settings as anybody may see them."""
    return {name: without_secrets(value) if isinstance(value, str) else value for name, value in settings.items()}


def _without(address: str, mark: str) -> str:
    def parameter(found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if not found[0] or (name.lower() in HARMLESS and PLAIN.fullmatch(value)):
            return found[0]
        return f"{name}={mark}" if value else mark

    return PARAMETER.sub(parameter, PASSWORD.sub(f"{mark}@", address))
