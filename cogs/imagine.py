"""/imagine and the buttons below its pictures."""

from typing import Literal

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.catalog import MAX_PICTURES, read_more
from bot.domain.entities import Kind, Variant
from bot.domain.prompts import MAX_PROMPT
from bot.studio.requests import ImagineRequest
from cogs.forms import sent_with
from cogs.interactions import Interaction, acknowledge, actor_of, attached, show
from cogs.layouts.generation import deleted
from cogs.painting import MAX_SEED, ask_for, paint, prompt_form
from cogs.suggestions import PRESET_CHOICES, fitting, more_of, paintable, usable

MAX_SIDE = 2048  # pixels, of the model that takes the most
OPTIONS = (
    *("aspect_ratio", "steps", "guidance", "lora_scale", "second_lora", "second_scale", "lora", "width", "height"),
    *("format", "quality", "go_fast", "megapixels", "prompt_strength"),
)
"""The settings that have an option of their own."""


class Imagine(commands.Cog):
    """The command and its buttons: Again, Edit prompt, Same seed, Delete, Try it."""

    def __init__(self, client: AtelierClient) -> None:
        self.generations = client.studio.generations
        client.shared.presses.add(
            {
                "again": self.again,
                "edit": self.edit,
                "same-seed": self.same_seed,
                "delete": self.delete,
                "try": self.try_it,
            }
        )
        client.shared.forms.add(
            {
                "edit": self.edited,
                "same-seed": self.reworded,
                "try": self.tried,
            }
        )

    @app_commands.command(description="Paint pictures; a trigger word in the prompt loads its fine-tune")
    @app_commands.describe(
        prompt="What the picture shows",
        preset="Put a short prompt into prose of this kind",
        model="A fine-tune, or plain FLUX; found by the trigger word if left out",
        variant="dev is better, schnell is faster and cheaper",
        aspect_ratio="Width to height",
        count="How many pictures",
        steps="More take longer; 28 suits dev, 4 schnell",
        guidance="How closely it keeps to the prompt; 3 suits most",
        lora_scale="How strongly a fine-tune shows; 1 suits most",
        seed="The same seed and prompt give the same picture",
        second_lora="A second fine-tune in the same picture, or the address of a LoRA from elsewhere",
        second_scale="How strongly the second LoRA shows; 1 suits most",
        lora="For plain FLUX: a LoRA as owner/name on Replicate, huggingface.co/owner/name, or https://…",
        width="Pixels; with height, in place of an aspect ratio",
        height="Pixels; with width, in place of an aspect ratio",
        format="What kind of file",
        quality="How little the file is compressed; png never is",
        go_fast="Paint faster, with a little less care",
        megapixels="How large; 1 suits most, 0.25 is a draft",
        image="A picture to begin with",
        prompt_strength="How far to go from that picture: 1 keeps nothing of it; 0.8 suits most",
        mask="Which part of that picture to paint anew: white is new, black stays",
        more="Rarer settings, as raw=yes, safety_tolerance=4; what the model takes appears while you type",
    )
    @app_commands.choices(preset=PRESET_CHOICES)
    @app_commands.autocomplete(
        model=paintable,
        second_lora=usable,
        aspect_ratio=fitting("aspect_ratio"),
        format=fitting("format"),
        megapixels=fitting("megapixels"),
        more=more_of(OPTIONS),
    )
    async def imagine(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        prompt: Range[str, 1, MAX_PROMPT],
        preset: str | None = None,
        model: str | None = None,
        variant: Literal["dev", "schnell"] | None = None,
        aspect_ratio: str | None = None,
        count: Range[int, 1, MAX_PICTURES] = 1,
        steps: Range[int, 1, 50] | None = None,
        guidance: Range[float, 0, 10] | None = None,
        lora_scale: Range[float, -1, 3] | None = None,
        seed: Range[int, 0, MAX_SEED] | None = None,
        second_lora: str | None = None,
        second_scale: Range[float, -1, 3] | None = None,
        lora: str | None = None,
        width: Range[int, 256, MAX_SIDE] | None = None,
        height: Range[int, 256, MAX_SIDE] | None = None,
        format: str | None = None,  # noqa: A002 - what Discord shows
        quality: Range[int, 0, 100] | None = None,
        go_fast: bool | None = None,
        megapixels: str | None = None,
        image: discord.Attachment | None = None,
        prompt_strength: Range[float, 0, 1] | None = None,
        mask: discord.Attachment | None = None,
        more: str | None = None,
    ) -> None:
        """Paint."""
        chosen = {
            "aspect_ratio": aspect_ratio,
            "steps": steps,
            "guidance": guidance,
            "lora_scale": lora_scale,
            "second_lora": second_lora,
            "second_scale": second_scale,
            "lora": lora,
            "width": width,
            "height": height,
            "format": format,
            "quality": quality,
            "go_fast": go_fast,
            "megapixels": megapixels,
            "prompt_strength": prompt_strength,
        }
        given = {"image": image, "mask": mask}
        request = ImagineRequest(
            prompt=prompt,
            preset=preset,
            model=model,
            variant=Variant(variant) if variant else None,
            count=count,
            seed=seed,
            settings=read_more(more or "") | {word: value for word, value in chosen.items() if value is not None},
            pictures={word: [attached(file)] for word, file in given.items() if file},
        )
        await ask_for(interaction, request)

    async def again(self, interaction: Interaction, source_id: str) -> None:
        """Paint the same recipe with a new seed."""
        await paint(interaction, lambda actor, job_id: self.generations.again(actor, job_id, source_id))

    async def edit(self, interaction: Interaction, source_id: str) -> None:
        """Ask for another prompt, beginning with the old one."""
        await self._reword(interaction, "edit", source_id, "Edit the prompt")

    async def same_seed(self, interaction: Interaction, source_id: str) -> None:
        """Ask for another prompt that is painted with the same seed."""
        await self._reword(interaction, "same-seed", source_id, "Other words, the same seed")

    async def _reword(self, interaction: Interaction, verb: str, source_id: str, title: str) -> None:
        source = await self.generations.find(actor_of(interaction), source_id)
        await prompt_form(verb, source_id, title, source.recipe.prompt).open(interaction)

    async def edited(self, interaction: Interaction, source_id: str) -> None:
        """Paint another prompt."""
        prompt = sent_with(interaction).text("prompt")
        await paint(interaction, lambda actor, job_id: self.generations.edit(actor, job_id, source_id, prompt))

    async def reworded(self, interaction: Interaction, source_id: str) -> None:
        """Paint another prompt with the same seed."""
        prompt = sent_with(interaction).text("prompt")
        await paint(interaction, lambda actor, job_id: self.generations.same_seed(actor, job_id, source_id, prompt))

    async def try_it(self, interaction: Interaction, fine_tune_id: str) -> None:
        """Ask for a prompt for a fine-tune, beginning with its trigger word."""
        card = await interaction.client.studio.fine_tunes.show(actor_of(interaction), f"ft:{fine_tune_id}")
        word = card.fine_tune.trigger_word
        beginning = f", in the style of {word}" if card.fine_tune.kind is Kind.STYLE else f"a photo of {word} "
        await prompt_form("try", fine_tune_id, f"Try {card.fine_tune.name}", beginning).open(interaction)

    async def tried(self, interaction: Interaction, fine_tune_id: str) -> None:
        """Paint a prompt with a fine-tune."""
        prompt = sent_with(interaction).text("prompt")
        await ask_for(interaction, ImagineRequest(prompt=prompt, model=f"ft:{fine_tune_id}"))

    async def delete(self, interaction: Interaction, generation_id: str) -> None:
        """Delete a generation's pictures, here and where they are kept; owner only, which the studio checks."""
        await acknowledge(interaction)
        await self.generations.delete(actor_of(interaction), generation_id)
        await show(interaction, deleted())


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Imagine(client))
