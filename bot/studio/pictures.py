"""What members do with a picture: edit, fill, vary, trace, upscale it, or begin the next one with it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain import catalog, prompts
from bot.domain.catalog import MASK, MATCHED, Field, Model, Task
from bot.domain.catalog.fields import Kind
from bot.domain.entities import Actor, Generation, Recipe, Selection, Setting
from bot.domain.notices import Notice
from bot.errors import UserError
from bot.flows.services import Services
from bot.studio.drafts import Drafts
from bot.studio.generations import Generations
from bot.studio.recipes import SEEDS, Recipes
from bot.studio.requests import Attachment, ImagineRequest, PictureRef, ToolRequest
from bot.studio.sources import Sources
from bot.views.fine_tunes import Choice

STRENGTHS = {"subtle": 0.5, "strong": 0.85}
"""How much of a picture is painted anew. FLUX keeps more than other models do: at a half it changes details alone."""
DESCRIBED = (Task.PAINT, Task.TRACE)
"""Whose prompts say what the whole picture shows: an edit's is an instruction."""
SHAPE = ("aspect_ratio", "width", "height")  # the picture that it begins with decides them
NOWHERE = "None"  # as the model calls it
SELECTED = 4  # pictures of one message
SELECTION = Field(name="image", kind=Kind.PICTURES, most=SELECTED)
UNSAID = (
    "Say where to paint: give a `mask`, white where the picture is to change, or choose an `outpaint`, which paints "
    "around it."
)


class Pictures:
    """Turns pictures into generations that are accepted and paid for."""

    def __init__(
        self, services: Services, generations: Generations, sources: Sources, recipes: Recipes, drafts: Drafts
    ) -> None:
        self._services = services
        self._generations = generations
        self._sources = sources
        self._recipes = recipes
        self._drafts = drafts

    def models(self, task: Task) -> Sequence[Choice]:
        """List the models that are offered for a task."""
        return [Choice(label=model.title, value=model.key) for model in self._offered(task)]

    async def numbers(self, actor: Actor, job_id: str) -> Sequence[int]:
        """List the numbers of a generation's or a selection's pictures; raises UserError where none is left."""
        return list(await self._sources.kept(actor, job_id))

    async def words(self, actor: Actor, job_id: str) -> str:
        """Say what a generation's pictures show, where its prompt describes them; raises UserError."""
        await self._sources.kept(actor, job_id)
        source = await self._services.store.generations.find(job_id)
        described = source and catalog.find_model(source.recipe.model).task in DESCRIBED
        return source.recipe.prompt if source and described else ""

    async def select(self, actor: Actor, job_id: str, attachments: Sequence[Attachment]) -> Selection:
        """Keep the pictures of a message for a day, for whatever is chosen to be done with them; raises UserError."""
        if not attachments:
            raise UserError("There is no picture in this message. Choose one with a JPEG, PNG, WebP or HEIC attached.")
        kept = await self._sources.keep(actor, job_id, {SELECTION: attachments[:SELECTED]})
        selection = Selection(
            id=job_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            paths=tuple(kept[SELECTION.name]),
            created_at=self._services.now(),
        )
        await self._drafts.keep(selection)
        return selection

    async def make(self, actor: Actor, job_id: str, request: ToolRequest) -> Generation:
        """Accept what a tool is to make of a picture: every value checked, its money reserved. Raises UserError."""
        outpaint = request.settings.get("outpaint", NOWHERE)
        if request.task is Task.FILL and MASK not in request.pictures and outpaint == NOWHERE:
            raise UserError(UNSAID)
        model = self._model(request)
        settings = model.choose(_completed(model, request))
        recipe = Recipe(
            prompt=prompts.check_prompt(request.prompt) if model.takes("prompt") else await self._shown(actor, request),
            model=model.key,
            remote=model.remote,
            count=model.check_count(request.count),
            seed=self._recipes.seed(),
            settings=settings,
        )
        sources = await self._sources.keep(
            actor,
            job_id,
            model.choose_pictures(request.pictures),
            lambda width, height: model.check_size(width, height, settings),
        )
        return await self._recipes.accept(actor, self._recipes.price(actor, job_id, replace(recipe, sources=sources)))

    async def vary(self, actor: Actor, job_id: str, ref: PictureRef, strength: str) -> Generation:
        """Accept variations of a picture, "subtle" or "strong": as many as there were pictures.

        What was painted from words is painted over, in part, with the same words. What has no words of its own, as an
        edited picture has none, is varied by Redux.
        """
        source = await self._services.store.generations.find(ref.job_id)
        if source is None or catalog.find_model(source.recipe.model).task is not Task.PAINT:
            count = source.recipe.count if source else 1
            return await self.make(actor, job_id, ToolRequest(task=Task.VARY, pictures={"image": [ref]}, count=count))
        source = await self._recipes.find(actor, ref.job_id)
        seed = (source.recipe.seed + 1) % SEEDS if strength == "subtle" else self._recipes.seed()
        wanted = replace(source.recipe, seed=seed, strength=strength)
        return await self._paint_over(actor, job_id, ref, wanted, STRENGTHS[strength])

    async def begin(self, actor: Actor, job_id: str, ref: PictureRef, prompt: str, strength: float) -> Generation:
        """Accept a picture that begins with another: by the same fine-tune or model if it can, else by FLUX.1 dev."""
        source = await self._services.store.generations.find(ref.job_id)
        if source is None or not catalog.find_model(source.recipe.model).begins:
            request = ImagineRequest(prompt=prompt, pictures={"image": [ref]}, settings={"prompt_strength": strength})
            return await self._recipes.accept(actor, await self._generations.wish(actor, job_id, request))
        source = await self._recipes.find(actor, ref.job_id)
        wanted = replace(
            source.recipe, prompt=prompts.check_prompt(prompt), count=1, seed=self._recipes.seed(), strength=""
        )
        return await self._paint_over(actor, job_id, ref, wanted, strength)

    async def _paint_over(
        self, actor: Actor, job_id: str, ref: PictureRef, wanted: Recipe, strength: float
    ) -> Generation:
        """Accept a recipe that begins with a picture; what cannot begin with one leaves it to FLUX.1 dev."""
        model = catalog.find_model(wanted.model)
        if not model.begins:
            request = ImagineRequest(
                prompt=wanted.prompt,
                model=catalog.DEV.key,
                count=wanted.count,
                seed=wanted.seed,
                pictures={"image": [ref]},
                settings={"prompt_strength": strength},
            )
            wish = await self._generations.wish(actor, job_id, request)
            other = Notice.of("varied-by-other", model=model.title, other=catalog.DEV.title)
            recipe = replace(wish.recipe, settings=_shapeless(wish.recipe), strength=wanted.strength)
            return await self._recipes.accept(actor, replace(wish, note=(other, *wish.note), recipe=recipe))
        image, share = model.takes("image"), model.takes("prompt_strength")
        if image is None or share is None:
            raise model.refusal("image")
        settings = {**_shapeless(wanted), share.name: share.check(strength)}
        recipe = replace(wanted, settings=settings, sources={})
        source = await self._recipes.find(actor, ref.job_id)
        return await self._recipes.repeat(actor, job_id, source, recipe, {image: [ref]})

    async def _shown(self, actor: Actor, request: ToolRequest) -> str:
        """Say what a picture shows to those who cannot see it, where a prompt is not sent."""
        for origin in request.pictures.get("image", ()):
            if isinstance(origin, PictureRef) and await self._services.store.generations.find(origin.job_id):
                return (await self._recipes.find(actor, origin.job_id)).recipe.prompt
        return ""

    def _offered(self, task: Task) -> list[Model]:
        """List what is offered for a task, what was made for it first."""
        offered = [
            model for model in catalog.MODELS.values() if model.does(task) and self._services.prices.offers(model)
        ]
        return sorted(offered, key=lambda model: model.task is not task)

    def _model(self, request: ToolRequest) -> Model:
        offered = self._offered(request.task)
        if request.model:
            offered = [model for model in offered if model.key == request.model]
        if not offered:
            raise UserError("This model is not offered here for that. Choose another one, or ask your operator.")
        return next((model for model in offered if _fits(model, request)), offered[0])


def _fits(model: Model, request: ToolRequest) -> bool:
    try:
        model.choose(request.settings)
        model.check_count(request.count)
        model.choose_pictures(request.pictures)
    except UserError:
        return False
    return True


def _completed(model: Model, request: ToolRequest) -> dict[str, Setting]:
    """Keep the shape of the picture where a model can and nobody asked for another."""
    ratio = model.takes("aspect_ratio")
    matched: dict[str, Setting] = {"aspect_ratio": MATCHED} if ratio and MATCHED in ratio.choices else {}
    return {**matched, **request.settings}


def _shapeless(recipe: Recipe) -> dict[str, Setting]:
    return {name: value for name, value in recipe.settings.items() if name not in SHAPE}
