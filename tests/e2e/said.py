"""What the bot says on Discord's wire and who can read it, for those who judge secrecy; it knows nothing of the bot."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord import Discord, Exchange

EPHEMERAL = 1 << 6
MESSAGE, UPDATE, CHOICES, FORM = 4, 7, 8, 9  # kinds of answers to an interaction
TEXT, BUTTON = 10, 2
PENDING = "-# …"  # stands in a message for a moment before it gives way to a private one
NOBODY = {"parse": []}
LIVE = ("@everyone", "@here", "<@&4242", "<@3131", "](https://evil", "https://evil", "\u202e", "\u2066")
HOSTILE = (
    "@everyone <@&424242424242424242> <@313131313131313131> [free](https://evil.example/x) https://evil.example "
    "```js\nx``` `y` \u202egnp.exe\u2066 ||s|| **b"
)
"""Whatever Discord would act on, made of things that nobody but an attacker writes."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One body that reached Discord."""

    kind: str  # message, choices, form
    interaction: int | None
    guild: int | None
    channel: int
    reader: int | None  # the only person who can read it; None: everybody in the channel
    raw: str  # all of it, file names included
    body: dict[str, Any] = field(repr=False)
    pictures: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def texts(self) -> list[str]:
        """Give what people read, part by part."""
        return [part["content"] for part in parts(self.body.get("components") or []) if part.get("type") == TEXT]

    @property
    def text(self) -> str:
        """Give what people read."""
        return "\n".join(self.texts) or self.body.get("content") or ""


class Ear:
    """Hears everything that reaches Discord from now on."""

    def __init__(self, discord: Discord) -> None:
        self.said: list[Said] = []
        self.mentions: list[str] = []
        """What was wrong with anybody's being notified."""
        self._backend, self._news = discord.backend, asyncio.Event()
        discord.rest.recorders.append(self)

    def __call__(self, exchange: Exchange) -> None:
        kind, number, *rest = exchange.path.removeprefix("/").split("/")
        if exchange.method not in ("POST", "PATCH") or not exchange.sent:
            return
        body = json.loads(exchange.sent)
        if kind == "interactions":
            self._hear(exchange, int(number), int(body["type"]), body.get("data") or {})
        elif kind == "webhooks":
            self._hear(exchange, self._backend.interaction_tokens[rest[0]], MESSAGE, body)
        elif kind == "channels" and "messages" in rest:
            self._hear(exchange, None, MESSAGE, body, int(number))

    def since(self, count: int) -> list[Said]:
        """Give what was said after the first so many."""
        return self.said[count:]

    async def answer(self, interaction: int, within: float) -> Said:
        """Wait for the answer to an interaction, but for what only stands in for it; TimeoutError after so long."""
        async with asyncio.timeout(within):
            while True:
                for said in self.said:
                    if said.interaction == interaction and PENDING not in said.texts:
                        return said
                self._news.clear()
                await self._news.wait()

    def _hear(
        self, exchange: Exchange, interaction: int | None, kind: int, body: dict[str, Any], place: int | None = None
    ) -> None:
        record = self._backend.interactions[interaction] if interaction is not None else None
        channel = record.channel_id if record is not None else place or 0
        if kind in (MESSAGE, UPDATE):
            self.mentions += mention_faults(body)
        if kind not in (MESSAGE, UPDATE, CHOICES, FORM) or exchange.status >= 400:
            return
        alone = kind in (CHOICES, FORM) or self._is_private(exchange, body)
        self.said.append(
            Said(
                kind={CHOICES: "choices", FORM: "form"}.get(kind, "message"),
                interaction=interaction,
                guild=self._backend.channels[channel].guild_id,
                channel=channel,
                reader=(record.user_id if record is not None else None) if alone else self._addressee(channel),
                raw=json.dumps(body, ensure_ascii=False) + " ".join(file.filename for file in exchange.files),
                body=body,
                pictures=tuple(file.data for file in exchange.files),
            )
        )
        self._news.set()

    def _is_private(self, exchange: Exchange, body: dict[str, Any]) -> bool:
        stored = json.loads(exchange.answer) if exchange.answer else {}
        told = (stored.get("resource") or {}).get("message") or stored
        return bool((told.get("flags") or body.get("flags") or 0) & EPHEMERAL)

    def _addressee(self, channel: int) -> int | None:
        """Name who a direct message is for."""
        return next((user for user, place in self._backend.dm_channels.items() if place == channel), None)


def parts(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Walk a body's components."""
    for component in components:
        yield component
        yield from parts(component.get("components") or [])
        yield from parts([component["accessory"]] if "accessory" in component else [])


def mention_faults(body: dict[str, Any]) -> list[str]:
    """Tell whether a message could notify anybody but the owner of a model card."""
    allowed = body.get("allowed_mentions")
    if allowed == NOBODY:
        return []
    shown = json.dumps(body, ensure_ascii=False)
    owner = (allowed or {}).get("users") or [None]
    is_card = re.search(r"Your fine-tune is ready|The training of \*\*", shown) is not None
    announced = is_card and f"<@{owner[0]}>" in shown
    if allowed == NOBODY | {"users": owner} and len(owner) == 1 and announced:
        return []
    return [f"allowed_mentions is {allowed} in: {shown[:300]}"]


def escaped(said: Said) -> list[str]:
    """List the parts of HOSTILE that Discord would act on."""
    found: list[str] = []
    for text in said.texts:
        plain = re.sub(r"\\.", "", text, flags=re.DOTALL)  # shown as it is
        plain = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", plain, flags=re.DOTALL)  # code
        found += [f"{live!r} is live in: {text[:200]!r}" for live in LIVE if live in plain]
    return found
