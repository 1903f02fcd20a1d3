"""Tells people what became of their jobs: where it can be said, and what if it cannot be said there."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Protocol, TypeVar

from bot.client import AtelierClient
from bot.domain.entities import Comparison, Enrichment, Generation, Progress, Training
from bot.flows.announcing import Compared, Delivery, Painted, Trained
from cogs.buttons import Button
from cogs.layouts import comparisons, enriching
from cogs.layouts import generation as generations
from cogs.layouts import training as trainings
from cogs.layouts.parts import Image, Post
from cogs.posting import CLOSED_CHANNEL, UNKNOWN_MESSAGE, Make, Oversized, Poster, Refused, Unreachable

log = logging.getLogger(__name__)

AVOIDED = 600.0  # seconds that a channel is left alone once it was closed to us: Discord bans who keeps knocking
SMALL = 6_000_000  # bytes of the pictures that Discord found too large, together: they pass everywhere
T = TypeVar("T")
Put = Callable[[Make], Awaitable[T]]


class Show(Protocol):
    """Builds a result from its pictures, for the channel or for a direct message."""

    def __call__(self, images: Sequence[Image], *, here: bool) -> Post: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is to be told of a job that is over."""

    job: Training | Generation | Comparison
    images: Sequence[Image]
    show: Show
    nonce: str
    markers: Sequence[str]
    """The words by which the message is found again: in one of its texts or in a button's id."""
    look_first: bool
    mention: int | None = None
    replaces: int | None = None
    """The message that shows the job's status and gives way to the result."""


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
            markers=(f"cancel:{training.id}",),
            look_first=look_first,
            delays=(),
        )
        self._doubtful.discard(training.id)

    def _status_of(self, training: Training) -> int | None:
        return self._statuses.get(training.id, training.message_id)

    async def training_over(self, outcome: Trained, *, look_first: bool) -> Delivery:
        """Close the status message and post the model card, mentioning its owner."""
        training = outcome.training
        await self._close_status(training)
        return await self._deliver(
            Result(
                job=training,
                images=trainings.sheet_of(outcome),
                show=partial(trainings.card, outcome),
                nonce=f"{training.id}r",
                markers=(trainings.marker(training),),
                mention=training.owner_id,
                look_first=look_first,
            )
        )

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

    async def generation_over(self, outcome: Painted, *, look_first: bool) -> Delivery:
        """Put the result into the generation's own message, or wherever it can be seen."""
        generation = outcome.generation
        return await self._deliver(
            Result(
                job=generation,
                replaces=generation.message_id,
                images=generations.images_of(outcome),
                show=partial(generations.result, outcome),
                nonce=generation.id,
                markers=(f"again:{generation.id}", generations.marker(generation)),
                look_first=look_first,
            )
        )

    async def comparison_over(self, outcome: Compared, *, look_first: bool) -> Delivery:
        """Post the sheet into the channel."""
        comparison = outcome.comparison
        return await self._deliver(
            Result(
                job=comparison,
                images=comparisons.sheet_of(outcome),
                show=partial(comparisons.result, outcome),
                nonce=comparison.id,
                markers=(comparisons.marker(comparison),),
                look_first=look_first,
            )
        )

    async def enrichment_over(self, enrichment: Enrichment) -> Delivery:
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
        await self._fitting(result.images, partial(result.show, here=True), edit)
        return Delivery("message", result.replaces)

    async def _into_its_channel(self, result: Result) -> Delivery | None:
        if self._avoids(result.job.channel_id):
            return None
        send = partial(
            self._poster.send,
            result.job.channel_id,
            nonce=result.nonce,
            markers=result.markers,
            mention=result.mention,
            look_first=result.look_first,
        )
        return Delivery("message", await self._fitting(result.images, partial(result.show, here=True), send))

    async def _to_its_owner(self, result: Result) -> Delivery:
        send = partial(
            self._poster.send_direct,
            result.job.owner_id,
            nonce=result.nonce,
            markers=result.markers,
            look_first=result.look_first,
        )
        return Delivery("direct message", await self._fitting(result.images, partial(result.show, here=False), send))

    async def _fitting(self, images: Sequence[Image], show: Callable[[Sequence[Image]], Post], put: Put[T]) -> T:
        """Put a result with its pictures, with smaller ones where Discord wants that, at last with none."""
        try:
            return await put(lambda: show(images))
        except Oversized:
            size = SMALL // max(1, len(images))
            smaller = [await asyncio.to_thread(self._smaller, image, size) for image in images]
        try:
            return await put(lambda: show(smaller))
        except Oversized:
            return await put(lambda: show(()))

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
    client.announcer = ChannelAnnouncer(client)
