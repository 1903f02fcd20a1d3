"""`python -m sandbox tour`: a scripted person goes through the bot's whole job and checks what is to be seen."""

import argparse
import asyncio
import io
import re
import shutil
import sys
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sandbox.album import album
from sandbox.bot_process import BotExitedError, BotProcess
from sandbox.discord import Impossible, Message
from sandbox.discord.people import File
from sandbox.transcript import Transcript
from sandbox.visitor import NotSeenError, Visitor, check_buttons, check_pictures, check_text, expect
from sandbox.world import World

NAME, WORD = "tour-owl", "ZIKOWL"
LEAST_SIDE = 256  # pixels of the smaller side of a painted picture
WATCHED = 2.0  # the most speed at which a training lasts long enough to be watched: Discord allows few edits
PAINTED = ("Again", "Vary subtle", "Vary strong", "Edit prompt", "Upscale", "Use as start picture", "Delete")
RUNNING = re.compile(r"█.*step [\d,]+ of [\d,]+")
DOCUMENT = "This is no picture."

Seen = tuple[str, Sequence[Message]]  # what a step saw, in a sentence, and the messages that show it


class Tour:
    """The script: each step does something as a person, and looks at what that person sees."""

    def __init__(self, world: World, archive: File) -> None:
        self._world, self._archive = world, archive
        self._alice, self._bob, self._carol = (
            Visitor(world, person, world.channel) for person in (world.alice, world.bob, world.carol)
        )
        self._pace = world.replicate.clock.speed

    def steps(self) -> Sequence[Callable[[], Awaitable[Seen]]]:
        """List the steps in order; each leans on those before it."""
        return (
            self.report,
            self.start,
            self.progress,
            self.sample_sheet,
            self.imagine,
            self.again,
            self.larger,
            self.private,
            self.share,
            self.second_member,
            self.stranger,
            self.bad_zip,
            self.cancel,
        )

    async def report(self) -> Seen:
        """Hand in the zip and read the report."""
        self._report = report = await self._alice.hands_in(self._archive, NAME, WORD)
        check_text(report, NAME, WORD, "$", "I have the consent", "to train on")
        check_buttons(report, "Start", "Cancel")
        check_pictures(report, 1)
        expect(not self._world.bob.sees(report), "bob can see the report, with photos that are alice's alone.")
        return f"alice hands in a zip and sees the report: {_heading(report)}", [report]

    async def start(self) -> Seen:
        """Press Start."""
        self._world.replicate.clock.speed = min(self._pace, WATCHED)
        self._status = await self._alice.starts(self._report)
        check_text(self._status, NAME)
        check_buttons(self._status, "Cancel")
        return "alice presses Start and sees the status message", [self._report, self._status]

    async def progress(self) -> Seen:
        """Watch the bar, which everybody can."""
        status = self._status
        bar = await self._alice.until(lambda: RUNNING.search(status.text), "a bar with the steps of the training")
        expect(self._world.bob.sees(status), "bob does not see the status message.")
        self._world.replicate.clock.speed = self._pace
        return f"alice sees the progress: {bar[0].split(' ', 1)[1]}", [status]

    async def sample_sheet(self) -> Seen:
        """Be told that the fine-tune is ready, with a sheet of samples."""
        card = await self._alice.is_told(self._status)
        check_text(card, "is ready", NAME, WORD, "$")
        check_buttons(card, "Try it")
        [size] = check_pictures(card, 1)
        expect(min(size) >= LEAST_SIDE, f"The sample sheet is too small: {size}.")
        expect(card.pinged == {self._world.alice.id}, "The message notifies others than alice.")
        check_text(self._status, "is ready")
        return f"alice sees the sample sheet: {size[0]} x {size[1]} pixels", [self._status, card]

    async def imagine(self) -> Seen:
        """Paint with nothing but the trigger word."""
        self._picture = picture = await self._alice.imagines(f"a photo of {WORD} on the moon", count=2)
        _check_painted(picture, 2, NAME, f"{WORD} on the moon", "seed", "$")
        return "alice writes the trigger word in a prompt and sees 2 pictures", [picture]

    async def again(self) -> Seen:
        """Press Again."""
        alice = self._alice
        again = await alice.gets(await self._world.alice.click(self._picture, "Again"))
        _check_painted(again, 2, NAME, f"{WORD} on the moon")
        expect(again.id != self._picture.id, "Again painted over the first pictures.")
        expect(
            not {file.data for file in again.pictures} & {file.data for file in self._picture.pictures},
            "Again painted the same pictures.",
        )
        return "alice presses Again and sees 2 other pictures", [again]

    async def larger(self) -> Seen:
        """Choose one of the two pictures and have it enlarged."""
        form = await self._world.alice.click(self._picture, "Upscale")
        larger = await self._alice.gets(await self._world.alice.submit_modal(form, {"picture": "2"}))
        check_text(larger, "2 × larger", "$")
        [size], [_, before] = check_pictures(larger, 1), check_pictures(self._picture, 2)
        expect(size == (before[0] * 2, before[1] * 2), f"{before} became {size} instead of twice as large.")
        return f"alice has the second one enlarged to {size[0]} x {size[1]} pixels", [larger]

    async def private(self) -> Seen:
        """See that nobody else can use what is not shared."""
        refusal = await self._bob.imagines("a portrait", model=NAME)
        _check_refused(refusal, NAME)
        return f"bob may not use it yet: {_sentence(refusal)}", [refusal]

    async def share(self) -> Seen:
        """Share the fine-tune."""
        shared = await self._alice.runs("models share", name=NAME)
        check_text(shared, NAME, "may now")
        return f"alice shares it: {_sentence(shared)}", [shared]

    async def second_member(self) -> Seen:
        """Let the second member find and use it."""
        offered = await self._world.bob.autocomplete(
            self._world.channel, "imagine", "model", "owl", prompt="a portrait"
        )
        choice = next((choice for choice in offered if NAME in choice["name"]), None)
        expect(choice, f"bob is not offered {NAME}, only {offered}.")
        picture = await self._bob.imagines("a portrait in oil", model=choice["value"] if choice else "")
        _check_painted(picture, 1, NAME, f"{WORD}, a portrait in oil", "Added the trigger word")
        return "bob picks it from the list, has its trigger word added and sees a picture", [picture]

    async def stranger(self) -> Seen:
        """Let a third member try to delete what is not hers."""
        refusal = await self._carol.presses(self._picture, "Delete")
        _check_refused(refusal, "Only the person")
        _check_painted(self._picture, 2)
        return f"carol may not delete alice's pictures: {_sentence(refusal)}", [refusal]

    async def bad_zip(self) -> Seen:
        """Hand in a zip that nobody can train on."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("../../notes.txt", DOCUMENT)
        refusal = await self._carol.hands_in(("notes.zip", packed.getvalue()), "notes", "ZIKNOTES")
        _check_refused(refusal)
        return f"carol's zip without pictures is refused: {_sentence(refusal)}", [refusal]

    async def cancel(self) -> Seen:
        """Cancel a second training while it runs."""
        self._world.replicate.clock.speed = min(self._pace, WATCHED)
        report = await self._alice.hands_in(("second.zip", album()), "tour-second", "ZIKTWO")
        status = await self._alice.starts(report)
        await self._alice.until(lambda: RUNNING.search(status.text), "a bar with the steps of the second training")
        answer = await self._alice.presses(status, "Cancel")
        check_text(answer, "being cancelled")
        told = await self._alice.is_told(status)
        self._world.replicate.clock.speed = self._pace
        check_text(told, "tour-second", "was cancelled")
        check_text(status, "was cancelled")
        expect(not told.pictures, "There are samples of a training that was cancelled.")
        return "alice cancels a second training", [answer, status, told]


def main(arguments: Sequence[str]) -> int:
    """Run the tour and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox tour", description="Let a scripted person try the bot.")
    parser.add_argument("--zip", type=Path, help="photos to train on (default: a drawn owl)")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the pictures and transcript.json")
    parser.add_argument("--speed", type=float, default=4.0, help="how fast Replicate's time runs (default: 4)")
    parser.add_argument("--keep", action="store_true", help="keep the bot's data and log in OUT/world")
    options = parser.parse_args(arguments)
    try:
        archive = (options.zip.name, options.zip.read_bytes()) if options.zip else ("owl.zip", album())
    except OSError as error:
        print(f"The zip cannot be read: {error}.", file=sys.stderr)
        return 1
    not_seen = asyncio.run(_tour(archive, options))
    if not_seen:
        print(f"Not seen: {not_seen}", file=sys.stderr)
        return 1
    print(f"All of it was seen; the pictures and transcript.json are in {options.out}.")
    return 0


async def _tour(archive: File, options: argparse.Namespace) -> str | None:
    """Play the script in a world of its own; return what was not seen."""
    folder = options.out / "world"
    shutil.rmtree(folder, ignore_errors=True)
    transcript = Transcript(options.out)
    async with World(folder, speed=options.speed) as world:
        people = world.alice, world.bob, world.carol
        bot = world.bot()
        not_seen: str | None = None
        try:
            await _play(Tour(world, archive), bot, transcript, world)
        except (NotSeenError, BotExitedError, Impossible, LookupError) as error:
            not_seen = str(error)
        finally:
            if bot.pid is not None:
                await bot.kill()
        everything = {message.id: message for person in people for message in person.messages(world.channel)}
        transcript.close([message for _, message in sorted(everything.items())], people, not_seen)
    if not options.keep and not_seen is None:
        shutil.rmtree(folder)
    return not_seen


async def _play(tour: Tour, bot: BotProcess, transcript: Transcript, world: World) -> None:
    people = world.alice, world.bob, world.carol
    await bot.start()
    transcript.step("the bot is there, with its commands", [], people)
    for step in tour.steps():
        sentence, messages = await step()
        transcript.step(sentence, messages, people)
    code = await bot.stop()
    expect(code == 0, f"The bot did not end well when it was told to: exit code {code}.")
    transcript.step("the bot ends when it is told to", [], people)


def _check_painted(message: Message, count: int, *texts: str) -> None:
    check_text(message, *texts)
    check_buttons(message, *PAINTED)
    sizes = check_pictures(message, count)
    expect(min(min(size) for size in sizes) >= LEAST_SIDE, f"The pictures are too small: {sizes}.")


def _check_refused(message: Message, *texts: str) -> None:
    check_text(message, *texts)
    expect(message.ephemeral, f"A refusal was shown to everybody: {message.text!r}")
    expect(not message.pictures and not message.buttons, f"This was not refused: {message.text!r}")


def _heading(message: Message) -> str:
    return message.text.splitlines()[0].lstrip("# ")


def _sentence(message: Message) -> str:
    return " ".join(message.text.split())
