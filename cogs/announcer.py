"""Tells people what became of their jobs: where it can be said, and what if it cannot be said there."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Any, TypeVar

from bot.discord_client.client import AtelierClient
from bot.domain.entities import Enrichment, Job, Progress, Training
from bot.flows.announcing import Delivery
from bot.views.outcomes import Enriched, Outcome, Trained
from cogs.buttons import Button
from cogs.layouts import enriching
from cogs.layouts import training as trainings
from cogs.layouts.parts import Image
from cogs.layouts.results import Layout, layout_of
from cogs.posting import CLOSED_CHANNEL, UNKNOWN_MESSAGE, Make, Oversized, Poster, Refused, Unreachable

log = logging.getLogger(__name__)

AVOIDED = 600.0  # seconds that a channel is left alone once it was closed to us: Discord bans who keeps knocking
SMALL = 6_000_000  # bytes of the pictures that Discord found too large, together: they pass everywhere
T = TypeVar("T")
Put = Callable[[Make], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Result:
    """What is to be told of a job that is over."""

    outcome: Outcome
    look_first: bool

    @property
    def job(self) -> Job:
        """Give the job that is over."""
        return self.outcome.job

    @property
    def layout(self) -> Layout:
        """Say how it is shown."""
        return layout_of(self.outcome)

    @property
    def nonce(self) -> str:
        """Give the word by which Discord drops a second one; the first word of a job is its status message's."""
        return f"{self.job.id}r" if self.layout.follows_status else self.job.id

    @property
    def replaces(self) -> int | None:
        """Give the message that shows the job's status and gives way to the result."""
        return self.job.message_id if self.layout.in_its_message else None

    def posting(self) -> dict[str, Any]:
        """Say how it is posted once."""
        return {"nonce": self.nonce, "older": self.layout.older(self.job), "look_first": self.look_first}

    async def put(self, put: Put[T], shrink: Callable[[Image, int], Image], *, here: bool) -> T:
        """Put it with its pictures, with smaller ones where Discord wants that, at last with none."""
        images = self.layout.images(self.outcome)
        show = partial(self.layout.show, self.outcome, here=here)
        try:
            return await put(lambda: show(images))
        except Oversized:
            size = SMALL // max(1, len(images))
            smaller = [await asyncio.to_thread(shrink, image, size) for image in images]
        try:
            return await put(lambda: show(smaller))
        except Oversized:
            return await put(lambda: show(()))


class ChannelAnnouncer:
    """Implements `bot.flows.announcing.Announcer` with messages by bot token, which no 15 minutes end."""

    def __init__(
        self,
        client: AtelierClient,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._shrink = client.shrink
        self._poster = Poster(client, sleep)
        self._now = now
        self._avoided: dict[int, float] = {}
        self._statuses: dict[str, int] = {}
        """Status messages by training, also those that their training does not know of yet."""
        self._doubtful: set[str] = set()
        """Trainings whose status message may have been posted without our hearing of it."""

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        """Post or edit the status message; what Discord does not take now is left to the next call."""
        make = partial(trainings.status, training, progress, self._now())
        try:
            if not self._avoids(training.channel_id):
                await self._show_status(training, make, look_first=look_first)
        except Refused as refusal:
            self._note(training.channel_id, refusal)
        except Unreachable:
            log.info("training %s: its progress is not shown this time", training.id)
        return self._status_of(training)

    async def _show_status(self, training: Training, make: Make, *, look_first: bool) -> None:
        known = self._status_of(training)
        if known is not None:
            try:
                await self._poster.edit(training.channel_id, known, make, delays=())
            except Refused as refusal:
                if refusal.code != UNKNOWN_MESSAGE:
                    raise
            else:
                return
        look_first = look_first or training.id in self._doubtful
        self._doubtful.add(training.id)
        self._statuses[training.id] = await self._poster.send(
            training.channel_id,
            make,
            nonce=training.id,
            older=(f"cancel:{training.id}",),
            look_first=look_first,
            delays=(),
        )
        self._doubtful.discard(training.id)

    def _status_of(self, training: Training) -> int | None:
        return self._statuses.get(training.id, training.message_id)

    async def over(self, outcome: Outcome, *, look_first: bool) -> Delivery:
        """Put a result where it can be seen, and close the status message that has one of its own."""
        if isinstance(outcome, Enriched):
            return await self._answer(outcome.enrichment)
        if isinstance(outcome, Trained):
            await self._close_status(outcome.training)
        return await self._deliver(Result(outcome, look_first))

    async def _close_status(self, training: Training) -> None:
        status = self._status_of(training)
        self._statuses.pop(training.id, None)
        self._doubtful.discard(training.id)
        if status is None or self._avoids(training.channel_id):
            return
        try:
            await self._poster.edit(training.channel_id, status, partial(trainings.closed, training), delays=(1.0,))
        except (Refused, Unreachable) as error:
            log.info("training %s: its status message stays as it is: %r", training.id, error)

    async def _answer(self, enrichment: Enrichment) -> Delivery:
        """Show the new prompt in the answer to /enrich, which nobody else sees and no bot token reaches."""
        if enrichment.message_id is None:
            return Delivery("kept")
        make = partial(enriching.proposal, enrichment)
        try:
            is_shown = await self._poster.answer(enrichment.message_id, make, delays=(1.0, 2.0, 5.0))
        except (Refused, Unreachable) as error:
            log.info("enrichment %s: its owner has to press Show: %r", enrichment.id, error)
            is_shown = False
        return Delivery("message" if is_shown else "kept")

    async def _deliver(self, result: Result) -> Delivery:
        """Try the places where a result can be told, the best one first: three tries at most."""
        for place in (self._into_its_message, self._into_its_channel, self._to_its_owner):
            try:
                delivery = await place(result)
            except Refused as refusal:
                self._note(result.job.channel_id, refusal)
            except Unreachable:
                break
            else:
                if delivery:
                    return delivery
        log.warning("job %s: its result could not be told to anybody; /jobs shows it", result.job.id)
        return Delivery("kept")

    async def _into_its_message(self, result: Result) -> Delivery | None:
        if result.replaces is None or self._avoids(result.job.channel_id):
            return None
        edit = partial(self._poster.edit, result.job.channel_id, result.replaces)
        await result.put(edit, self._smaller, here=True)
        return Delivery("message", result.replaces)

    async def _into_its_channel(self, result: Result) -> Delivery | None:
        job = result.job
        if self._avoids(job.channel_id):
            return None
        mention = job.owner_id if result.layout.follows_status else None
        send = partial(self._poster.send, job.channel_id, mention=mention, **result.posting())
        return Delivery("message", await result.put(send, self._smaller, here=True))

    async def _to_its_owner(self, result: Result) -> Delivery:
        send = partial(self._poster.send_direct, result.job.owner_id, **result.posting())
        return Delivery("direct message", await result.put(send, self._smaller, here=False))

    def _smaller(self, image: Image, size: int) -> Image:
        name = PurePath(image.name).with_suffix(".jpg").name
        return replace(image, name=name, smaller=self._shrink(image.path, size))

    def _avoids(self, channel_id: int) -> bool:
        return self._avoided.get(channel_id, 0.0) > self._now()

    def _note(self, channel_id: int, refusal: Refused) -> None:
        """Remember a channel that is closed to us."""
        log.warning("channel %s did not take a message: %s", channel_id, refusal)
        if refusal.code in CLOSED_CHANNEL:
            self._avoided[channel_id] = self._now() + AVOIDED


async def setup(client: AtelierClient) -> None:
    """Give the client its announcer, and the buttons below what is announced."""
    client.add_dynamic_items(Button)
    client.shared.announcer = ChannelAnnouncer(client)
