"""/train: pictures in, a report out, and a training once its owner presses Start."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.client import AtelierClient
from bot.domain.catalog import TRAIN_STEPS
from bot.domain.entities import Kind
from bot.studio.requests import TrainRequest
from cogs.interactions import Form, Interaction, acknowledge, actor_of, attached, show, think
from cogs.layouts import training as layouts
from cogs.layouts.vetting import report

KINDS = {
    Kind.SUBJECT: "a person, an animal or a character",
    Kind.STYLE: "the look of drawings, paintings or photos",
    Kind.PRODUCT: "one thing, to be shown in many places",
}
MAX_PHOTOS = 10  # what Discord's file upload takes
NAME = "What you call the fine-tune, for example anna-portrait"
TRIGGER_WORD = "The word that calls it up in a prompt; one that means nothing else, for example ZIKI"


async def vet(interaction: Interaction, request: TrainRequest, files: Sequence[discord.Attachment]) -> None:
    """Have an upload vetted and show its owner the report; in private, as photos are of people."""
    await think(interaction, ephemeral=True)
    draft = await interaction.client.studio.trainings.prepare(
        actor_of(interaction),
        str(interaction.id),
        request,
        [attached(file) for file in files],
    )
    await show(interaction, report(draft))


class PhotosForm(Form):
    """Takes up to ten loose pictures and what a training needs to know."""

    def __init__(self, client: AtelierClient) -> None:
        super().__init__(client, "Train a fine-tune")
        self.photos = discord.ui.FileUpload[Any](custom_id="photos", min_values=1, max_values=MAX_PHOTOS)
        self.name = discord.ui.TextInput[Any](custom_id="name", placeholder="anna-portrait", max_length=32)
        self.word = discord.ui.TextInput[Any](custom_id="trigger_word", placeholder="ZIKI", min_length=3, max_length=24)
        self.kind = discord.ui.RadioGroup[Any](
            custom_id="kind",
            options=[
                discord.RadioGroupOption(
                    label=kind.value.title(), value=kind.value, description=text, default=kind is Kind.SUBJECT
                )
                for kind, text in KINDS.items()
            ],
        )
        photos = f"Up to {MAX_PHOTOS}, sharp and different from each other. More fit into /train zip."
        self.add_item(discord.ui.Label(text="Photos", description=photos, component=self.photos))
        self.add_item(discord.ui.Label(text="Name", description=NAME, component=self.name))
        self.add_item(discord.ui.Label(text="Trigger word", description=TRIGGER_WORD, component=self.word))
        self.add_item(discord.ui.Label(text="What they show", component=self.kind))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Vet the pictures."""
        request = TrainRequest(
            name=self.name.value, trigger_word=self.word.value, kind=Kind(self.kind.value or Kind.SUBJECT)
        )
        await vet(interaction, request, self.photos.values)


class Train(commands.GroupCog, group_name="train", group_description="Teach FLUX a face, a style or a product"):
    """The two ways to bring pictures, and the two buttons of the report."""

    def __init__(self, client: AtelierClient) -> None:
        client.presses |= {"start": self.start, "discard": self.discard}

    @app_commands.command(name="zip", description="Train a fine-tune from a zip of photos; you see the price first")
    @app_commands.rename(archive="zip")
    @app_commands.describe(
        archive="10 to 20 photos; captions as .txt beside them are used",
        name=NAME,
        trigger_word=TRIGGER_WORD,
        kind="What the photos show",
        steps="More take longer and cost more; 1,000 suits most",
        lora_rank="How much it can learn; 16 suits faces, 32 or more suits styles",
        autocaption="Have photos without a caption described by a model",
        zip2="More photos, if one zip is too large for Discord",
        zip3="More photos",
        zip4="More photos",
    )
    @app_commands.choices(
        kind=[app_commands.Choice(name=f"{kind.value}: {text}", value=kind.value) for kind, text in KINDS.items()]
    )
    async def from_zip(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        archive: discord.Attachment,
        name: Range[str, 1, 32],
        trigger_word: Range[str, 3, 24],
        kind: str = Kind.SUBJECT.value,
        steps: Range[int, *TRAIN_STEPS] | None = None,
        lora_rank: Range[int, 1, 128] | None = None,
        autocaption: bool = True,
        zip2: discord.Attachment | None = None,
        zip3: discord.Attachment | None = None,
        zip4: discord.Attachment | None = None,
    ) -> None:
        """Vet the zips and show the report."""
        request = TrainRequest(
            name=name,
            trigger_word=trigger_word,
            kind=Kind(kind),
            steps=steps,
            lora_rank=lora_rank,
            autocaption=autocaption,
        )
        await vet(interaction, request, [part for part in (archive, zip2, zip3, zip4) if part])

    @app_commands.command(name="photos", description="Train a fine-tune from up to ten loose photos")
    async def from_photos(self, interaction: Interaction) -> None:
        """Open the form."""
        await interaction.response.send_modal(PhotosForm(interaction.client))

    async def start(self, interaction: Interaction, dataset_id: str) -> None:
        """Start the training of a report; its owner declares that they may use the pictures."""
        await acknowledge(interaction)
        training = await interaction.client.studio.trainings.start(actor_of(interaction), dataset_id)
        await show(interaction, layouts.started(training))

    async def discard(self, interaction: Interaction, dataset_id: str) -> None:
        """Throw an upload away."""
        await acknowledge(interaction)
        await interaction.client.studio.trainings.discard(actor_of(interaction), dataset_id)
        await show(interaction, layouts.discarded())


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Train(client))
