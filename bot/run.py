"""What the command line does with the house: run it, register its commands, copy what it keeps."""

import asyncio
import logging
import shutil
import signal
import sys
from pathlib import Path

import discord

from bot.client import AtelierClient
from bot.errors import AtelierError
from bot.house import DATABASES, house
from bot.lock import sole_owner
from bot.settings import Settings
from bot.store.database import copy
from bot.tuning import tune

logger = logging.getLogger(__name__)

UNFINISHED = shutil.ignore_patterns("*.incoming", "*.part", "*.raw")  # gone in a moment, and of no use

CLOSED_FOR_GOOD = "Discord closed the connection for good (code %s). Run `python -m bot doctor`."


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    tune()
    with sole_owner(settings.data_dir):
        async with house(settings) as client:
            stop_on_signals(client)
            return await stay(client, settings.discord_token)


async def stay(client: AtelierClient, token: str) -> int:
    """Stay connected; what Discord will never accept ends in one clear line."""
    try:
        await client.start(token)
    except discord.LoginFailure:
        logger.critical("Discord does not accept DISCORD_TOKEN. Reset it in the developer portal and put it into .env.")
        return 1
    except discord.ConnectionClosed as error:
        logger.critical(CLOSED_FOR_GOOD, error.code)
        return 1
    except discord.PrivilegedIntentsRequired:  # what the library makes of code 4014 alone
        logger.critical(CLOSED_FOR_GOOD, 4014)
        return 1
    return 0


def stop_on_signals(client: AtelierClient) -> None:
    """Close in good order when the system or Ctrl-C asks for it."""
    loop = asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform != "win32":
            loop.add_signal_handler(number, lambda: closing.add(loop.create_task(client.close(), name="closing")))


async def sync(settings: Settings) -> int:
    """Register the commands where they changed, without running anything else; returns the exit status."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with house(settings, working=False) as client:
        await client.login(settings.discord_token)
    return 0


def backup(settings: Settings, folder: Path) -> int:
    """Copy everything the bot keeps into a new folder, while it may be running; returns the exit status."""
    if folder.exists():
        raise AtelierError(f"{folder} exists already. Name a folder that does not.")
    if not (settings.data_dir / DATABASES[0]).exists():
        raise AtelierError(
            f"There is nothing in {settings.data_dir} to copy. Set ATELIER_DATA_DIR to where the bot's is."
        )
    folder.mkdir(parents=True)
    for name in DATABASES:
        if (settings.data_dir / name).exists():
            copy(settings.data_dir / name, folder / name)
    for name in ("pictures", "sources", "datasets"):
        if (settings.data_dir / name).exists():
            shutil.copytree(settings.data_dir / name, folder / name, ignore=UNFINISHED)
    logger.info("everything is in %s; to restore it, stop the bot and put its contents into the data directory", folder)
    return 0
