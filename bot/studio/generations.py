"""What members do to get pictures: imagine, again, edit the prompt, delete."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain import access, catalog, prompts
from bot.domain.entities import Actor, Generation, Recipe
from bot.domain.prompting import presets
from bot.domain.prompting.permutations import permutations
from bot.errors import UserError
from bot.flows.keeping import remove_pictures
from bot.flows.services import Services
from bot.studio.fine_tunes import FineTunes
from bot.studio.model_choice import ModelChoice
from bot.studio.recipes import Recipes, refuse_incomplete, triggered
from bot.studio.requests import ImagineRequest, Unshared, Withheld
from bot.studio.sources import Sources
from bot.studio.trigger_words import TriggerWords


class Generations:
    """Turns wishes into generations that are accepted and paid for, and starts them."""

    def __init__(
        self,
        services: Services,
        fine_tunes: FineTunes,
        words: TriggerWords,
        sources: Sources,
        recipes: Recipes,
    ) -> None:
        self._services = services
        self._choice = ModelChoice(services, fine_tunes, words)
        self._sources = sources
        self._recipes = recipes

    async def imagine(self, actor: Actor, job_id: str, request: ImagineRequest) -> Generation:
        """Accept a generation: every value checked, its money reserved. It runs once `run` is called."""
        prompt, *others = permutations(request.prompt)
        if others:  # which cost as many times as much: `Batches` shows that first
            raise UserError("Choices in braces can only be painted with /imagine, which shows their price first.")
        return await self._recipes.accept(actor, await self.wish(actor, job_id, replace(request, prompt=prompt)))

    async def imagine_once(self, actor: Actor, job_id: str, request: ImagineRequest) -> Generation:
        """Accept a generation of a prompt as it stands; raises UserError when there is one under this id already."""
        wish = await self.wish(actor, job_id, request)
        return await self._recipes.accept(actor, wish, once=True)

    async def wish(
        self, actor: Actor, job_id: str, request: ImagineRequest, *, like: Generation | None = None
    ) -> Generation:
        """Check every value of a request and price it; nothing is accepted. Raises UserError, or Withheld.

        `like` is another wish that begins with the same pictures, which are then not fetched again.
        """
        request = replace(request, prompt=prompts.check_prompt(request.prompt))
        chosen = await self._choice.choose(actor, request)
        if chosen.unshared and not request.without:
            raise Withheld(job_id, request, chosen.unshared)
        loras = await self._choice.loras(actor, chosen, request)
        second = loras.second.fine_tune if loras.second else None
        recipe = Recipe(
            prompt=_told(triggered(request.prompt, second, chosen.fine_tune), request),
            model=chosen.model.key,
            remote=chosen.remote,
            count=chosen.model.check_count(request.count),
            seed=self._recipes.seed(request.seed),
            settings=chosen.model.choose({**chosen.settings, **request.settings, **loras.addresses}),
            second=loras.second.name if loras.second else "",
            second_id=second.id if second else None,
        )
        if like:
            sources = await self._sources.copy(job_id, like.recipe.sources)
        else:
            sources = await self._sources.keep(actor, job_id, chosen.model.choose_pictures(request.pictures))
        recipe = replace(recipe, sources=sources)
        return self._recipes.price(
            actor, job_id, recipe, chosen.fine_tune, chosen.version, note=chosen.note + loras.note
        )

    async def takes(self, actor: Actor, request: ImagineRequest) -> catalog.Model:
        """Tell what would paint a request, with what it takes; raises UserError."""
        return (await self._choice.choose(actor, request)).model

    async def unshared(self, actor: Actor, request: ImagineRequest) -> Sequence[Unshared]:
        """List what a request names by trigger words that others do not share; raises UserError."""
        return (await self._choice.choose(actor, request)).unshared

    async def again(self, actor: Actor, job_id: str, source_id: str) -> Generation:
        """Accept the same recipe with another seed."""
        source = await self.find(actor, source_id)
        recipe = replace(source.recipe, seed=self._recipes.seed(), strength="")
        return await self._recipes.repeat(actor, job_id, source, recipe)

    async def edit(self, actor: Actor, job_id: str, source_id: str, prompt: str) -> Generation:
        """Accept the same recipe with another prompt and another seed."""
        source = await self.find(actor, source_id)
        recipe = replace(source.recipe, prompt=prompts.check_prompt(prompt), seed=self._recipes.seed(), strength="")
        return await self._recipes.repeat(actor, job_id, source, recipe)

    async def same_seed(self, actor: Actor, job_id: str, source_id: str, prompt: str) -> Generation:
        """Accept the same recipe and seed with another prompt, so that the words alone make the difference."""
        source = await self.find(actor, source_id)
        recipe = replace(source.recipe, prompt=prompts.check_prompt(prompt), strength="")
        return await self._recipes.repeat(actor, job_id, source, recipe)

    async def place(self, generation: Generation, message_id: int) -> Generation:
        """Remember the message that shows an accepted generation, first its status and then its result."""
        return await self._services.store.generations.update(generation.id, message_id=message_id)

    async def run(self, generation: Generation, message_id: int | None) -> None:
        """Start an accepted generation; `message_id` is the message that shows its status."""
        if message_id is not None and message_id != generation.message_id:
            await self.place(generation, message_id)
        self._services.engine.start("generate", generation.id)

    async def find(self, actor: Actor, generation_id: str) -> Generation:
        """Find a generation that was shown to this member, to paint it again; raises UserError."""
        found = await self._recipes.find(actor, generation_id)
        refuse_incomplete(found.recipe)
        return found

    async def shown_in(self, actor: Actor, message_id: int) -> Generation | None:
        """Find the generation that a message shows, if this member may see it."""
        found = await self._services.store.generations.shown_in(message_id)
        return found if found and access.may_see(actor, found) else None

    async def delete(self, actor: Actor, generation_id: str) -> Generation:
        """Forget the pictures of one's own generation, and those that it began with."""
        found = await self._recipes.find(actor, generation_id)
        if not access.owns(actor, found):
            raise UserError("Only the person who asked for this picture may delete it.")
        if not found.state.is_over:
            raise UserError("This is still being painted. Cancel it with /jobs first.")
        # Rows first: what is left of the files when this is cut short, another press removes, or the next start.
        await self._services.store.pictures.keep(found.id, [])
        remove_pictures(self._services.data, found.id)
        self._sources.remove(found.id)
        return found


def _told(prompt: str, request: ImagineRequest) -> str:
    """Put a prompt into a preset, where one is wanted."""
    return prompts.check_prompt(presets.applied(presets.find(request.preset), prompt)) if request.preset else prompt
