"""What a wish is painted with: a fine-tune or a model of FLUX, and a second LoRA beside it.

Nothing is found here that this member may not use in this guild.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain import catalog, trigger_words
from bot.domain.entities import Actor, FineTune, Setting, Variant, Version
from bot.domain.loras import check_lora, lora_name, remote_model
from bot.domain.notices import Notice
from bot.errors import UserError
from bot.flows.services import Services
from bot.studio.fine_tunes import FineTunes
from bot.studio.readiness import account
from bot.studio.requests import ImagineRequest, Unshared
from bot.studio.trigger_words import TriggerWords

WITH_LORA = {catalog.DEV.key: catalog.DEV_LORA, catalog.SCHNELL.key: catalog.SCHNELL_LORA}
STRENGTHS = {"prompt_strength", "image_prompt_strength"}
PLAIN = {with_lora.key: key for key, with_lora in WITH_LORA.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """What paints, and what the member should know of the choice."""

    model: catalog.Model
    fine_tune: FineTune | None = None
    version: Version | None = None
    note: tuple[Notice, ...] = ()
    unshared: Sequence[Unshared] = ()
    """What the prompt names besides, and others do not share."""

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Give what its team or its owner settled on, where a request says nothing else."""
        scale = self.version.lora_scale if self.version else None
        return {} if scale is None else {"lora_scale": scale}

    @property
    def remote(self) -> str:
        """Say what runs at Replicate."""
        return self.version.remote if self.version else self.model.remote


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A LoRA that is loaded beside what paints: where its weights are, what people call it, and whose it is of ours."""

    address: str
    name: str
    fine_tune: FineTune | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loras:
    """What is loaded besides: the second LoRA, the addresses among the settings, what the member should know."""

    second: Lora | None = None
    addresses: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    note: tuple[Notice, ...] = ()


class ModelChoice:
    """Chooses what paints; nothing that this actor may not use in this guild."""

    def __init__(self, services: Services, fine_tunes: FineTunes, words: TriggerWords) -> None:
        self._services = services
        self._fine_tunes = fine_tunes
        self._words = words

    async def choose(self, actor: Actor, request: ImagineRequest) -> ChosenModel:
        """Choose the named model, or the one whose trigger word the prompt names, or plain FLUX; raises UserError."""
        if request.model in catalog.MODELS or request.settings.get("lora"):
            return ChosenModel(model=self._plain(request))
        if request.model:
            fine_tune, number = await self._fine_tunes.find(actor, request.model)
            return await self._tuned(fine_tune, number, request, _added(request.prompt, fine_tune))
        named = await self._words.named(actor, request.prompt)
        found = named.loaded
        second = str(request.settings.get("second_lora") or "/")
        if len(found) > 1 and "/" not in second:
            beside, _ = await self._fine_tunes.find(actor, second)
            found = [fine_tune for fine_tune in found if fine_tune.id != beside.id]
        if not found:
            return ChosenModel(model=self._plain(request), unshared=named.unshared)
        chosen = await self._tuned(found[0], None, request, _loaded(found, request))
        return replace(chosen, unshared=named.unshared)

    async def loras(self, actor: Actor, chosen: ChosenModel, request: ImagineRequest) -> Loras:
        """Find the LoRAs that a request names; raises UserError."""
        wanted, model = request.settings, chosen.model
        if request.settings.keys() & STRENGTHS and not request.pictures:
            raise UserError("A strength says how far to go from a picture: give that as `image` too, or leave it out.")
        for scale, lora in (("lora_scale", "lora"), ("second_scale", "second_lora")):
            if scale in wanted and lora not in wanted and model.takes(lora):
                raise UserError(f"{scale} says how strongly a LoRA shows: give `{lora}` too, or leave {scale} out.")
            if lora in wanted and not model.takes(lora):
                raise model.refusal(lora)
        lora = await self._elsewhere(str(wanted["lora"])) if "lora" in wanted else None
        second = await self._second(actor, str(wanted["second_lora"])) if "second_lora" in wanted else None
        if second and second.address in (chosen.version and chosen.version.lora, lora and lora.address):
            raise UserError(f"**{second.name}** paints already. Choose another one as `second_lora`, or leave it out.")
        return Loras(
            second=second,
            addresses={word: it.address for word, it in (("lora", lora), ("second_lora", second)) if it},
            note=_beside(request.prompt, chosen.fine_tune, second.fine_tune if second else None),
        )

    async def _second(self, actor: Actor, given: str) -> Lora:
        """Find a fine-tune, whose name has no slash, or a LoRA that lies elsewhere."""
        if "/" in given:
            return await self._elsewhere(given)
        fine_tune, number = await self._fine_tunes.find(actor, given)
        version = await self._fine_tunes.version(fine_tune, number)
        return Lora(address=version.lora, name=fine_tune.name, fine_tune=fine_tune)

    async def _elsewhere(self, given: str) -> Lora:
        """Check the address of a LoRA; what lies on our own account is nobody's to take by its address."""
        address = check_lora(given)
        model = remote_model(address)
        if model and model.owner.lower() == (await account(self._services)).lower():
            raise UserError(
                f"`{model.name}` is on the account that Atelier works with. Name the fine-tune as it is called here, "
                "or adopt the model with /models adopt first."
            )
        return Lora(address=address, name=lora_name(address))

    def _plain(self, request: ImagineRequest) -> catalog.Model:
        """Choose a model of FLUX, which the operator offers."""
        model = _named(request)
        if not self._services.prices.offers(model):
            raise UserError(
                f"{model.title} is switched off here. Choose another model, or ask your operator to switch it on."
            )
        return model

    async def _tuned(
        self, fine_tune: FineTune, number: int | None, request: ImagineRequest, note: tuple[Notice, ...]
    ) -> ChosenModel:
        version = await self._fine_tunes.version(fine_tune, number)
        model = catalog.fine_tune(request.variant or Variant.DEV).narrowed(version.takes)
        if request.variant is Variant.SCHNELL and not model.fixed:
            raise UserError(f"**{fine_tune.name}** has no variant to choose. Leave `variant` out.")
        return ChosenModel(model=model, fine_tune=fine_tune, version=version, note=note)


def _named(request: ImagineRequest) -> catalog.Model:
    usual = Variant.DEV if "lora" in request.settings or request.pictures else Variant.SCHNELL  # which takes neither
    key = request.model or (request.variant or usual).value
    model = catalog.MODELS.get(key)
    if model is None:
        raise UserError("With a fine-tune, a LoRA from elsewhere is given as `second_lora`. Or leave `model` out.")
    plain = PLAIN.get(model.key, model.key)
    if request.variant and plain != request.variant:
        raise UserError(f"{model.title} was named as the model, but the variant says {request.variant}. Leave one out.")
    if "lora" in request.settings:
        if plain not in WITH_LORA:
            raise model.refusal("lora")
        return WITH_LORA[plain]
    if model.key in PLAIN:
        raise UserError(f"{model.title} needs one: give its name or address as `lora`.")
    if not catalog.paints_alone(model):
        raise UserError(f"{model.title} does not paint from words alone. Choose another model.")
    return model


def _added(prompt: str, fine_tune: FineTune) -> tuple[Notice, ...]:
    if trigger_words.has_trigger(prompt, fine_tune.trigger_word):
        return ()
    return (Notice.of("trigger-added", word=fine_tune.trigger_word),)


def _loaded(found: Sequence[FineTune], request: ImagineRequest) -> tuple[Notice, ...]:
    """Say which fine-tune a trigger word loaded, and what to do about the others that the prompt names."""
    first, *others = found
    note = [Notice.of("loaded", word=first.trigger_word, name=first.name)]
    same = [other.name for other in others if trigger_words.clash(first.trigger_word, other.trigger_word)]
    if same:
        note.append(Notice.of("also-fits", names=same))
    beside = next((other for other in others if other.name not in same), None)
    if beside and "second_lora" not in request.settings:
        note.append(Notice.of("loads-beside", word=beside.trigger_word, name=beside.name))
    return tuple(note)


def _beside(prompt: str, first: FineTune | None, second: FineTune | None) -> tuple[Notice, ...]:
    """Say what the second fine-tune's trigger word does to a prompt."""
    if second is None:
        return ()
    if first and trigger_words.clash(first.trigger_word, second.trigger_word):
        return (Notice.of("mixed", word=min(first.trigger_word, second.trigger_word, key=len)),)
    return _added(prompt, second)
