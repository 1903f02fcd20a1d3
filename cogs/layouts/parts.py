"""The parts that all layouts share: a page, its pictures, bars and sparklines; pure."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import discord

from bot.domain import sentences
from bot.domain.entities import Job
from bot.domain.notices import Notice
from bot.domain.wording import alt_text, cut, sentence
from cogs.buttons import Button

ui = discord.ui
Item = ui.Item[Any]
Colour = discord.Colour
WORKING, DONE, FAILED, QUIET = Colour.blurple(), Colour.green(), Colour.red(), Colour.light_grey()
BLOCKS = "▁▂▃▄▅▆▇█"
PAGE = re.compile(r"https://replicate\.com/[\w./-]{1,300}", re.ASCII)
SMALL_PRINT = 500  # characters
SPARKS = 24  # points of a sparkline: fits a phone in one line


@dataclass(frozen=True, slots=True)
class Post:
    """A layout and the files that it shows; good for one sending, since a file is read once."""

    view: discord.ui.LayoutView
    files: Sequence[discord.File] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """A picture to be shown: its file name for Discord, the words that describe it, and where its bytes are."""

    name: str
    prompt: str
    path: Path
    smaller: bytes | None = None
    """What is sent in its stead."""

    def file(self) -> discord.File:
        """Open it for one sending."""
        source = self.path if self.smaller is None else io.BytesIO(self.smaller)
        return discord.File(source, filename=self.name, description=alt_text(self.prompt))


def page(head: str, *items: Item | str | None, colour: Colour = QUIET, images: Sequence[Image] = ()) -> Post:
    """Frame a message: its head, its pictures, then texts and other items; None and empty texts are left out."""
    files = [image.file() for image in images]
    children: list[Item] = [ui.TextDisplay(head)]
    if files:
        children.append(gallery(files))
    children += [ui.TextDisplay(item) if isinstance(item, str) else item for item in items if item]
    return Post(ui.LayoutView(timeout=None).add_item(ui.Container(*children, accent_colour=colour)), files)


def said(*notices: Notice | None) -> str:
    """Put notices into sentences that Discord shows and does nothing with."""
    return sentence(sentences.all_of(notice for notice in notices if notice))


def small(text: str) -> str | None:
    """Write a line of small print; None where there is nothing to write."""
    return f"-# {cut(text.replace(chr(10), ' '), SMALL_PRINT)}" if text else None


def gallery(files: Sequence[discord.File]) -> Item:
    """Show pictures side by side, each with its alt text."""
    return ui.MediaGallery(*(discord.MediaGalleryItem(file, description=file.description) for file in files))


def action_row(*buttons: Button | discord.ui.Button[Any] | None) -> Item | None:
    """Put buttons beside each other; None where there is none."""
    present: list[Item] = [button for button in buttons if button]
    return ui.ActionRow[Any](*present) if present else None


def link(label: str, url: str | None) -> discord.ui.Button[Any] | None:
    """Make a button that opens a page, for an address that Discord takes."""
    return ui.Button(label=label, url=url) if url and url.startswith("https://") and len(url) <= 512 else None


def message_link(job: Job) -> str | None:
    """Give the address of the message that shows a job's result, where there is one in its channel."""
    if job.delivered != "message" or not job.message_id:
        return None
    return f"https://discord.com/channels/{job.guild_id}/{job.channel_id}/{job.message_id}"


def masked(label: str, url: str | None) -> str | None:
    """Write a link of ours for the small print, to a page of Replicate's."""
    return f"[{label}]({url})" if url and PAGE.fullmatch(url) else None


def bar(fraction: float, width: int = 20) -> str:
    """Draw how much is done."""
    full = round(min(1.0, max(0.0, fraction)) * width)
    return "█" * full + "░" * (width - full)


def sparkline(values: Sequence[float]) -> str:
    """Draw a row of numbers as a line of blocks; each block is the mean of its share."""
    finite = [value for value in values if value - value == 0]
    if not finite:
        return ""
    count = min(SPARKS, len(finite))
    edges = [n * len(finite) // count for n in range(count + 1)]
    means = [sum(finite[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0
    return "".join(BLOCKS[round((mean - low) * scale)] for mean in means)
