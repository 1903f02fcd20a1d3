"""Has Discord know the commands, in one place: in every server, or in one; asks for as little as it can."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.errors import AtelierError

log = logging.getLogger(__name__)

EVERYWHERE = "everywhere"
AGAIN, TOMORROW = 60.0, 3600.0  # seconds until the next try; longer where 200 creations a day were too many
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
TOO_MANY_CREATIONS, NO_ACCESS = 30034, 50001
"""Discord's codes: of a 400, and of the server of ATELIER_GUILD_ID where the bot is not."""


class StrangeAnswerError(AtelierError):
    """Discord answered something else than a list of commands."""


class Registration:
    """The commands of a client as Discord has them.

    Discord counts creations (200 a day and guild), so what it was last told, and where, is remembered in a file.
    """

    def __init__(self, client: commands.Bot, memory: Path, guild: discord.abc.Snowflake | None) -> None:
        self._client = client
        self._memory = memory
        self._guild = guild
        self.done = False
        self.again = AGAIN
        """Seconds until it is worth another try."""

    async def try_once(self) -> bool:
        """Register the commands where they changed; tells whether Discord knows them all.

        Raises AtelierError where it refuses them. What it knows goes on working, and nothing waits for the rest.
        """
        self.again = AGAIN
        try:
            await self.sync()
        except discord.HTTPException as error:
            self._note(error)
        except (discord.RateLimited, aiohttp.ClientError, OSError, StrangeAnswerError, json.JSONDecodeError) as error:
            log.warning("the commands are not registered yet: %s", type(error).__name__)
        else:
            self.done = True
        return self.done

    def _note(self, error: discord.HTTPException) -> None:
        if error.code == TOO_MANY_CREATIONS:
            self.again = TOMORROW
            log.warning("the commands are not registered yet: Discord takes 200 new ones a day, and no more today")
        elif error.status >= SERVER_ERROR or error.status == TOO_MANY_REQUESTS:
            log.warning("the commands are not registered yet: Discord answered %s", error.status)
        elif error.code == NO_ACCESS and self._guild:
            raise AtelierError(
                f"The bot is not in the server {self._guild.id} of ATELIER_GUILD_ID (403, code {NO_ACCESS}). Invite it "
                "there, with the address that `python -m bot doctor` gives, or correct ATELIER_GUILD_ID."
            ) from error
        else:
            raise AtelierError(
                f"Discord does not register the commands ({error.status}, code {error.code}). "
                "Run `python -m bot doctor`, and try the newest version of Atelier."
            ) from error

    async def sync(self) -> bool:
        """Register the commands unless Discord has them just so; returns whether it was asked to."""
        tree, place = self._client.tree, str(self._guild.id) if self._guild else EVERYWHERE
        ours = sorted((one.to_dict(tree) for one in tree.get_commands(guild=self._guild)), key=_name)
        told = json.dumps([self._client.application_id, self._guild and self._guild.id, ours], sort_keys=True)
        digest = hashlib.sha256(told.encode()).hexdigest()
        known, last = self._remembered()
        if known == digest and await self._names(place) == [_name(one) for one in ours]:
            return False
        await self._put(place, ours)
        if last != place:
            await self._clear(last or EVERYWHERE, unless=place)
        self._memory.write_text(f"{digest} {place}")
        log.info("registered %s commands", len(ours))
        return True

    async def _clear(self, last: str, *, unless: str) -> None:
        """Take the commands from where they stood before, or each would stand twice in one server."""
        for place in {last, EVERYWHERE} - {unless}:
            try:
                if await self._names(place):
                    await self._put(place, [])
            except (discord.Forbidden, discord.NotFound):
                log.info("the commands of server %s could not be taken away: the bot is there no longer", place)

    async def _names(self, place: str) -> list[str]:
        application, http = self._client.application_id or 0, self._client.http
        if place == EVERYWHERE:
            return _names(await http.get_global_commands(application))
        return _names(await http.get_guild_commands(application, int(place)))

    async def _put(self, place: str, payload: list[dict[str, Any]]) -> None:
        application, http = self._client.application_id or 0, self._client.http
        if place == EVERYWHERE:
            answer: Any = await http.bulk_upsert_global_commands(application, payload)
        else:
            answer = await http.bulk_upsert_guild_commands(application, int(place), payload)
        if _names(answer) != sorted(map(_name, payload)):
            raise StrangeAnswerError("Discord did not answer with the commands that it was told")

    def _remembered(self) -> tuple[str, str]:
        """Read the digest of what was told last, and where; older versions noted the digest alone."""
        try:
            digest, _, place = self._memory.read_text("ascii").strip().partition(" ")
        except (FileNotFoundError, UnicodeDecodeError):
            return "", ""
        return digest, place if place == EVERYWHERE or place.isdecimal() else ""


def _names(answer: Any) -> list[str]:
    """Read the names of commands, sorted; raises StrangeAnswerError for what is no list of them."""
    try:
        return sorted(str(_name(one)) for one in answer)
    except (TypeError, KeyError) as error:
        raise StrangeAnswerError("Discord did not answer with a list of commands") from error


def _name(command: dict[str, Any]) -> str:
    return command["name"]
