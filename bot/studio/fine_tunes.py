"""What members do with fine-tunes: find, show, rename, share, delete."""

import re
from collections.abc import Sequence

from bot.domain import access, catalog
from bot.domain.entities import Actor, FineTune, Version
from bot.domain.prompts import check_name
from bot.errors import UserError
from bot.studio.context import Context
from bot.studio.requests import Card, Choice

CHOICES = 25  # that Discord shows in an autocomplete
CHOICE = re.compile(r"ft:(\d{1,18})(?::(\d{1,9}))?", re.ASCII)


class FineTunes:
    """Every method sees only what this actor may use in this guild; anything else is "not found"."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store.fine_tunes

    async def list(self, actor: Actor) -> Sequence[Card]:
        """List what this member may paint with, their own first."""
        return [await self._card(actor, fine_tune) for fine_tune in await self._store.usable(actor)]

    async def show(self, actor: Actor, ref: str) -> Card:
        """Show one fine-tune."""
        return await self._card(actor, (await self.find(actor, ref))[0])

    async def suggest(self, actor: Actor, typed: str, *, own: bool = False, bases: bool = False) -> Sequence[Choice]:
        """Offer fine-tunes, and with `bases` the plain models too, that match what has been typed so far."""
        found: list[Choice] = []
        for fine_tune in await self._store.usable(actor):
            mine = access.owns(actor, fine_tune)
            if mine or not own:
                whose = "yours" if mine else "shared"
                label = f"{fine_tune.name} · {fine_tune.trigger_word} · {whose}"
                found.append(Choice(label=label, value=f"ft:{fine_tune.id}"))
                found += await self._old_versions(fine_tune) if bases else []
        if bases:
            plain = [
                row for row in catalog.MODELS.values() if catalog.paints_alone(row) and self._context.prices.offers(row)
            ]
            found += [Choice(label=f"{row.title} · without a fine-tune", value=row.key) for row in plain]
        wanted = typed.strip().lower()
        return [choice for choice in found if wanted in choice.label.lower()][:CHOICES]

    async def find(self, actor: Actor, ref: str, *, own: bool = False) -> tuple[FineTune, int | None]:
        """Find a fine-tune, and the version asked for, by a choice's value or by a name as typed; raises UserError."""
        usable = [f for f in await self._store.usable(actor) if access.may_use(actor, f)]
        wanted, version = _parse(ref)
        for fine_tune in usable:
            if wanted in (fine_tune.id, fine_tune.name) and (not own or access.owns(actor, fine_tune)):
                return fine_tune, version
        raise UserError(
            f"There is no fine-tune `{ref[:40]}` {'of yours' if own else 'that you may use'} here. "
            "Pick one from the list that appears while you type, or see /models list."
        )

    async def version(self, fine_tune: FineTune, number: int | None) -> Version:
        """Choose the version that paints: the one asked for, the default, or the newest; raises UserError."""
        versions = await self._store.versions(fine_tune.id)
        if not versions:
            raise UserError(
                f"**{fine_tune.name}** has no finished training yet. Watch it in /jobs, or run /train again."
            )
        wanted = number or fine_tune.default_version or versions[-1].number
        for version in versions:
            if version.number == wanted:
                return version
        raise UserError(f"**{fine_tune.name}** has no version {wanted}; it has 1 to {versions[-1].number}.")

    async def rename(self, actor: Actor, ref: str, new_name: str) -> FineTune:
        """Give a fine-tune of one's own another name."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        return await self._store.update(fine_tune, name=check_name(new_name))

    async def share(self, actor: Actor, ref: str) -> FineTune:
        """Let the whole guild paint with a fine-tune of one's own."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        return await self._store.update(fine_tune, shared=True)

    async def unshare(self, actor: Actor, ref: str) -> FineTune:
        """Take a fine-tune of one's own back from the guild."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        return await self._store.update(fine_tune, shared=False)

    async def set_default(self, actor: Actor, ref: str, version: int | None) -> FineTune:
        """Choose the version that paints when none is asked for; None is the newest."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        if version is not None:
            await self.version(fine_tune, version)
        return await self._store.update(fine_tune, default_version=version)

    async def delete(self, actor: Actor, ref: str) -> FineTune:
        """Delete a fine-tune of one's own here and at Replicate; pictures made with it stay."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        if not await self._store.hide(fine_tune.id, self._context.now()):
            raise UserError(f"**{fine_tune.name}** is being trained. Cancel the training with /jobs first.")
        await self._context.engine.start("forget", str(fine_tune.id))
        return fine_tune

    async def _card(self, actor: Actor, fine_tune: FineTune) -> Card:
        trainings = await self._context.store.trainings.of_fine_tune(fine_tune.id)
        return Card(
            fine_tune=fine_tune,
            versions=await self._store.versions(fine_tune.id),
            generations=await self._context.store.generations.count(fine_tune.id),
            mine=access.owns(actor, fine_tune),
            training=next(iter(trainings), None),
        )

    async def _old_versions(self, fine_tune: FineTune) -> Sequence[Choice]:
        versions = await self._store.versions(fine_tune.id)
        return [
            Choice(label=f"{fine_tune.name} · version {v.number}", value=f"ft:{fine_tune.id}:{v.number}")
            for v in reversed(versions)
            if len(versions) > 1
        ]


def _parse(ref: str) -> tuple[int | str, int | None]:
    """Read `ft:7`, `ft:7:2`, or a name."""
    if chosen := CHOICE.fullmatch(ref.strip()):
        return int(chosen[1]), int(chosen[2]) if chosen[2] else None
    return ref.strip().lower(), None
