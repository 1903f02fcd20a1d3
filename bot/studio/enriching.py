"""What members do to get a better prompt: have it enriched, look at the old and the new, paint it."""

from dataclasses import replace

from bot.domain import access, prompts
from bot.domain.catalog import ENRICH
from bot.domain.entities import Actor, Enrichment, Generation, JobState
from bot.domain.prompting import enriching, presets
from bot.domain.prompting.permutations import permutations
from bot.errors import UserError
from bot.flows.services import Services
from bot.store import Request
from bot.studio.admission import Admission
from bot.studio.generations import Generations
from bot.studio.recipes import SEEDS
from bot.studio.requests import ImagineRequest
from bot.studio.trigger_words import TriggerWords

GONE = "This prompt is no longer here. Run /enrich again."


class Enriching:
    """Turns short prompts into prose: by the operator's language model, or by a preset for nothing."""

    def __init__(self, services: Services, generations: Generations, words: TriggerWords, admission: Admission) -> None:
        self._services = services
        self._words = words
        self._generations = generations
        self._admission = admission

    async def ask(self, actor: Actor, job_id: str, prompt: str, preset: str | None) -> Enrichment:
        """Accept an enrichment; one by a preset alone is done at once, any other runs once `run` is called."""
        prompt = prompts.check_prompt(prompt)
        if len(permutations(prompt)) > 1:
            raise UserError("One prompt at a time: enrich it without choices in braces, and put them in afterwards.")
        named = await self._words.named(actor, prompt)
        model = self._services.enrich_model
        price = self._services.prices.of(ENRICH)
        wish = Enrichment(
            id=job_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            estimate=price.per_run if model else 0,
            is_guess=price.is_guess,
            created_at=self._services.now(),
            prompt=prompt,
            preset=presets.find(preset or presets.DEFAULT).key,
            model=model,
            trigger_words=tuple(fine_tune.trigger_word for fine_tune in named.loaded),
            seed=self._services.dice.randrange(1, SEEDS),
        )
        if not model:
            wish = replace(wish, state=JobState.SUCCEEDED, cost=0, delivered="message")
        [accepted] = (await self._admission.accept(Request(actor=actor, jobs=[wish]))).jobs
        return accepted

    async def run(self, enrichment: Enrichment, message_id: int | None) -> None:
        """Start an accepted enrichment, unless it is done; `message_id` is the answer in which its owner waits."""
        if not enrichment.state.is_over:
            await self._services.store.enrichments.update(enrichment.id, message_id=message_id)
            self._services.engine.start("enrich", enrichment.id)

    async def find(self, actor: Actor, enrichment_id: str) -> Enrichment:
        """Find an enrichment of one's own; raises UserError."""
        found = await self._services.store.enrichments.find(enrichment_id)
        if found is None or not access.owns(actor, found):
            raise UserError(GONE)
        return found

    async def paint(self, actor: Actor, enrichment_id: str) -> Generation:
        """Accept a generation of the new prompt, once."""
        enrichment = await self.find(actor, enrichment_id)
        if not enrichment.state.is_over:
            raise UserError("This prompt is still being written. Wait a moment, then press *Show*.")
        request = ImagineRequest(prompt=enriching.proposal(enrichment))
        return await self._generations.imagine_once(actor, f"{enrichment.id}p1", request)
