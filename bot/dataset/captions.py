"""A text file beside a picture becomes its caption, whatever wrote it."""

from __future__ import annotations

import codecs
import unicodedata

LONGEST_FILE = 64 << 10  # bytes; the trainer reads about 512 tokens
_SUFFIXES = (".txt", ".caption")  # the second is what kohya's scripts write


def is_caption(name: str) -> bool:
    """Tell whether this is a text file."""
    return name.casefold().endswith(_SUFFIXES)


def keys(picture: str) -> tuple[str, str]:
    """Return what a caption for this picture may be called, without its suffix: "a/b" or "a/b.jpg"."""
    picture = _folded(picture)
    folder, slash, last = picture.rpartition("/")
    stem, dot, _ = last.rpartition(".")
    return folder + slash + (stem if dot and stem else last), picture


def key(caption: str) -> str:
    """Return what `keys` must contain for the picture that this caption belongs to."""
    return _folded(caption).rpartition(".")[0]


def _folded(name: str) -> str:
    """Make one name of what differs in case, or in how its accents are written: macOS decomposes them."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def decode(data: bytes, longest: int) -> str:
    """Return the text on one line, without control and bidi characters; empty if there is none."""
    kept = (c if unicodedata.category(c)[0] != "C" else " " * c.isspace() for c in _text(data)[: 4 * longest])
    return " ".join("".join(kept).split())[:longest].rstrip()


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
