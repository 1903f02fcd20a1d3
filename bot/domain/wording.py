"""Other people's words, made so that Discord shows them and does nothing with them; pure."""

from bot.domain.money import dollars
from bot.domain.prompts import visible

GRAVE = "ˋ"  # looks like a backtick and ends no code block
BREAK = "\u200b"  # shown as nothing; stops Discord from seeing an address or a mention
ALT_TEXT = 1024
MARKUP = frozenset("\\`*_~|<>[]()@#:+-")  # Discord shows any punctuation after a backslash as it is


def cut(text: str, limit: int) -> str:
    """Shorten a text to a number of characters, with an ellipsis where something is gone."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def inert(text: str, limit: int = 2000) -> str:
    """Make a text safe to stand inside a code block: nothing hidden, no backtick, no more than limit characters."""
    return cut(visible(text).replace("`", GRAVE), limit)


def code(text: str, limit: int = 100) -> str:
    """Show other people's words within a line, where no mention, link or markup works."""
    return f"`{inert(' '.join(text.split()), limit) or ' '}`"


def quote(text: str, limit: int = 2000) -> str:
    """Show other people's words as a quotation of at most limit characters; what Discord would act on is escaped."""
    shown = "> "
    for character in "\n".join(visible(text).splitlines()):
        piece = "\n> " if character == "\n" else f"\\{character}" if character in MARKUP else character
        if len(shown) + len(piece) >= limit:
            return f"{shown}…"
        shown += piece
    return shown


def sentence(text: str, limit: int = 1500) -> str:
    """Disarm mentions, addresses and masked links in a sentence of ours that may quote somebody; markup stays."""
    text = cut(visible(text), limit)
    for live in ("@", "<#", "<:", "<a:", "</", "<id:", "]("):
        text = text.replace(live, live[0] + BREAK + live[1:])
    return text.replace("://", f":{BREAK}//")


def alt_text(prompt: str) -> str:
    """Describe a picture by its prompt for those who cannot see it; Discord takes 1,024 characters."""
    return cut(" ".join(visible(prompt).split()), ALT_TEXT) or "A picture without a prompt"


def duration(seconds: float) -> str:
    """Write a duration for people."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{max(0.0, seconds):.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def charged(micro: int | None) -> str:
    """Write what something cost in the end."""
    return dollars(micro) if micro else "nothing charged"


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
