"""The tables of fine-tunes and their versions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlite_utils

from bot.domain.entities import Actor, FineTune, Training, Version
from bot.errors import NameTaken
from bot.store.database import Database
from bot.store.jobs import OPEN
from bot.store.queries import Queries, change, one, rows, run
from bot.store.rows import encoded, from_row, to_row

SQL = Queries("fine_tunes")
TRAINED = Queries("jobs").of_fine_tune.format(table="trainings", open=OPEN)


class FineTunes:
    """Fine-tunes, found only by who may see them or write their trigger words."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usable(self, actor: Actor) -> Sequence[FineTune]:
        """List what somebody may paint with in this guild: their own first, then what others share, by name."""
        found = await self._database.read(lambda db: rows(db, SQL.usable, guild=actor.guild_id, user=actor.user_id))
        return [from_row(FineTune, row) for row in found]

    async def nameable(self, actor: Actor) -> Sequence[FineTune]:
        """List what a prompt of somebody's may name in this guild: what they may use, and what others have finished.

        Of the latter, nobody is told more than whose it is.
        """
        found = await self._database.read(lambda db: rows(db, SQL.nameable, guild=actor.guild_id, user=actor.user_id))
        return [from_row(FineTune, row) for row in found]

    async def by_id(self, fine_tune_id: int) -> FineTune | None:
        """Find a fine-tune for work already begun, deleted or not; members' wishes go through `usable`."""
        row = await self._database.read(lambda db: one(db, SQL.find, it=fine_tune_id))
        return from_row(FineTune, row) if row else None

    async def versions(self, fine_tune_id: int) -> Sequence[Version]:
        """List the versions of a fine-tune, oldest first."""
        found = await self._database.read(lambda db: rows(db, SQL.versions, it=fine_tune_id))
        return [from_row(Version, row) for row in found]

    async def update(self, fine_tune: FineTune, **changes: Any) -> FineTune:
        """Change some fields of a fine-tune; raises NameTaken."""

        def work(db: sqlite_utils.Database) -> FineTune:
            name = str(changes.get("name", fine_tune.name))
            namesake = find_named(db, fine_tune.guild_id, fine_tune.owner_id, name)
            if namesake is not None and namesake.id != fine_tune.id:
                raise NameTaken(name)
            change(db, "fine_tunes", fine_tune.id, encoded(changes))
            return replace(fine_tune, **changes)

        return await self._database.write(work)

    async def at(self, destination: str) -> Sequence[FineTune]:
        """List whose fine-tune a model on Replicate is, in all guilds, deleted ones that it still has included."""
        found = await self._database.read(lambda db: rows(db, SQL.at, it=destination))
        return [from_row(FineTune, row) for row in found]

    async def adopt(self, fine_tune: FineTune, version: Version) -> FineTune:
        """Keep what was trained elsewhere, with its one version; raises NameTaken."""

        def work(db: sqlite_utils.Database) -> FineTune:
            if find_named(db, fine_tune.guild_id, fine_tune.owner_id, fine_tune.name):
                raise NameTaken(fine_tune.name)
            kept = replace(fine_tune, id=add(db, fine_tune))
            db.table("versions").insert(to_row(replace(version, fine_tune_id=kept.id)))
            return kept

        return await self._database.write(work)

    async def choose_scale(self, version: Version, scale: float) -> None:
        """Set the LoRA scale of a version by hand."""
        values = {"it": version.fine_tune_id, "number": version.number, "scale": scale}
        await self._database.write(lambda db: run(db, SQL.choose_scale, **values))

    async def mark_deleted(self, fine_tune_id: int, at: float) -> bool:
        """Take a fine-tune out of everyone's sight, before Replicate forgets it too; not while it is being trained."""

        def work(db: sqlite_utils.Database) -> bool:
            is_free = not is_trained(db, fine_tune_id)
            if is_free:
                change(db, "fine_tunes", fine_tune_id, {"deleted_at": at})
            return is_free

        return await self._database.write(work)

    async def deleted(self) -> Sequence[int]:
        """List the ids of the fine-tunes that Replicate still has to forget."""
        return [row["id"] for row in await self._database.read(lambda db: rows(db, SQL.deleted))]

    async def remove(self, fine_tune_id: int) -> None:
        """Forget a fine-tune and its versions for good."""

        def work(db: sqlite_utils.Database) -> None:
            for query in (SQL.remove_votes, SQL.remove_versions, SQL.remove):
                run(db, query, it=fine_tune_id)

        await self._database.write(work)

    async def add_version(self, training: Training, remote: str, at: float, *, weights: str = "") -> Version:
        """Keep the version that a training made, and its trigger word; the same training again gives the same one."""

        def work(db: sqlite_utils.Database) -> Version:
            known = one(db, SQL.version_of, it=training.id)
            if known is not None:
                return from_row(Version, known)
            fine_tune_id = training.fine_tune_id or 0
            last = one(db, SQL.last_number, it=fine_tune_id)
            number = (last["n"] if last and last["n"] else 0) + 1
            version = Version(
                fine_tune_id=fine_tune_id,
                number=number,
                remote=remote,
                training_id=training.id,
                weights=weights,
                created_at=at,
            )
            db.table("versions").insert(to_row(version))
            word = {"trigger_word": training.plan.trigger_word, "kind": training.plan.kind}
            change(db, "fine_tunes", fine_tune_id, encoded(word))
            return version

        return await self._database.write(work)


def add(db: sqlite_utils.Database, fine_tune: FineTune) -> int:
    """Keep a new fine-tune, within a transaction; returns its id."""
    row = {name: value for name, value in to_row(fine_tune).items() if name != "id"}
    return int(db.table("fine_tunes").insert(row).last_pk or 0)


def find_named(db: sqlite_utils.Database, guild_id: int, owner_id: int, name: str) -> FineTune | None:
    """Find somebody's own fine-tune by name, within a transaction."""
    row = one(db, SQL.named, guild=guild_id, user=owner_id, name=name)
    return from_row(FineTune, row) if row else None


def is_trained(db: sqlite_utils.Database, fine_tune_id: int) -> bool:
    """Tell whether a training of a fine-tune is not over, within a transaction."""
    return one(db, TRAINED, it=fine_tune_id) is not None
