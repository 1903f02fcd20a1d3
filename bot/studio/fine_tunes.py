"""What members do with fine-tunes: find, show, rename, share, delete."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.domain import access, catalog
from bot.domain.entities import Actor, FineTune, Version
from bot.domain.loras import RemoteModel, remote_model
from bot.domain.prompts import NAME, check_name
from bot.domain.trigger_words import check_trigger_word
from bot.errors import NameTaken, RemoteError, UserError
from bot.flows.services import Services
from bot.studio.readiness import account, told
from bot.studio.requests import AdoptRequest
from bot.studio.trigger_words import TriggerWords
from bot.views.fine_tunes import Card, Choice, Visibility

MADE_HERE = "atelier-"  # what the names begin with of the models that are made for trainings
NOT_FOUND = 404
CHOICES = 25  # that Discord shows in an autocomplete
CHOICE = re.compile(r"ft:(\d{1,18})(?::(\d{1,9}))?", re.ASCII)


class FineTunes:
    """Every method sees only what this actor may use in this guild; anything else is "not found"."""

    def __init__(self, services: Services, words: TriggerWords) -> None:
        self._services = services
        self._words = words
        self._store = services.store.fine_tunes

    async def list(self, actor: Actor) -> Sequence[Card]:
        """List what this member may paint with, their own first."""
        usable = await self._store.usable(actor)
        await self._words.by_name([one for one in usable if one.shared])  # one search for all cards
        return [await self._card(actor, fine_tune) for fine_tune in usable]

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
                model
                for model in catalog.MODELS.values()
                if catalog.paints_alone(model) and self._services.prices.offers(model)
            ]
            found += [Choice(label=f"{model.title} · without a fine-tune", value=model.key) for model in plain]
        wanted = typed.strip().lower()
        return [choice for choice in found if wanted in choice.label.lower()][:CHOICES]

    async def find(self, actor: Actor, ref: str, *, own: bool = False) -> tuple[FineTune, int | None]:
        """Find a fine-tune, and the version asked for, by a choice's value or by a name as typed; raises UserError."""
        usable = [f for f in await self._store.usable(actor) if access.may_use(actor, f)]
        wanted, version = _parse(ref)
        for fine_tune in usable:
            if wanted in (fine_tune.id, fine_tune.name) and (not own or access.owns(actor, fine_tune)):
                return fine_tune, version
        whose = "of yours" if own else "that you may use"
        if isinstance(wanted, str) and NAME.fullmatch(wanted):
            raise UserError(
                f"There is no fine-tune `{wanted}` {whose} here. "
                "Pick one from the list that appears while you type, or see /models list."
            )
        # A number of ours says nothing to anybody, and what is no name may be an address with a key.
        raise UserError(
            f"There is no fine-tune {whose} here by that choice: it was deleted, or is not shared with you. "
            "Ask its owner for `/models share`, or see /models list."
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
        raise UserError(f"**{fine_tune.name}** has no version {wanted}. Its newest is {versions[-1].number}.")

    async def rename(self, actor: Actor, ref: str, new_name: str) -> FineTune:
        """Give a fine-tune of one's own another name."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        try:
            return await self._store.update(fine_tune, name=check_name(new_name))
        except NameTaken as error:
            raise taken(error) from error

    async def share(self, actor: Actor, ref: str) -> Card:
        """Let the whole guild paint with a fine-tune of one's own."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        return await self._card(actor, await self._store.update(fine_tune, shared=True))

    async def unshare(self, actor: Actor, ref: str) -> FineTune:
        """Take a fine-tune of one's own back from the guild."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        return await self._store.update(fine_tune, shared=False)

    async def publish(self, actor: Actor, ref: str) -> Visibility:
        """Note that everybody at Replicate may see a fine-tune of one's own, and look who does."""
        return await self._reveal(actor, ref, public=True)

    async def unpublish(self, actor: Actor, ref: str) -> Visibility:
        """Note that nobody but this server may see a fine-tune of one's own, and look who does at Replicate."""
        return await self._reveal(actor, ref, public=False)

    async def set_default(self, actor: Actor, ref: str, version: int | None, lora_scale: float | None = None) -> Card:
        """Choose the version that paints when none is asked for, None is the newest, and its LoRA scale.

        With a scale and without a version, the one that paints already gets the scale.
        """
        fine_tune, _ = await self.find(actor, ref, own=True)
        if version is not None or lora_scale is not None:
            chosen = await self.version(fine_tune, version)
            if lora_scale is not None:
                model = catalog.FINE_TUNE_DEV.narrowed(chosen.takes)
                await self._store.choose_scale(chosen, float(model.choose({"lora_scale": lora_scale})["lora_scale"]))
        if version is not None or lora_scale is None:
            fine_tune = await self._store.update(fine_tune, default_version=version)
        return await self._card(actor, fine_tune)

    async def delete(self, actor: Actor, ref: str) -> FineTune:
        """Delete a fine-tune of one's own here and at Replicate; pictures made with it stay."""
        fine_tune, _ = await self.find(actor, ref, own=True)
        if not await self._store.mark_deleted(fine_tune.id, self._services.now()):
            raise UserError(f"**{fine_tune.name}** is being trained. Cancel the training with /jobs first.")
        self._services.engine.start("forget", str(fine_tune.id))
        return fine_tune

    async def adopt(self, actor: Actor, request: AdoptRequest) -> Card:
        """Make a LoRA that was trained elsewhere on Replicate a fine-tune of this member's; raises UserError."""
        model = remote_model(request.model)
        if model is None:
            raise UserError(
                "A model is given as `owner/name` or `owner/name:version`. Copy it from its page on Replicate."
            )
        name, trigger_word = check_name(request.name), check_trigger_word(request.trigger_word)
        await self._words.check(actor, name, trigger_word, settled=True)
        unknown = UserError(
            f"Replicate shows this bot no model `{request.model.strip()[:150]}`. "
            "Check owner, name and version; a model of another account must be public."
        )
        if await self._is_kept_from(actor, model):
            raise unknown
        remote = self._services.remote
        try:
            version = model.version or await remote.newest_version(model.name)
            takes = await remote.input_fields(model.name, version)
        except RemoteError as error:
            raise unknown if getattr(error, "status", None) == NOT_FOUND else told(error) from error
        if not catalog.is_lora(takes):
            raise UserError(f"`{model.name}` is no fine-tune of FLUX: it takes no lora_scale. Choose another model.")
        now = self._services.now()
        fine_tune = FineTune(
            id=0,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            name=name,
            trigger_word=trigger_word,
            kind=request.kind,
            destination=model.name,
            adopted=True,
            created_at=now,
        )
        first = Version(
            fine_tune_id=0, number=1, remote=f"{model.name}:{version}", training_id=None, takes=takes, created_at=now
        )
        rivals = await self._words.rivals(actor, name, trigger_word)
        try:
            adopted = await self._store.adopt(fine_tune, first)
        except NameTaken as error:
            raise taken(error) from error
        return replace(await self._card(actor, adopted), rivals=rivals)

    async def _is_kept_from(self, actor: Actor, model: RemoteModel) -> bool:
        """Tell whether a model on our own account, all of which the bot can read, is or was somebody else's."""
        owner = await account(self._services)
        if model.owner.lower() != owner.lower():
            return False
        made_here = model.name.partition("/")[2].lower().startswith(MADE_HERE)
        return made_here or not all(actor.user_id == other.owner_id for other in await self._store.at(model.name))

    async def _reveal(self, actor: Actor, ref: str, *, public: bool) -> Visibility:
        fine_tune, _ = await self.find(actor, ref, own=True)
        if fine_tune.adopted:
            raise UserError(f"**{fine_tune.name}** was trained elsewhere: who may see it is decided there.")
        fine_tune = await self._store.update(fine_tune, public=public)
        try:
            now = await self._services.remote.visibility(fine_tune.destination)
        except RemoteError:
            now = ""
        return Visibility(fine_tune=fine_tune, now=now)

    async def _card(self, actor: Actor, fine_tune: FineTune) -> Card:
        trainings = await self._services.store.trainings.of_fine_tune(fine_tune.id)
        return Card(
            fine_tune=fine_tune,
            versions=await self._store.versions(fine_tune.id),
            generations=await self._services.store.generations.count(fine_tune.id),
            mine=access.owns(actor, fine_tune),
            training=next(iter(trainings), None),
            by_name=fine_tune.shared and fine_tune.id in await self._words.by_name([fine_tune]),
        )

    async def _old_versions(self, fine_tune: FineTune) -> Sequence[Choice]:
        versions = await self._store.versions(fine_tune.id)
        return [
            Choice(label=f"{fine_tune.name} · version {v.number}", value=f"ft:{fine_tune.id}:{v.number}")
            for v in reversed(versions)
            if len(versions) > 1
        ]


def taken(error: NameTaken) -> UserError:
    """Say that a name is in use."""
    return UserError(f"You already have a fine-tune called **{error.name}**. Choose another name.")


def _parse(ref: str) -> tuple[int | str, int | None]:
    """Read `ft:7`, `ft:7:2`, or a name."""
    if chosen := CHOICE.fullmatch(ref.strip()):
        return int(chosen[1]), int(chosen[2]) if chosen[2] else None
    return ref.strip().lower(), None
