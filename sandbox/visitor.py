"""What people do with the bot, a line each, and what they must then see; knows the bot's buttons, not its code."""

import io
from collections.abc import Callable
from typing import Any, TypeVar

from PIL import Image

from sandbox.discord import Channel, Person
from sandbox.discord.people import File
from sandbox.discord.seen import Answer, Message
from sandbox.world import World

T = TypeVar("T")
PATIENCE = 300.0  # seconds; a training at the sandbox's own pace takes 20, and longer where the machine is busy


class NotSeenError(Exception):
    """Somebody did not see what they should have; the text is the whole sentence."""


def expect(seen: object, sentence: str) -> None:
    """Raise NotSeenError with the sentence unless it was seen."""
    if not seen:
        raise NotSeenError(sentence)


class Visitor:
    """A person in a channel who waits for what they asked for; NotSeenError says what did not come."""

    def __init__(self, world: World, person: Person, channel: Channel, *, within: float = PATIENCE) -> None:
        self.person, self.channel = person, channel
        self._world, self._within = world, within

    async def runs(self, command: str, **options: Any) -> Message:
        """Run a command and return its answer once the bot is done thinking."""
        return await self.settled(await self.person.slash(self.channel, command, **options), f"/{command}")

    async def presses(self, message: Message, label: str) -> Message:
        """Press a button and return the message that answers, which is another one."""
        answer = await self.person.click(message, label)
        return await self.settled(answer, f"[{label}]", ignored=message.id)

    async def changes(self, message: Message, label: str, text: str) -> Message:
        """Press a button that changes its own message, and return it once it says this text."""
        answer = await self.person.click(message, label)

        def changed() -> Message | None:
            if answer.followups:
                raise NotSeenError(f"{self.person.name} pressed [{label}] and was told: {answer.followups[0]!r}")
            return message if text in message.text else None

        return await self.until(changed, f'"{text}" after [{label}]')

    async def hands_in(self, archive: File, name: str, word: str, **options: Any) -> Message:
        """Hand in a zip and return the report, or whatever came in its place."""
        told = await self.runs("train zip", zip=archive, name=name, trigger_word=word, **options)
        return await self.until(lambda: None if "in line" in told.text else told, "a report")

    async def starts(self, report: Message) -> Message:
        """Start the training of a report and return its status message in the channel."""
        older = self.person.messages(self.channel)[-1]
        await self.changes(report, "Start", "Started")
        return await self.sees("a status message", lambda m: "### Training" in m.text, after=older)

    async def is_told(self, status: Message) -> Message:
        """Return the message that tells how a training ended, once it is there."""
        return await self.sees("how the training ended", lambda m: self.person.id in m.pinged, after=status)

    async def trains(self, archive: File, name: str, word: str, **options: Any) -> Message:
        """Go all the way from a zip to the message that tells how its training ended."""
        return await self.is_told(await self.starts(await self.hands_in(archive, name, word, **options)))

    async def imagines(self, prompt: str, **options: Any) -> Message:
        """Ask for pictures and return their message once it is over with them."""
        return await self.gets(await self.person.slash(self.channel, "imagine", prompt=prompt, **options))

    async def gets(self, answer: Answer) -> Message:
        """Return the message of a generation once it is over, or the refusal; `answer` is to a command or a button."""

        def over() -> Message | None:
            return next((m for m in _shown(answer) if _is_over(m) or (m.ephemeral and not m.loading)), None)

        return await self.until(over, "the end of a generation")

    async def sees(self, what: str, predicate: Callable[[Message], object], *, after: Message | None = None) -> Message:
        """Return the first message that this person sees and the predicate accepts."""
        try:
            return await self.person.wait_for(predicate, self._within, after=after)
        except TimeoutError:
            raise self._missed(what) from None

    async def until(self, condition: Callable[[], T | None], what: str) -> T:
        """Return the first true value of the condition, looked at whenever the world changes."""
        try:
            return await self._world.discord.wait_until(condition, self._within)
        except TimeoutError:
            raise self._missed(what) from None

    async def settled(self, answer: Answer, what: str = "a form", ignored: int | None = None) -> Message:
        """Return the message that answers an action once it is more than a promise."""

        def settled() -> Message | None:
            return next((m for m in _shown(answer) if not m.loading and m.id != ignored), None)

        return await self.until(settled, f"an answer to {what}")

    def _missed(self, what: str) -> NotSeenError:
        last = self.person.messages(self.channel)[-1:]
        shown = f"the last message says: {last[0].text!r}" if last else "the channel is empty"
        return NotSeenError(f"{self.person.name} did not see {what} within {self._within:.0f} s; {shown}")


def check_pictures(message: Message, count: int) -> list[tuple[int, int]]:
    """Return the sizes of a message's pictures, which must be so many, whole, described and all different."""
    found = message.pictures
    expect(len(found) == count, f"There were {len(found)} pictures instead of {count} in: {message.text!r}")
    expect(len({file.data for file in found}) == count, f"Some of the pictures are the same in: {message.text!r}")
    expect(all(file.alt for file in found), f"A picture without a description is in: {message.text!r}")
    sizes: list[tuple[int, int]] = []
    for file in found:
        try:
            with Image.open(io.BytesIO(file.data)) as picture:
                picture.load()
                sizes.append(picture.size)
        except OSError as error:
            raise NotSeenError(f"The picture {file.name} cannot be opened ({error}) in: {message.text!r}") from error
    return sizes


def check_text(message: Message, *texts: str) -> None:
    """Expect a message to say all of this."""
    for text in texts:
        expect(text.casefold() in message.text.casefold(), f"{text!r} is not in: {message.text!r}")


def check_buttons(message: Message, *labels: str) -> None:
    """Expect a message to have these buttons, ready to be pressed."""
    ready = [button.label for button in message.buttons if not button.disabled]
    for label in labels:
        expect(label in ready, f"There is no button {label!r}, only {ready}, in: {message.text!r}")


def _shown(answer: Answer) -> list[Message]:
    """List the messages that answer, the latest first."""
    return [m for m in (*reversed(answer.followups), answer.response) if isinstance(m, Message)]


def _is_over(message: Message) -> bool:
    return any(button.label in {"Again", "Delete"} for button in message.buttons)
