"""SimCord's state made live: real time, many people at once, bounded memory; knows neither HTTP nor sockets.

Whatever leans on internals of SimCord (pinned in pyproject.toml) is here, in `corrections` and in `people`.
"""
# SimCord has no public way to run beside a bot that lives in another process:
# pyright: reportPrivateUsage=false

import asyncio
import base64
import io
import re
import secrets
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import discord
import simcord
from PIL import Image
from simcord._clock import Clock
from simcord.backend import Backend, cdn
from simcord.backend.errors import BackendError
from simcord.backend.models import Interaction, Message
from simcord.gateway import FakeGateway, FakeWebSocket

from sandbox.discord.patience import GrantedTime, Unanswered

Payload = dict[str, Any]
Watcher = Callable[[Message | None], None]  # called with the message that changed, or None for any other change

KEPT = 1000  # entries of SimCord's own logs
UPLOAD_LIMITS = (10 << 20, 10 << 20, 50 << 20, 100 << 20)  # bytes a file, by the guild's boost tier
EPOCH_MS = 1_420_070_400_000
cdn.CDN_BASE = "https://cdn.discordapp.com"
acting: ContextVar[int] = ContextVar("the interaction that this task has just caused")


def safe_name(filename: str) -> str:
    """Return the name that Discord gives an uploaded file."""
    return re.sub(r"[^\w.-]", "_", filename)


class RealClock(Clock):
    """The machine's clock; `advance` still travels forward."""

    def now(self) -> datetime:
        """Return the time, with what was travelled."""
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)


class Files(cdn.CdnStore):
    """SimCord's uploads, with the sizes of pictures, and apart those that belong to no message."""

    def __init__(self, application_id: int) -> None:
        super().__init__()
        self._application_id = application_id
        self._on_message = False

    @contextmanager
    def of_messages(self) -> Generator[None]:
        """Mark what is stored meanwhile as attached to a message, not handed to a command."""
        self._on_message = True
        try:
            yield
        finally:
            self._on_message = False

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> Payload:
        """Keep a file under Discord's kind of address."""
        stored = super().store_attachment(attachment_id, channel_id, safe_name(filename), data, description)
        if not self._on_message:
            url = stored["url"].replace(
                f"/attachments/{channel_id}/", f"/ephemeral-attachments/{self._application_id}/"
            )
            self._blobs[url] = self._blobs.pop(stored["url"])
            stored |= {"url": url, "proxy_url": url, "ephemeral": True}
        if description is None:
            del stored["description"]
        return stored | _picture_size(stored["content_type"], data)

    def forget(self, before: int) -> None:
        """Drop the files whose snowflake is older."""
        for url in [url for url in self._blobs if "attachments/" in url and int(url.split("/")[5]) < before]:
            del self._blobs[url]


def _picture_size(content_type: str, data: bytes) -> Payload:
    if not content_type.startswith("image/"):
        return {}
    try:
        width, height = Image.open(io.BytesIO(data)).size
    except (OSError, Image.DecompressionBombError):  # Discord omits the size of a picture that it cannot read
        return {}
    return {"width": width, "height": height}


class LiveBackend(Backend):
    """SimCord's state, which tells `watchers` of every change, ephemeral messages included."""

    def __init__(self, application_id: int, name: str) -> None:
        self._next_ids: list[int] = []
        super().__init__(clock=RealClock())
        del self.users[self.bot_user.id]
        self.application_id = self.reserve_id(application_id)
        self.bot_user = simcord.backend.models.User(id=application_id, name=name, bot=True)
        self.users[application_id] = self.bot_user
        self.files = self.cdn = Files(application_id)
        self.transcript = cast("list[Any]", deque[Any](maxlen=KEPT))
        self.http_requests = cast("list[Any]", deque[Any](maxlen=KEPT))
        self.watchers: list[Watcher] = []
        self.boosts: dict[int, int] = {}  # guild -> tier
        self.age_restricted: set[int] = set()  # channels
        self.locales: dict[int, str] = {}  # user -> language
        self.fresh: tuple[int, Any] | None = None  # the message just created, and the nonce that its sender gave
        self.nonce: Any = None

    def next_id(self, value: int) -> None:
        """Give this id to whatever is created next."""
        self._next_ids.append(self.reserve_id(value))

    def snowflake(self) -> int:
        """Return the id reserved for what is created now, or a fresh one."""
        return self._next_ids.pop() if self._next_ids else super().snowflake()

    def store_attachments(self, channel_id: int, attachments: Sequence[tuple[str, bytes]]) -> list[Payload]:
        """Keep the files of a person's message."""
        with self.files.of_messages():
            return super().store_attachments(channel_id, attachments)

    def commit_message(self, message: Message, *, broadcast: bool = True) -> Message:
        """Publish a new message and tell the watchers."""
        self.fresh = (message.id, self.nonce)
        stored = super().commit_message(message, broadcast=broadcast)
        self.tell(stored)
        return stored

    def edit_message(self, channel_id: int, message_id: int, fields: Payload) -> Message:
        """Change a message and tell the watchers."""
        message = super().edit_message(channel_id, message_id, fields)
        self.tell(message)
        return message

    def delete_message(self, channel_id: int, message_id: int) -> None:
        """Remove a message and tell the watchers."""
        super().delete_message(channel_id, message_id)
        self.tell()

    def upload_limit(self, guild_id: int | None) -> int:
        """Return how large a file may be there, in bytes."""
        return UPLOAD_LIMITS[self.boosts.get(guild_id or 0, 0)]

    def tell(self, message: Message | None = None) -> None:
        """Let every watcher look again."""
        for watch in tuple(self.watchers):
            watch(message)

    def new_interaction(
        self,
        type: int,  # noqa: A002  # SimCord's name
        channel_id: int,
        user_id: int,
        guild_id: int | None,
    ) -> Interaction:
        """Begin an interaction whose token looks like Discord's."""
        record = super().new_interaction(type, channel_id, user_id, guild_id)
        del self.interaction_tokens[record.token]
        secret = f"interaction:{record.id}:{secrets.token_urlsafe(64)}"
        record.token = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
        self.interaction_tokens[record.token] = record.id
        return record

    def interaction_by_token(self, token: str) -> Interaction:
        """Find the interaction of a token that has not expired; 50027 after 15 minutes."""
        record = self.interactions.get(self.interaction_tokens.get(token, 0))
        if record is not None and record.expires_at is not None and self.now_iso() >= record.expires_at:
            raise BackendError(401, 50027, "Invalid Webhook Token")
        return super().interaction_by_token(token)

    def forget(self, older_than: float) -> None:
        """Drop messages, interactions and files older than so many seconds, as a long run must."""
        before = int((self.clock.now().timestamp() - older_than) * 1000 - EPOCH_MS) << 22
        for messages in self.messages.values():
            for key in [key for key in messages if key < before]:
                del messages[key]
        for key in [key for key in self.interactions if key < before]:
            del self.interaction_tokens[self.interactions.pop(key).token]
        kept = {*self.users, *self.guilds, *self.channels, self.application_id}
        self._reserved_ids = {key for key in self._reserved_ids if key >= before or key in kept}
        self._sequences = {key: n for key, n in self._sequences.items() if key >= before >> 22}
        self.files.forget(before)


class LiveEnv(simcord.Env):
    """SimCord's Env whose bot is elsewhere: people act at once, and an action ends when the bot has acknowledged it."""

    backend: LiveBackend

    def __init__(self, application_id: int, name: str) -> None:
        super().__init__(discord.Client(intents=discord.Intents(guilds=True)), check_errors=False)
        self.backend = LiveBackend(application_id, name)
        self.acknowledged_after: deque[float] = deque(maxlen=100_000)
        self.clock = GrantedTime()
        self._unanswered: dict[int, Unanswered] = {}

    async def start(self) -> None:
        """Come to life without a bot in this process."""
        self._loop, self._started = asyncio.get_running_loop(), True
        self._generation = 1  # the page refuses every action of generation 0
        self._message_states.add(self.bot._connection)

    async def shutdown(self) -> None:
        """Close the page."""
        await self._run_pre_shutdown()

    def _begin_operation(self, label: str) -> None:
        # The guard keeps SimCord's own bot deterministic; here only the page still needs it.
        if label.startswith("preview.") or self._operation_task is asyncio.current_task():
            super()._begin_operation(label)

    def _end_operation(self) -> None:
        if self._operation_task is asyncio.current_task():
            super()._end_operation()

    def _notify_dispatch_observers(self, interaction: Interaction) -> None:
        super()._notify_dispatch_observers(interaction)
        acting.set(interaction.id)
        self._unanswered[interaction.id] = Unanswered(self.clock)

    async def _settle_internal(self, *, dispatch: str | None = None, **_: Any) -> None:
        if dispatch != "INTERACTION_CREATE":
            return
        try:
            # After that a person sees "The application did not respond"; `acknowledged` stays false.
            await self._unanswered[acting.get()].wait()
        finally:
            del self._unanswered[acting.get()]

    def sent(self, interaction_id: int) -> None:
        """Let the bot's three seconds begin, if it is not a replay of what is over."""
        if interaction_id in self._unanswered:
            self._unanswered[interaction_id].told()

    def acknowledge(self, interaction_id: int, arrived: float) -> None:
        """End the action that caused this interaction; `arrived` is when the bot's answer reached us."""
        action = self._unanswered.get(interaction_id)
        took = action.end(arrived) if action is not None else None
        if took is not None:
            self.acknowledged_after.append(took)


class Subscription:
    """Events as one client's intents let it see them."""

    def __init__(self, backend: LiveBackend, intents: int, deliver: Callable[[str, Payload], None]) -> None:
        class Parsers(dict[str, Any]):
            """Stands where SimCord looks for discord.py's parser of an event."""

            def __missing__(self, event: str) -> Callable[[Payload], None]:
                return lambda payload: deliver(event, payload)

            def get(self, key: str, default: Any = None) -> Any:
                return self[key]

        shown = SimpleNamespace(intents=discord.Intents._from_value(intents), parsers=Parsers())
        self._gateway = FakeGateway(backend, shown)
        self._requests = FakeWebSocket(backend, self._gateway)

    def feed(self, event: str, payload: Mapping[str, Any]) -> None:
        """Deliver an event if the client asked for its kind."""
        self._gateway.feed(event, payload)

    async def request_members(self, request: Payload) -> None:
        """Answer op 8."""
        wanted = {key: request.get(key) for key in ("query", "user_ids", "presences", "nonce")}
        await self._requests.request_chunks(
            int(request["guild_id"]), limit=request.get("limit") or 0, **cast("Any", wanted)
        )
