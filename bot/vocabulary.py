"""Which words are ordinary: those in pyspellchecker's word lists of seven languages; owns their reading.

The lists are searched and not kept: as sets they would take more memory than all else of the bot. The package itself,
which would load them, is never imported.
"""

import asyncio
import gzip
from collections.abc import Iterable, Iterator, Set
from importlib.util import find_spec
from pathlib import Path

LANGUAGES = ("en", "es", "fr", "it", "de", "pt", "nl")  # those of its lists with Latin letters and little rubbish
KEPT = 10_000  # words whose answer is remembered
BLOCK, LONGEST = 1 << 18, 100  # bytes that are read at once, and of an entry


class Vocabulary:
    """Tells ordinary words from made-up ones; a new word takes some tenths of a second, in a thread."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}
        self._turn = asyncio.Lock()

    async def ordinary(self, words: Iterable[str]) -> Set[str]:
        """Give those of some words, all in lower case, that people write without thinking of a fine-tune."""
        asked = set(words)
        async with self._turn:  # so that many questions at once take the memory of one
            if len(self._known) > KEPT:
                self._known.clear()
            unknown = asked - self._known.keys()
            if unknown:
                found = await asyncio.to_thread(_search, unknown)
                self._known |= {word: word in found for word in unknown}
            return {word for word in asked if self._known[word]}


def _search(words: Set[str]) -> Set[str]:
    wanted = {word: f'"{word}":'.encode() for word in words}
    for block in _blocks():
        wanted = {word: entry for word, entry in wanted.items() if entry not in block}
        if not wanted:
            break
    return words - wanted.keys()


def _blocks() -> Iterator[bytes]:
    """Read the word lists piece by piece, each with the end of the one before, so that no word is cut in two."""
    for path in map(_list, LANGUAGES):
        with gzip.open(path) as file:
            end = b""
            while block := file.read(BLOCK):
                yield end + block
                end = block[-LONGEST:]


def _list(language: str) -> Path:
    """Find a word list: JSON, a word and how often it was met on each line."""
    spec = find_spec("spellchecker")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package pyspellchecker is missing. Install requirements.lock again.")
    return Path(spec.origin).parent / "resources" / f"{language}.json.gz"
