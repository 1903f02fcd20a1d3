"""What the command line does with the application: run it, register its commands, copy what it keeps."""

import asyncio
import logging
import shutil
import signal
import sys
from pathlib import Path

from bot.app import application
from bot.discord_client.client import AtelierClient
from bot.discord_client.connection import FAILURES, Connection, final, told
from bot.errors import AtelierError
from bot.files.data_folder import DATABASE, make_private, prepare, refuse_unusable
from bot.files.lock import Held, sole_owner
from bot.files.places import FOLDERS
from bot.settings import Settings
from bot.store.database import copy
from bot.store.soundness import is_blank
from bot.tuning import tune

logger = logging.getLogger(__name__)

UNFINISHED = shutil.ignore_patterns("*.incoming", "*.part", "*.raw")  # gone in a moment, and of no use


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    tune()
    with sole_owner(settings.data_dir) as held:
        prepare(settings.data_dir)
        async with application(settings) as client:
            return await stay(client, settings.discord_token, held, settings.data_dir)


async def stay(client: AtelierClient, token: str, held: Held, data: Path) -> int:
    """Stay connected until the system asks to stop; what cannot go on ends in one clear line."""
    stopping = asyncio.create_task(asked_to_stop(), name="stopping")
    losing = asyncio.create_task(held.lost(), name="losing")
    staying = asyncio.create_task(Connection(client).stay(token), name="connection")
    await asyncio.wait((stopping, losing, staying), return_when=asyncio.FIRST_COMPLETED)
    is_lost = losing.done()
    if is_lost:  # what is in it may be another process's
        logger.critical(
            "%s is not the folder any more that this bot began with. Start it again to go on with the new one.", data
        )
    if client.is_connected:
        await client.close()  # meanwhile, whoever gives a command is told
    for task in (stopping, losing, staying):
        task.cancel()
    (ended,) = await asyncio.gather(staying, return_exceptions=True)
    if isinstance(ended, AtelierError):
        logger.critical("%s", ended)
        return 1
    if isinstance(ended, Exception):
        raise ended
    return int(is_lost)


async def asked_to_stop() -> None:
    """Return when the system or Ctrl-C asks for it."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()


async def sync(settings: Settings) -> int:
    """Register the commands where they changed, without running anything else; returns the exit status."""
    with sole_owner(settings.data_dir):
        prepare(settings.data_dir)
        async with application(settings, working=False) as client:
            try:
                await client.login(settings.discord_token)
            except FAILURES as error:
                why = final(error) or f"Discord cannot be reached ({told(error)}). Try again."
                raise AtelierError(why) from error
            if not client.registration.done:
                raise AtelierError("The commands could not be registered now. Try again.")
    return 0


def backup(settings: Settings, folder: Path) -> int:
    """Copy everything the bot keeps into a new folder, while it may be running; returns the exit status."""
    if folder.exists():
        raise AtelierError(f"{folder} exists already. Name a folder that does not.")
    refuse_unusable(settings.data_dir)
    if is_blank(settings.data_dir / DATABASE):
        raise AtelierError(
            f"There is nothing in {settings.data_dir} to copy. Set ATELIER_DATA_DIR to where the bot's is."
        )
    folder.mkdir(parents=True)
    copy(settings.data_dir / DATABASE, folder / DATABASE)
    for name in FOLDERS:
        if (settings.data_dir / name).exists():
            shutil.copytree(settings.data_dir / name, folder / name, ignore=UNFINISHED)
    make_private(folder)  # a copied file is as open as what it is a copy of
    logger.info("everything is in %s; to restore it, stop the bot and put its contents into the data directory", folder)
    return 0
