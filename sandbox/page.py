"""`python -m sandbox`: a world, the real bot in it, and a page in the browser, until Ctrl-C."""

import argparse
import asyncio
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.bot_process import BotExitedError, BotProcess
from sandbox.discord.page import Page, PortInUseError, open_page
from sandbox.world import World

WRITER = "meta/meta-llama-3-8b-instruct"
WELCOME = (
    "Welcome to the sandbox. Type `/` to see what the bot can do: `/train zip` takes a zip of photos (the page's file"
    " picker takes 10 MiB a file), `/imagine` paints. *Viewing as* at the top makes you alice (who leads the team),"
    " bob or carol. What takes 20 minutes at Replicate takes 20 seconds here, and the pictures come from a small,"
    " honest stand-in for FLUX: it learns colours and shapes, no faces."
)
READY = """\
The sandbox is open. In a browser, go to

  {address}

1. Type /train zip, attach a zip with some photos, give it a name and a trigger word, and press Start.
2. When the sample sheet is there (about 20 s), type /imagine with the trigger word in the prompt.
3. Choose bob under "Viewing as" to see what another member sees.

Nobody here is real and nothing costs money. The pictures are painted by a stand-in for FLUX, small and honest.
Everything is kept in {data}; the bot's log is {log}. Ctrl-C ends it all.
"""
BY_HAND = """\
The sandbox is open, without a bot. The page is

  {address}

Start the bot with these variables:

{variables}
"""


def main(arguments: Sequence[str]) -> int:
    """Run the page command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Try the bot without any account.")
    parser.add_argument("--port", type=int, default=8765, help="of the page (default: 8765)")
    parser.add_argument("--data", type=Path, default=Path(".sandbox"), help="what is kept (default: .sandbox)")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs left")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast Replicate's time runs (default: 1)")
    parser.add_argument("--no-bot", action="store_true", help="start no bot, say how to start one")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_until_interrupted(options))
    except PortInUseError:
        return _sorry(
            f"Port {options.port} is in use by another program. Choose another one: python -m sandbox --port N"
        )
    except BotExitedError as error:
        return _sorry(str(error))
    return 0


async def _until_interrupted(options: argparse.Namespace) -> None:
    """Run the sandbox; the first SIGINT or SIGTERM ends it in order: bot, page, world."""
    running = asyncio.create_task(_run(options))
    loop = asyncio.get_running_loop()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        await running
    except asyncio.CancelledError:
        if not interrupted:
            raise
    print("\nThe sandbox is closed.")


async def _run(options: argparse.Namespace) -> None:
    if options.fresh:
        _forget(options.data)
    async with World(options.data, speed=options.speed) as world:
        people = (world.alice, world.bob, world.carol)
        async with open_page(world.discord, world.channel, people, port=options.port) as page:
            await world.say(WELCOME)
            bot = world.bot(ATELIER_ENRICH_MODEL=WRITER)
            if options.no_bot:
                variables = "\n".join(f"export {name}='{value}'" for name, value in bot.settings.items())
                print(BY_HAND.format(address=page.address, variables=variables), flush=True)
                await page.closed()
            else:
                await _with_bot(bot, page, options.data)


async def _with_bot(bot: BotProcess, page: Page, data: Path) -> None:
    """Keep the bot running until the page is closed; a bot that ends by itself is an error."""
    try:
        await bot.start()
        print(READY.format(address=page.address, data=data, log=bot.log_file), flush=True)
        ended, closed = asyncio.ensure_future(bot.wait()), asyncio.ensure_future(page.closed())
        await asyncio.wait((ended, closed), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise BotExitedError(f"The bot exited with {ended.result()}. The end of its log:\n{bot.log_tail()}")
    finally:
        if bot.pid is not None:
            await bot.stop()


def _forget(data: Path) -> None:
    for name in ("bot", "replicate"):
        shutil.rmtree(data / name, ignore_errors=True)
    (data / "discord-commands.json").unlink(missing_ok=True)


def _sorry(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
