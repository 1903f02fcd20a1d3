"""What the command line does with the house: run it, register its commands, copy what it keeps."""

import asyncio
import logging
import shutil
import signal
import sys
from pathlib import Path

import discord

from bot.client import AtelierClient
from bot.data_folder import DATABASES, FOLDERS, make_private, prepare, refuse_remains
from bot.errors import AtelierError
from bot.house import house
from bot.lock import Held, sole_owner
from bot.settings import Settings
from bot.store.database import copy
from bot.store.soundness import is_blank
from bot.tuning import tune

logger = logging.getLogger(__name__)

UNFINISHED = shutil.ignore_patterns("*.incoming", "*.part", "*.raw")  # gone in a moment, and of no use

CLOSED_FOR_GOOD = "Discord closed the connection for good (code %s). Run `python -m bot doctor`."


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    tune()
    with sole_owner(settings.data_dir) as held:
        prepare(settings.data_dir)
        async with house(settings) as client:
            stop_on_signals(client)
            losing = asyncio.create_task(leave_when_lost(client, held, settings.data_dir), name="losing")
            status = await stay(client, settings.discord_token)
            return 1 if losing.done() else status


async def leave_when_lost(client: AtelierClient, held: Held, data: Path) -> None:
    """Stop as soon as another folder stands in the place of ours: what is in it may be another process's."""
    await held.lost()
    logger.critical(
        "%s is not the folder any more that this bot began with. Start it again to go on with the new one.", data
    )
    await client.close()


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
    with sole_owner(settings.data_dir):
        prepare(settings.data_dir)
        async with house(settings, working=False) as client:
            await client.login(settings.discord_token)
    return 0


def backup(settings: Settings, folder: Path) -> int:
    """Copy everything the bot keeps into a new folder, while it may be running; returns the exit status."""
    if folder.exists():
        raise AtelierError(f"{folder} exists already. Name a folder that does not.")
    refuse_remains(settings.data_dir)
    if is_blank(settings.data_dir / DATABASES[0]):
        raise AtelierError(
            f"There is nothing in {settings.data_dir} to copy. Set ATELIER_DATA_DIR to where the bot's is."
        )
    folder.mkdir(parents=True)
    for name in DATABASES:
        if (settings.data_dir / name).exists():
            copy(settings.data_dir / name, folder / name)
    for name in FOLDERS:
        if (settings.data_dir / name).exists():
            shutil.copytree(settings.data_dir / name, folder / name, ignore=UNFINISHED)
    make_private(folder)  # a copied file is as open as what it is a copy of
    logger.info("everything is in %s; to restore it, stop the bot and put its contents into the data directory", folder)
    return 0
