"""What members do to compare: one prompt and seed over several models or LoRA scales, priced first, on one sheet."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain import access, catalog, trigger_words
from bot.domain.catalog import Task
from bot.domain.entities import Actor, Batch, Comparison, FineTune, Generation, Recipe, Setting, Variant
from bot.domain.prompting.permutations import permutations
from bot.domain.samples import written
from bot.errors import UserError
from bot.files.places import sheet_of
from bot.flows.services import Services
from bot.studio.drafts import Drafts
from bot.studio.fine_tunes import FineTunes
from bot.studio.generations import Generations
from bot.studio.requests import CompareRequest, ImagineRequest, Unshared, Withheld
from bot.studio.trigger_words import TriggerWords

SCALES = (0.6, 0.8, 1.0, 1.2)
PLAIN = ("schnell", "dev", "pro")
MOST = 8  # pictures of one sheet, so that each can still be looked at
ONE_PROMPT = "A comparison is of one prompt. Write it without the choices in braces; /imagine paints those."
GONE = "This comparison is no longer available. Run /compare for a new one."
TOO_FEW = "There is nothing to compare: name a second model, or several LoRA scales of a fine-tune."
ONLY_PAINTED = "Only a picture that was painted from words can be compared. Press *Compare* below one of those."


class Comparisons:
    """Makes batches that are painted onto one sheet; `Batches` paints or discards them."""

    def __init__(
        self,
        services: Services,
        generations: Generations,
        fine_tunes: FineTunes,
        words: TriggerWords,
        drafts: Drafts,
    ) -> None:
        self._services = services
        self._words = words
        self._generations = generations
        self._fine_tunes = fine_tunes
        self._drafts = drafts

    async def prepare(self, actor: Actor, batch_id: str, request: CompareRequest) -> Batch:
        """Check and price a prompt over every model, and every fine-tune over every scale; nothing is paid.

        Raises UserError, and Withheld where the prompt names nothing but what others do not share.
        """
        prompt, *others = permutations(request.prompt)
        if others:
            raise UserError(ONE_PROMPT)
        models = request.models or (await self._found(actor, prompt),)
        tunes = {model: await self._fine_tune(actor, model) for model in models}
        words = [tune.trigger_word for tune, _ in filter(None, tunes.values())]
        scales = request.scales or (SCALES if len(tunes) == 1 else ())
        asked: list[tuple[str, ImagineRequest]] = []
        for model, found in tunes.items():
            # What the trigger word chose is chosen so once more, as only then the member is told what was loaded.
            wish = ImagineRequest(prompt=prompt, model=model if request.models else None, seed=request.seed)
            if found is None:
                asked.append((catalog.find_model(model).title, wish))
                continue
            tune, version = found
            wish = replace(wish, prompt=trigger_words.readdressed(prompt, tune.trigger_word, words))
            name = tune.name + (f" v{version}" if version else "")
            asked += _over(wish, scales, name if len(tunes) > 1 else "")
        return await self._keep(actor, batch_id, prompt, asked)

    async def unshared(self, actor: Actor, request: CompareRequest) -> Sequence[Unshared]:
        """List what a prompt that shall find its fine-tune by itself names, and others do not share."""
        return () if request.models else (await self._words.named(actor, request.prompt)).unshared

    async def prepare_like(self, actor: Actor, batch_id: str, source_id: str) -> Batch:
        """Check and price a recipe over LoRA scales or, where it has no LoRA, over FLUX's models; nothing is paid."""
        source = await self._generations.find(actor, source_id)
        recipe = source.recipe
        if catalog.find_model(recipe.model).task is not Task.PAINT:
            raise UserError(ONLY_PAINTED)
        if "lora_scale" in recipe.settings:
            asked = _over(_request(source), SCALES, "")
        elif recipe.sources:
            raise UserError(ONLY_PAINTED)
        else:
            models = [catalog.find_model(key) for key in dict.fromkeys((*PLAIN, recipe.model))]
            offered = [model for model in models if self._services.prices.offers(model)]
            asked = [(model.title, _plain(recipe, model)) for model in offered]
        return await self._keep(actor, batch_id, recipe.prompt, asked, like=source)

    async def delete(self, actor: Actor, comparison_id: str) -> Comparison:
        """Forget the sheet of one's own comparison, and its pictures."""
        comparison = await self._services.store.comparisons.find(comparison_id)
        if comparison is None or not access.may_see(actor, comparison):
            raise UserError(GONE)
        if not access.owns(actor, comparison):
            raise UserError("Only the person who asked for this comparison may delete it.")
        if not comparison.state.is_over:
            raise UserError("This is still being painted. Cancel it with /jobs first.")
        sheet_of(self._services.data, comparison.id).unlink(missing_ok=True)
        for cell in await self._services.store.generations.parts_of(comparison.id):
            await self._generations.delete(actor, cell.id)
        return comparison

    async def _found(self, actor: Actor, prompt: str) -> str:
        """Find the fine-tune whose trigger word a prompt names."""
        named = await self._words.named(actor, prompt)
        if not named.loaded:
            request = ImagineRequest(prompt=prompt)
            raise Withheld("", request, named.unshared) if named.unshared else UserError(TOO_FEW)
        return f"ft:{named.loaded[0].id}"

    async def _fine_tune(self, actor: Actor, model: str) -> tuple[FineTune, int | None] | None:
        return None if model in catalog.MODELS else await self._fine_tunes.find(actor, model)

    async def _keep(
        self,
        actor: Actor,
        batch_id: str,
        prompt: str,
        asked: Sequence[tuple[str, ImagineRequest]],
        like: Generation | None = None,
    ) -> Batch:
        """Keep the wishes, all with one seed, until their owner presses *Paint all*."""
        if len(asked) > MOST:
            raise UserError(f"This would be {len(asked)} pictures; a sheet has {MOST}. Name fewer models or scales.")
        cells: list[tuple[str, Generation]] = []
        for number, (label, request) in enumerate(asked, 1):
            seed = cells[0][1].recipe.seed if cells else request.seed
            wish_id = f"{batch_id}c{number}"
            wish = await self._generations.wish(actor, wish_id, replace(request, seed=seed, without=True), like=like)
            if wish.recipe not in [cell.recipe for _, cell in cells]:  # a fine-tune has a name and a number
                cells.append((label, replace(wish, parent_id=batch_id, delivered="kept")))  # the sheet shows it
        if len(cells) < 2:
            raise UserError(TOO_FEW)
        at = self._services.now()
        comparison = Comparison(
            id=batch_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            estimate=sum(cell.estimate for _, cell in cells),
            created_at=at,
            prompt=prompt,
            labels=tuple(label for label, _ in cells),
        )
        batch = Batch(
            id=batch_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            wishes=tuple(cell for _, cell in cells),
            comparison=comparison,
            created_at=at,
        )
        await self._drafts.keep(batch)
        return batch


def _over(request: ImagineRequest, scales: Sequence[float], name: str) -> list[tuple[str, ImagineRequest]]:
    """Ask for a fine-tune's picture at every scale; without any, at its own."""
    if not scales:
        return [(name, request)]
    return [
        (
            f"{name} at {written(scale)}" if name else f"LoRA scale {written(scale)}",
            replace(request, settings={**request.settings, "lora_scale": scale}),
        )
        for scale in scales
    ]


def _request(source: Generation) -> ImagineRequest:
    """Ask once more for what a recipe says, its pictures aside."""
    recipe = source.recipe
    model = catalog.find_model(recipe.model)
    chosen: dict[str, Setting] = {
        one.word: recipe.settings[one.name] for one in model.fields if one.name in recipe.settings
    }
    if recipe.second_id:
        chosen["second_lora"] = f"ft:{recipe.second_id}"
    tuned = source.fine_tune_id is not None
    return ImagineRequest(
        prompt=recipe.prompt,
        model=f"ft:{source.fine_tune_id}:{source.version}" if tuned else recipe.model,
        variant=Variant(str(recipe.settings["model"])) if tuned and "model" in recipe.settings else None,
        seed=recipe.seed,
        settings=chosen,
    )


def _plain(recipe: Recipe, model: catalog.Model) -> ImagineRequest:
    """Ask another model for the same words in the same shape, where it knows that shape."""
    ratio = recipe.settings.get("aspect_ratio")
    takes = model.takes("aspect_ratio")
    fits = ratio is not None and ratio != catalog.CUSTOM and takes is not None and takes.takes(ratio)
    settings = {"aspect_ratio": ratio} if fits and ratio is not None else {}
    return ImagineRequest(prompt=recipe.prompt, model=model.key, seed=recipe.seed, settings=settings)
