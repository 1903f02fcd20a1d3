"""What a person sees of a message: its texts, its buttons, its pictures."""

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from simcord.results import InteractionResult, ResponseMessage

from bot.domain.prompts import MAX_PROMPT
from cogs.layouts.parts import Post

LONG = "*" * MAX_PROMPT


def parts(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Walk a message's components."""
    for component in components:
        yield component
        yield from parts(component.get("components", []))


def components_of(message: Any) -> list[dict[str, Any]]:
    """Give the components of a post, a message, or what SimCord answers with."""
    if isinstance(message, Post):
        return message.view.to_components()
    if isinstance(message, discord.Message):
        return [component.to_dict() for component in message.components]  # type: ignore[misc]
    return message.components


def first(answer: InteractionResult) -> ResponseMessage:
    """Give the first answer to an interaction."""
    assert answer.response is not None
    return answer.response


def text(message: Any) -> str:
    """Give all texts, one below the other."""
    return "\n".join(part["content"] for part in parts(components_of(message)) if part["type"] == 10)


def buttons(message: Any) -> dict[str, str]:
    """Give the buttons: label -> id, or address."""
    found = [part for part in parts(components_of(message)) if part["type"] == 2]
    return {part["label"]: part.get("custom_id") or part["url"] for part in found}


def alt_texts(message: Any) -> list[str]:
    """Give the descriptions of the pictures."""
    galleries = [part for part in parts(components_of(message)) if part["type"] == 12]
    return [item["description"] for gallery in galleries for item in gallery["items"]]


def check(post: Post) -> Post:
    """Hold a post against Discord's rules."""
    for file in post.files:
        file.close()  # nobody sends it
    assert post.view.has_components_v2()
    assert post.view.total_children_count <= 40
    assert 0 < post.view.content_length() <= 4000
    assert post.view.timeout is None
    assert all(len(custom_id) <= 100 for custom_id in buttons(post).values() if not custom_id.startswith("https"))
    assert all(len(label) <= 80 for label in buttons(post))
    assert len(alt_texts(post)) == len(post.files)
    assert all(1 <= len(words) <= 1024 for words in alt_texts(post))
    return post
