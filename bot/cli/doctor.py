"""`python -m bot doctor`: looks at all that the bot depends on and says, line by line, what is wrong and what to do."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryFile

import aiohttp
import discord

from bot.domain import catalog
from bot.errors import AtelierError, RemoteError, RemoteRefused
from bot.files.data_folder import DATABASE, refuse_unusable
from bot.logs import inert
from bot.replicate_api import Replicate
from bot.settings import Settings
from bot.store.database import refuse_newer_file

ROOM = 5 << 30  # bytes; about 3,000 pictures
INVITE = "https://discord.com/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions=117760"
"""View Channels, Send Messages, Embed Links, Attach Files and Read Message History, as one number."""


async def examine(settings: Settings) -> int:
    """Print what was found; returns 0 if all is well, otherwise 1."""
    healthy = True
    async for well, line in _findings(settings):
        healthy &= well
        print(f"{'ok  ' if well else 'FIX '} {inert(line)}")  # noqa: T201 - this is what the command is for
    return 0 if healthy else 1


async def _findings(settings: Settings) -> AsyncIterator[tuple[bool, str]]:
    yield _disk(settings)
    yield _database(settings.data_dir)
    remote = Replicate(settings.replicate_api_token, base_url=settings.replicate_base_url, proxy=settings.proxy)
    try:
        yield await _account(remote)
        yield await _trainer(remote, settings.trainer)
        for notice in _copies(settings):
            yield True, notice
        if settings.enrich_model:
            yield await _language_model(remote, settings.enrich_model)
    finally:
        await remote.close()
    async for finding in _discord(settings):
        yield finding


def _disk(settings: Settings) -> tuple[bool, str]:
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        TemporaryFile(dir=settings.data_dir).close()
    except OSError as error:
        return False, (
            f"data in {settings.data_dir.absolute()} cannot be used ({error.strerror}): set ATELIER_DATA_DIR to a "
            "folder that this user may write to."
        )
    free = shutil.disk_usage(settings.data_dir).free
    line = f"data in {settings.data_dir.absolute()}, {free >> 30} GiB free"
    return free >= ROOM, line if free >= ROOM else f"{line}: make room, or set ATELIER_DATA_DIR to a larger disk."


def _database(data: Path) -> tuple[bool, str]:
    """Look at the database as a start would, while the bot may be running."""
    path = data / DATABASE
    try:
        refuse_unusable(data)
        refuse_newer_file(path)
    except (AtelierError, OSError) as error:
        return False, str(error)
    return True, f"database {path}" if path.exists() else "no database yet: the first start makes it"


async def _account(remote: Replicate) -> tuple[bool, str]:
    try:
        return True, f"Replicate: models will belong to {await remote.account()}"
    except RemoteRefused:
        return False, "Replicate does not accept REPLICATE_API_TOKEN. Make a new one and put it into .env."
    except RemoteError as error:
        return False, f"{error}. Check the network, HTTPS_PROXY and REPLICATE_BASE_URL."


async def _trainer(remote: Replicate, trainer: str) -> tuple[bool, str]:
    name, _, version = trainer.partition(":")
    try:
        newest = await remote.newest_version(name)
    except RemoteError as error:
        return False, f"the trainer {name} cannot be looked up ({error}). Check ATELIER_TRAINER."
    known = (
        " (the one this release was tested with)"
        if (version or newest) == catalog.find_trainer(trainer).version
        else ""
    )
    return True, f"trainer {name}, version {(version or newest)[:8]}{known}"


def _copies(settings: Settings) -> Iterator[str]:
    if settings.hf_namespace:
        yield f"Hugging Face: every LoRA is copied to {settings.hf_namespace}, into a private repository"
    if settings.wandb_api_key:
        yield f"Weights & Biases: every training is recorded in the project {settings.wandb_project}"


async def _language_model(remote: Replicate, model: str) -> tuple[bool, str]:
    try:
        fields = await remote.input_fields(model)
    except RemoteError as error:
        return False, f"the language model {model} cannot be looked up ({error}). Check ATELIER_ENRICH_MODEL."
    takes = "prompt" in fields
    return takes, f"language model {model}" + (
        "" if takes else " takes no prompt: set ATELIER_ENRICH_MODEL to another."
    )


async def _discord(settings: Settings) -> AsyncIterator[tuple[bool, str]]:
    client = discord.Client(intents=discord.Intents(guilds=True), proxy=settings.proxy)
    try:
        await client.login(settings.discord_token)
        application = await client.application_info()
        yield True, f"Discord: logged in as {client.user}; no privileged intent is needed"
        guilds = [guild async for guild in client.fetch_guilds()]
        yield _membership(application.id, guilds, settings.guild_id)
    except discord.LoginFailure:
        yield False, "Discord does not accept DISCORD_TOKEN. Reset it in the developer portal and put it into .env."
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        yield False, f"Discord cannot be reached ({type(error).__name__}). Check the network and HTTPS_PROXY."
    finally:
        await client.close()


def _membership(application_id: int, guilds: list[discord.Guild], wanted: int | None) -> tuple[bool, str]:
    invite = INVITE.format(id=application_id)
    if not guilds:
        return False, f"the bot is in no server yet. Invite it: {invite}"
    if wanted and wanted not in [guild.id for guild in guilds]:
        return False, f"the bot is not in the server of ATELIER_GUILD_ID ({wanted}). Invite it: {invite}"
    return True, f"in {len(guilds)} server(s): {', '.join(guild.name for guild in guilds[:5])}"
