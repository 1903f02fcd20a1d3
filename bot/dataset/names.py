"""What an archive calls its entries: decoded, judged and made fit to show, and never used as a path."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 1_024  # bytes
DEEPEST_FOLDER = 32
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_JUNK_FOLDERS = frozenset({"__macosx", ".git", ".spotlight-v100", ".trashes", ".fseventsd", "$recycle.bin"})
_JUNK_FILES = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".localized", "icon\r"})


class BadName(ValueError):
    """A name that no honest archiver writes; `code` is "name" or "path"."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def decode(raw: bytes, *, utf8: bool) -> str:
    """Return the normalised name: slashes forward, empty and "." steps gone, a folder's last slash kept.

    Without the UTF-8 flag, UTF-8 is tried before cp437, because old macOS wrote it unflagged.
    """
    if not raw or len(raw) > LONGEST_NAME:
        raise BadName("name", f"{len(raw)} bytes long")
    text = _text(raw, utf8=utf8)
    if _CONTROL.search(text):
        raise BadName("name", "control character")
    return _normalised(text)


def _text(raw: bytes, *, utf8: bool) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if utf8:
            raise BadName("name", "not the UTF-8 it says it is") from error
        return raw.decode("cp437")


def _normalised(text: str) -> str:
    path = text.replace("\\", "/")
    if path == "/":  # so Dropbox calls the folder of everything
        return path
    if path.startswith("/") or _DRIVE.match(path):
        raise BadName("path", "absolute")
    steps = [step for step in path.split("/") if step not in {"", "."}]
    if ".." in steps:
        raise BadName("path", "dot-dot")
    if len(steps) > DEEPEST_FOLDER:
        raise BadName("path", f"{len(steps)} levels deep")
    folder = path.endswith("/")
    if not steps and not folder:
        raise BadName("name", "empty")
    return "/".join(steps) + ("/" if folder else "")


def is_junk(name: str) -> bool:
    """Tell whether an archiver or a file manager left this beside the member's own files."""
    *folders, last = name.casefold().split("/")
    return last in _JUNK_FILES or last.startswith("._") or any(folder in _JUNK_FOLDERS for folder in folders)


def shown(name: str, longest: int = 60) -> str:
    """Return the name made inert for a person: no control, bidi or format characters, cut in the middle.

    It holds no backtick, so that a layout may put it in a code span, where no markup or mention works.
    """
    name = name if len(name) <= 4 * longest else name[: 2 * longest] + name[-2 * longest :]
    kept = "".join(c for c in name.replace("`", "'") if unicodedata.category(c)[0] != "C")
    text = " ".join(kept.split()) or "(no name)"
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sort key that puts img2 before img10; only the first numbers count, so that a key stays small."""
    parts = re.split(r"(\d{1,9})", name.casefold(), maxsplit=8)
    return [(int(part), "") if part.isdecimal() and len(part) < 10 else (-1, part) for part in parts]
