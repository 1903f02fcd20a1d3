"""What autocompletes offer: only what the member who types may use, and only what would be taken."""

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from discord.app_commands import Choice

from bot.domain.catalog import CUSTOM, Model, complete_more
from bot.domain.entities import Variant
from bot.domain.prompting.presets import PRESETS
from bot.domain.wording import cut
from bot.errors import UserError
from bot.studio.requests import ImagineRequest
from cogs.interactions import Interaction, actor_of

LABEL = 100  # characters that Discord takes
MOST = 25  # choices that Discord takes
PRESET_CHOICES = [Choice(name=preset.title, value=preset.key) for preset in PRESETS]
Suggest = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]


async def suggest(interaction: Interaction, typed: str, *, own: bool = False, bases: bool = False) -> list[Choice[str]]:
    """List fine-tunes for what has been typed: all that may be used, or own ones only; with FLUX's models for bases."""
    try:
        choices = await interaction.client.studio.fine_tunes.suggest(actor_of(interaction), typed, own=own, bases=bases)
    except UserError:
        return []  # there is no place for a sentence in an autocomplete
    return [Choice(name=cut(choice.label, LABEL), value=choice.value) for choice in choices]


async def usable(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest fine-tunes that the member may use."""
    return await suggest(interaction, typed)


async def paintable(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest all that can paint."""
    return await suggest(interaction, typed, bases=True)


async def owned(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest the member's own fine-tunes."""
    return await suggest(interaction, typed, own=True)


def fitting(word: str) -> Suggest:
    """Suggest the values of a setting that what would paint takes."""

    async def values(interaction: Interaction, typed: str) -> list[Choice[str]]:
        model = await _chosen_model(interaction)
        field = model.takes(word) if model else None
        wanted = typed.strip().lower()
        found = [value for value in field.choices if wanted in value.lower() and value != CUSTOM] if field else []
        return [Choice(name=value, value=value) for value in found[:MOST]]

    return values


def more_of(others: Collection[str]) -> Suggest:
    """Suggest the settings, with their ranges, that what would paint takes besides `others`, which have an option."""

    async def pairs(interaction: Interaction, typed: str) -> list[Choice[str]]:
        model = await _chosen_model(interaction)
        found = complete_more(typed, model, others) if model else []
        return [Choice(name=cut(name, LABEL), value=value) for name, value in found if len(value) <= LABEL][:MOST]

    return pairs


async def _chosen_model(interaction: Interaction) -> Model | None:
    """Find what would paint with the options filled in so far; None where /imagine would have something to say."""
    chosen = interaction.namespace
    try:
        request = ImagineRequest(
            prompt=chosen.prompt or "",
            model=chosen.model,
            variant=Variant(chosen.variant) if chosen.variant else None,
            settings={"lora": chosen.lora} if chosen.lora else {},
            pictures={"image": ()} if chosen.image else {},
        )
        return await interaction.client.studio.generations.takes(actor_of(interaction), request)
    except UserError:
        return None
