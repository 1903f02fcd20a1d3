"""What cogs share by way of the client: what buttons and forms do, who can still be answered, the announcer."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.flows.announcing import Announcer

Handler = Callable[[discord.Interaction[Any], str], Awaitable[None]]
"""Gets the interaction, and the row id behind the verb."""


class Verbs:
    """Handlers by the verbs in the ids of buttons, or of forms; a verb has one handler."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._handlers)

    def add(self, handlers: Mapping[str, Handler]) -> None:
        """Say what verbs do; raises ValueError where one of them does something already."""
        taken = sorted(self._handlers.keys() & handlers.keys())
        if taken:
            raise ValueError(f"these verbs have a handler already: {', '.join(taken)}")
        self._handlers.update(handlers)

    def get(self, verb: str) -> Handler | None:
        """Find what a verb does; None where nothing does it in this version."""
        return self._handlers.get(verb)


@dataclass(slots=True)
class Shared:
    """Filled by the cogs as they are loaded, and used by all of them."""

    presses: Verbs = field(default_factory=Verbs)
    """What buttons do."""
    forms: Verbs = field(default_factory=Verbs)
    """What is done with a form once it is sent."""
    answers: dict[int, discord.Interaction[Any]] = field(default_factory=dict[int, discord.Interaction[Any]])
    """Who asked for what a message will show: for 15 minutes, edits in their name count for no channel's limit."""
    doubtful_edits: dict[int, float] = field(default_factory=dict[int, float])
    """When an edit of a message got no answer, on the loop's clock: it may take effect after the next one."""
    announcer: Announcer = field(init=False)
    """Set by the cog that announces."""
