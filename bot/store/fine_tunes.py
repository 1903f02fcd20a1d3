"""The tables of fine-tunes and their versions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlite_utils

from bot.domain.entities import Actor, FineTune, Training, Version
from bot.errors import NameTaken
from bot.store.database import Database
from bot.store.jobs import OPEN
from bot.store.queries import change, one, rows, run
from bot.store.rows import encoded, from_row, to_row

MINE = "guild_id = :guild AND owner_id = :user AND deleted_at IS NULL"
USABLE = "guild_id = :guild AND (owner_id = :user OR shared) AND deleted_at IS NULL"


class FineTunes:
    """Fine-tunes, found only by who may see them or write their trigger words."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usable(self, actor: Actor) -> Sequence[FineTune]:
        """List what somebody may paint with in this guild: their own first, then what others share, by name."""
        sql = f"SELECT * FROM fine_tunes WHERE {USABLE} ORDER BY owner_id != :user, name"
        found = await self._database.read(lambda db: rows(db, sql, guild=actor.guild_id, user=actor.user_id))
        return [from_row(FineTune, row) for row in found]

    async def nameable(self, actor: Actor) -> Sequence[FineTune]:
        """List what a prompt of somebody's may name in this guild: what they may use, and what others have finished.

        Of the latter, nobody is told more than whose it is.
        """
        finished = "EXISTS (SELECT 1 FROM versions WHERE fine_tune_id = fine_tunes.id)"
        sql = (
            "SELECT * FROM fine_tunes WHERE guild_id = :guild AND deleted_at IS NULL "
            f"AND (owner_id = :user OR shared OR {finished}) ORDER BY owner_id != :user, name"
        )
        found = await self._database.read(lambda db: rows(db, sql, guild=actor.guild_id, user=actor.user_id))
        return [from_row(FineTune, row) for row in found]

    async def by_id(self, fine_tune_id: int) -> FineTune | None:
        """Find a fine-tune for work already begun, deleted or not; members' wishes go through `usable`."""
        sql = "SELECT * FROM fine_tunes WHERE id = :it"
        row = await self._database.read(lambda db: one(db, sql, it=fine_tune_id))
        return from_row(FineTune, row) if row else None

    async def versions(self, fine_tune_id: int) -> Sequence[Version]:
        """List the versions of a fine-tune, oldest first."""
        sql = "SELECT * FROM versions WHERE fine_tune_id = :it ORDER BY number"
        found = await self._database.read(lambda db: rows(db, sql, it=fine_tune_id))
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
        sql = "SELECT * FROM fine_tunes WHERE lower(destination) = lower(:it)"
        return [from_row(FineTune, row) for row in await self._database.read(lambda db: rows(db, sql, it=destination))]

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
        sql = "UPDATE versions SET chosen_scale = :scale WHERE fine_tune_id = :it AND number = :number"
        values = {"it": version.fine_tune_id, "number": version.number, "scale": scale}
        await self._database.write(lambda db: run(db, sql, **values))

    async def mark_deleted(self, fine_tune_id: int, at: float) -> bool:
        """Take a fine-tune out of everyone's sight, before Replicate forgets it too; not while it is being trained."""

        def work(db: sqlite_utils.Database) -> bool:
            sql = f"SELECT 1 FROM trainings WHERE fine_tune_id = :it AND state IN {OPEN}"
            is_free = one(db, sql, it=fine_tune_id) is None
            if is_free:
                change(db, "fine_tunes", fine_tune_id, {"deleted_at": at})
            return is_free

        return await self._database.write(work)

    async def deleted(self) -> Sequence[int]:
        """List the ids of the fine-tunes that Replicate still has to forget."""
        sql = "SELECT id FROM fine_tunes WHERE deleted_at IS NOT NULL"
        return [row["id"] for row in await self._database.read(lambda db: rows(db, sql))]

    async def remove(self, fine_tune_id: int) -> None:
        """Forget a fine-tune and its versions for good."""

        def work(db: sqlite_utils.Database) -> None:
            trainings = "SELECT training_id FROM versions WHERE fine_tune_id = :it"
            run(db, f"DELETE FROM votes WHERE training_id IN ({trainings})", it=fine_tune_id)
            run(db, "DELETE FROM versions WHERE fine_tune_id = :it", it=fine_tune_id)
            run(db, "DELETE FROM fine_tunes WHERE id = :it", it=fine_tune_id)

        await self._database.write(work)

    async def add_version(self, training: Training, remote: str, at: float, *, weights: str = "") -> Version:
        """Keep the version that a training made, and its trigger word; the same training again gives the same one."""

        def work(db: sqlite_utils.Database) -> Version:
            known = one(db, "SELECT * FROM versions WHERE training_id = :it", it=training.id)
            if known is not None:
                return from_row(Version, known)
            fine_tune_id = training.fine_tune_id or 0
            last = one(db, "SELECT max(number) AS n FROM versions WHERE fine_tune_id = :it", it=fine_tune_id)
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
    sql = f"SELECT * FROM fine_tunes WHERE {MINE} AND name = :name"
    row = one(db, sql, guild=guild_id, user=owner_id, name=name)
    return from_row(FineTune, row) if row else None
