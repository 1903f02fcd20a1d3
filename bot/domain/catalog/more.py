"""Settings written as `key=value, key=value`, for what has no option: reading and completing them; pure."""

from collections.abc import Iterable

from bot.domain.catalog.models import BY_ITSELF, Model
from bot.errors import UserError

FORM = "`more` is written like `raw=yes, safety_tolerance=4`: a name, `=`, a value, and a comma before the next."


def read_more(text: str) -> dict[str, str]:
    """Read what was written, by what members call a field; raises UserError."""
    wanted: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        word, equals, value = (part.strip() for part in pair.partition("="))
        if not (word and equals and value):
            raise UserError(f"{FORM} Change `{pair[:40].replace('`', '')}` and run the command again.")
        wanted[word.lower()] = value
    return wanted


def complete_more(text: str, model: Model, others: Iterable[str]) -> list[tuple[str, str]]:
    """List what may follow what has been typed so far: as it is shown with what is allowed, and as it is written.

    `others` are the words that have an option of their own.
    """
    written, comma, typed = text.rpartition(",")
    before = f"{written.strip()}, " if comma else ""
    passed = {pair.partition("=")[0].strip() for pair in written.split(",")} | set(others)
    fields = [
        one for one in model.fields if not one.is_picture and one.name not in BY_ITSELF and one.word not in passed
    ]
    found = [(one, f"{one.word}={example}") for one in fields for example in one.examples]
    return [
        (f"{before}{pair} · {one.limits}", before + pair)
        for one, pair in found
        if pair.lower().startswith(typed.strip().lower())
    ]
