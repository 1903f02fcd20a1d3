"""/picture: what can be done with a picture that somebody attaches."""

from collections.abc import Mapping
from typing import Literal

import discord
from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.catalog import MASK, MAX_PICTURES, MODELS, OUTPAINT, Setting, Task
from bot.domain.prompts import MAX_PROMPT
from bot.studio.requests import ToolRequest
from cogs.interactions import Interaction, attached
from cogs.painting import paint

PICTURE = "A JPEG, PNG, WebP or HEIC; it is cleaned of everything but its pixels"
NOWHERE = "None"  # as the model calls it
TRACED = {"edges": "canny", "depth": "depth"}
Open = Literal["dev", "pro"]


async def make(interaction: Interaction, request: ToolRequest) -> None:
    """Have a tool make something of a picture."""
    pictures = interaction.client.studio.pictures
    await paint(interaction, lambda actor, job_id: pictures.make(actor, job_id, request))


def chosen(settings: Mapping[str, Setting | None]) -> dict[str, Setting]:
    """Leave out what nobody chose."""
    return {word: value for word, value in settings.items() if value is not None}


async def editors(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Suggest what edits."""
    found = interaction.client.studio.pictures.models(Task.EDIT)
    wanted = typed.strip().lower()
    return [Choice(name=one.label, value=one.value) for one in found if wanted in one.label.lower()]


class Pictures(
    commands.GroupCog, group_name="picture", group_description="Edit, fill, vary, trace or upscale a picture"
):
    """One command a tool; each offers only what its models take."""

    @app_commands.command(description="Change a picture by a sentence: what is to be different, and what is to stay")
    @app_commands.describe(
        picture=PICTURE,
        instruction="For example: make it night, keep the faces",
        model="FLUX.1 Kontext pro if left out",
        picture2="Another one to take something from; for FLUX.2",
        picture3="Another one",
    )
    @app_commands.autocomplete(model=editors)
    async def edit(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        picture: discord.Attachment,
        instruction: Range[str, 1, MAX_PROMPT],
        model: str | None = None,
        picture2: discord.Attachment | None = None,
        picture3: discord.Attachment | None = None,
    ) -> None:
        """Edit."""
        pictures = {"image": [attached(file) for file in (picture, picture2, picture3) if file]}
        await make(interaction, ToolRequest(task=Task.EDIT, pictures=pictures, prompt=instruction, model=model))

    @app_commands.command(description="Paint a part of a picture anew, or go on painting beyond its edges")
    @app_commands.describe(
        picture=PICTURE,
        prompt="What is to be there",
        mask="White where the picture is to change, black where it is to stay; drawn over a copy of it",
        outpaint="Where to paint beyond the edges",
        model="pro if left out",
    )
    @app_commands.choices(outpaint=[Choice(name=way, value=way) for way in OUTPAINT if way != NOWHERE])
    async def fill(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        picture: discord.Attachment,
        prompt: Range[str, 1, MAX_PROMPT],
        mask: discord.Attachment | None = None,
        outpaint: str | None = None,
        model: Open | None = None,
    ) -> None:
        """Fill."""
        pictures = {"image": [attached(picture)]} | ({MASK: [attached(mask)]} if mask else {})
        request = ToolRequest(
            task=Task.FILL,
            pictures=pictures,
            prompt=prompt,
            model=f"fill-{model}" if model else None,
            settings=chosen({"outpaint": outpaint}),
        )
        await make(interaction, request)

    @app_commands.command(description="Paint pictures like one that you have, without a prompt")
    @app_commands.describe(picture=PICTURE, model="dev is better, schnell is faster and cheaper", count="How many")
    async def vary(
        self,
        interaction: Interaction,
        picture: discord.Attachment,
        model: Literal["dev", "schnell"] | None = None,
        count: Range[int, 1, MAX_PICTURES] = 1,
    ) -> None:
        """Vary."""
        request = ToolRequest(
            task=Task.VARY,
            pictures={"image": [attached(picture)]},
            model=f"redux-{model}" if model else None,
            count=count,
        )
        await make(interaction, request)

    @app_commands.command(description="Paint something else into the outlines, or the depth, of a picture")
    @app_commands.describe(
        picture=PICTURE,
        prompt="What the new picture shows",
        by="edges keep every line; depth keeps what is near and what is far",
        model="dev if left out",
    )
    async def trace(
        self,
        interaction: Interaction,
        picture: discord.Attachment,
        prompt: Range[str, 1, MAX_PROMPT],
        by: Literal["edges", "depth"],
        model: Open = "dev",
    ) -> None:
        """Trace."""
        request = ToolRequest(
            task=Task.TRACE, pictures={"image": [attached(picture)]}, prompt=prompt, model=f"{TRACED[by]}-{model}"
        )
        await make(interaction, request)

    @app_commands.command(description="Make a picture larger and sharper")
    @app_commands.describe(
        picture=PICTURE,
        scale="How many times longer its sides become; 2 if left out",
        face_enhance="Restore faces, too",
        model="Real-ESRGAN if left out; Crisp Upscale takes large pictures, but neither scale nor face_enhance",
    )
    @app_commands.choices(
        model=[Choice(name=model.title, value=model.key) for model in MODELS.values() if model.does(Task.UPSCALE)]
    )
    async def upscale(
        self,
        interaction: Interaction,
        picture: discord.Attachment,
        scale: Range[float, 1, 10] | None = None,
        face_enhance: bool | None = None,
        model: str | None = None,
    ) -> None:
        """Upscale."""
        request = ToolRequest(
            task=Task.UPSCALE,
            model=model,
            pictures={"image": [attached(picture)]},
            settings=chosen({"scale": scale, "face_enhance": face_enhance}),
        )
        await make(interaction, request)


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Pictures())
