"""Reads variables of an environment, and collects what is wrong with them instead of stopping at the first."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from bot.domain.money import PriceList
from bot.errors import SettingsError
from bot.prices import read_prices
from bot.settings.values import folder

T = TypeVar("T")


class Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {name: bare for name, value in env.items() if (bare := unquoted(value.strip()))}
        self._asked: set[str] = set()
        self.problems: list[str] = []

    def required(self, name: str, where: str) -> str:
        """Read a variable that must be there."""
        if name not in self._env:
            self.problems.append(f"{name} is missing. You find it at {where}; put it into .env.")
        return self._env.get(name, "")

    def prices(self, name: str) -> PriceList:
        """Read the operator's own prices from the file that a variable names."""
        path = self.read(name, None, folder)
        try:
            return read_prices(path) if path else PriceList()
        except SettingsError as error:
            self.problems += error.problems
            return PriceList()

    def read(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        """Read a variable, or take the default where it is not set."""
        self._asked.add(name)
        if name not in self._env:
            return default
        try:
            return parse(self._env[name])
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return default

    def refuse_unknown(self, prefix: str) -> None:
        """Note every variable with this prefix that nobody has asked for: a budget that is misspelt would be none."""
        for name in sorted(self._env.keys() - self._asked):
            if name.startswith(prefix):
                [*near] = get_close_matches(name, self._asked, 1)
                advice = f"Did you mean {near[0]}? Correct it, or take it out" if near else "Take it out"
                self.problems.append(f"{name} is no setting. {advice}.")


def unquoted(value: str) -> str:
    """Take off quotation marks around a whole value: `docker run --env-file` hands them over as they are written."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].strip() if is_quoted else value
