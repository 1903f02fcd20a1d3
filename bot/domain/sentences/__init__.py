"""What members read of what is kept as a code: one sentence a code, a file a subject; pure.

Whoever puts Atelier into another language does it here.
"""

from collections.abc import Callable, Iterable, Mapping

from bot.domain.notices import WRITTEN, Notice
from bot.domain.sentences import estimates, photos, prompts, runs

SENTENCES: Mapping[str, Callable[..., str]] = {**runs.SENTENCES, **prompts.SENTENCES, **photos.SENTENCES}
ESTIMATES: Mapping[str, Callable[..., str]] = estimates.PHRASES


def of(notice: Notice | None) -> str:
    """Put a notice into words; none is no words."""
    return "" if notice is None else _said(SENTENCES, notice)


def all_of(notices: Iterable[Notice]) -> str:
    """Put notices into words, one after the other."""
    return " ".join(map(of, notices))


def basis(notices: Iterable[Notice]) -> str:
    """Say what an estimate is made of, as a part of a sentence; empty where there is nothing to say."""
    return "; ".join(_said(ESTIMATES, notice) for notice in notices)


def _said(catalogue: Mapping[str, Callable[..., str]], notice: Notice) -> str:
    if WRITTEN in notice.values:
        return str(notice.values[WRITTEN])
    known = catalogue.get(notice.code)
    return known(**notice.values) if known else f"A newer version noted `{notice.code}`; ask your operator."
