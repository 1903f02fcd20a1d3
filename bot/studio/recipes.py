"""What all that makes pictures has in common: recipes found, repeated, priced, accepted; what is in them is open."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot.domain import access, catalog, trigger_words
from bot.domain.addresses import is_incomplete
from bot.domain.catalog import Field
from bot.domain.entities import Actor, FineTune, Generation, Recipe, Version
from bot.domain.loras import incomplete
from bot.domain.notices import Notice
from bot.domain.prompting.advice import advice_for
from bot.errors import UserError
from bot.flows.services import Services
from bot.store import Request
from bot.studio.admission import Admission
from bot.studio.fine_tunes import FineTunes
from bot.studio.requests import ImagineRequest, Origin, Withheld
from bot.studio.sources import Sources
from bot.studio.trigger_words import TriggerWords

SEEDS = 2**31
PAINTED = "This has been painted already, or is being painted. See how far it is with /jobs."
GONE = "This picture is no longer available. Run /imagine for a new one."


class Recipes:
    """Prices generations and has them accepted."""

    def __init__(
        self, services: Services, fine_tunes: FineTunes, words: TriggerWords, sources: Sources, admission: Admission
    ) -> None:
        self._services = services
        self._fine_tunes = fine_tunes
        self._words = words
        self._sources = sources
        self._admission = admission

    async def find(self, actor: Actor, generation_id: str) -> Generation:
        """Find a generation that was shown to this member; raises UserError."""
        found = await self._services.store.generations.find(generation_id)
        if found is None or not access.may_see(actor, found):
            raise UserError(GONE)
        return found

    async def repeat(
        self,
        actor: Actor,
        job_id: str,
        source: Generation,
        recipe: Recipe,
        pictures: Mapping[Field, Sequence[Origin]] | None = None,
    ) -> Generation:
        """Accept a recipe made after another generation's, by the same fine-tune and version; raises UserError.

        It begins with the same pictures unless others are given. Raises Withheld where other words name what others do
        not share, and the first ones did not.
        """
        make = partial(self._like, actor, job_id, source, recipe, pictures)
        named = await self._words.named(actor, recipe.prompt)
        before = source.recipe.prompt
        unshared = [one for one in named.unshared if not trigger_words.has_trigger(before, one.words)]
        if unshared:
            raise Withheld(job_id, ImagineRequest(prompt=recipe.prompt), unshared, make)
        beside = [one for one in named.loaded if one.id not in (source.fine_tune_id, recipe.second_id)]
        new = [one for one in beside if not trigger_words.has_trigger(before, one.trigger_word)]
        wish = await make()
        return await self.accept(actor, replace(wish, note=(*_unloaded(new), *wish.note)))

    async def _like(
        self,
        actor: Actor,
        job_id: str,
        source: Generation,
        recipe: Recipe,
        pictures: Mapping[Field, Sequence[Origin]] | None,
    ) -> Generation:
        refuse_incomplete(recipe)  # before pictures are kept for it
        ids = (recipe.second_id, source.fine_tune_id)
        second, fine_tune = [(await self._fine_tunes.find(actor, f"ft:{it}"))[0] if it else None for it in ids]
        recipe = replace(recipe, prompt=triggered(recipe.prompt, second, fine_tune))
        version = await self._fine_tunes.version(fine_tune, source.version) if fine_tune else None
        if pictures:
            sources = await self._sources.keep(actor, job_id, pictures)
        else:
            sources = await self._sources.copy(job_id, recipe.sources)
        return self.price(actor, job_id, replace(recipe, sources=sources), fine_tune, version)

    def price(
        self,
        actor: Actor,
        job_id: str,
        recipe: Recipe,
        fine_tune: FineTune | None = None,
        version: Version | None = None,
        *,
        note: Sequence[Notice] = (),
    ) -> Generation:
        """Say what a recipe will cost; nothing is accepted. Raises UserError for one that is not kept whole."""
        refuse_incomplete(recipe)
        recipe = replace(recipe, fine_tune=fine_tune.name if fine_tune else "")
        return Generation(
            id=job_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            message_id=actor.message_id,
            fine_tune_id=fine_tune.id if fine_tune else None,
            note=(*note, *advice_for(recipe)),
            estimate=self._services.prices.estimate(recipe),
            basis=self._services.prices.basis(recipe),
            is_guess=self._services.prices.of(recipe.model).is_guess,
            created_at=self._services.now(),
            recipe=recipe,
            version=version.number if version else None,
        )

    async def accept(self, actor: Actor, wish: Generation, *, once: bool = False) -> Generation:
        """Have one generation accepted; the same one again changes nothing or, with `once`, raises UserError."""
        accepted = await self._admission.accept(Request(actor=actor, jobs=[wish]))
        if once and not accepted.is_new:
            raise UserError(PAINTED)
        return accepted.jobs[0]

    def seed(self, wanted: int | None = None) -> int:
        """Check a seed, or throw the dice for one."""
        return self._services.dice.randrange(1, SEEDS) if wanted is None else int(catalog.SEED.check(wanted))


def _unloaded(fine_tunes: Sequence[FineTune]) -> Sequence[Notice]:
    """Say of fine-tunes that other words name for a picture, which keeps what painted it, how they are loaded."""
    return [Notice.of("not-loaded", word=one.trigger_word, name=one.name) for one in fine_tunes[:1]]


def refuse_incomplete(recipe: Recipe) -> None:
    """Raise UserError where a secret was left out of an address, as it is once a run is over."""
    for value in recipe.settings.values():
        if is_incomplete(value):
            raise UserError(incomplete(str(value)))


def triggered(prompt: str, *fine_tunes: FineTune | None) -> str:
    """Put the trigger words into a prompt that lacks them; the last comes first."""
    for fine_tune in filter(None, fine_tunes):
        prompt = trigger_words.with_trigger(prompt, fine_tune.trigger_word)
    return prompt
