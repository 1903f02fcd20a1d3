"""What autocompletes offer: only what the member who types may use."""

from discord.app_commands import Choice

from bot.domain.prompting.presets import PRESETS
from bot.domain.wording import cut
from bot.errors import UserError
from cogs.interactions import Interaction, actor_of

LABEL = 100  # characters that Discord takes
PRESET_CHOICES = [Choice(name=preset.title, value=preset.key) for preset in PRESETS]


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
