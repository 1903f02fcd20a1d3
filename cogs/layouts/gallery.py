"""What people see of the pictures that they looked for; pure."""

from typing import Any

import discord

from bot.domain.entities import Search
from bot.domain.wording import code, plural
from bot.views.gallery import Find, GalleryPage
from cogs.buttons import Button
from cogs.layouts.generation import painted_with
from cogs.layouts.parts import DONE, Image, Item, Post, action_row, message_link, page

ui = discord.ui
PROMPT_SHOWN = 160  # characters; six prompts fit on a phone
NOTHING = "You find your own pictures of this whole server, and those that others had painted in this channel."


def gallery(found: GalleryPage) -> Post:
    """Show a page of pictures, each with its prompt and a way to it, and the buttons to turn pages with."""
    if not found.finds:
        return page(_head(found), "Nothing was found. Try fewer words, or only their beginning.", f"-# {NOTHING}")
    files: list[discord.File] = []
    items: list[Item | str | None] = []
    for find in found.finds:
        items += [_entry(find, files), action_row(Button("see", find.painted.generation.id, "Show"))]
    turn = action_row(
        Button("newer", found.newer, "Newer") if found.newer else None,
        Button("older", found.older, "Older") if found.older else None,
    )
    return Post(page(_head(found), *items, turn, colour=DONE).view, files)


def _head(found: GalleryPage) -> str:
    search: Search = found.search
    whose = "Your pictures" if search.mine else "Pictures"
    by = f" by **{found.fine_tune.name}**" if found.fine_tune else ""
    words = f" with {code(search.words)}" if search.words.strip() else ""
    return f"### {whose}{by}{words}, newest first"


def _entry(find: Find, files: list[discord.File]) -> Item | str:
    """Write what is known of a picture, beside the picture where it can be read; its file joins the others."""
    generation = find.painted.generation
    text = (
        f"{code(generation.recipe.prompt, PROMPT_SHOWN)}\n"
        f"{plural(len(find.painted.pictures), 'picture')} with {painted_with(generation, find.painted.fine_tune)}"
        f"{' · yours' if find.mine else ''} · <t:{round(generation.created_at)}:R>\n{_where(find)}"
    )
    if find.thumbnail is None:
        return text
    path = find.painted.pictures[0][1]
    file = Image(f"{generation.id}.jpg", generation.recipe.prompt, path, find.thumbnail).file()
    files.append(file)
    return ui.Section[Any](text, accessory=ui.Thumbnail[Any](file, description=file.description))


def _where(find: Find) -> str:
    generation = find.painted.generation
    link = message_link(generation)
    if link:
        return f"<#{generation.channel_id}> · [see it there]({link})"
    if generation.delivered == "direct message":
        return f"came as a direct message to {'you' if find.mine else 'who asked for it'}"
    return "stands in no message; press *Show*"
