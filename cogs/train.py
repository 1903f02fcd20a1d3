"""/train: pictures or a LoRA in, a report out, and a training once its owner presses Start."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.catalog import TRAIN_STEPS
from bot.domain.entities import Actor, Kind
from bot.domain.trigger_words import LONGEST
from bot.errors import UserError
from bot.studio.requests import Attachment, ImportRequest, TrainRequest
from bot.views.drafts import Draft
from cogs.forms import Form, sent_with
from cogs.interactions import Interaction, acknowledge, actor_of, attached, show, think
from cogs.layouts import training as layouts
from cogs.layouts.vetting import ADVANCED, CAPTIONS, confirm_public, report
from cogs.plan_form import plan_form, typed_into
from cogs.reports import hand_over, place_told, refuse

KINDS = {
    Kind.SUBJECT: "a person, an animal or a character",
    Kind.STYLE: "the look of drawings, paintings or photos",
    Kind.PRODUCT: "one thing, to be shown in many places",
}
KIND_CHOICES = [app_commands.Choice(name=f"{kind.value}: {text}", value=kind.value) for kind, text in KINDS.items()]
TRAINERS = {"standard": False, "fast": True}
MAX_PHOTOS = 10  # what Discord's file upload takes
NAME = "What you call the fine-tune, for example anna-portrait"
TRIGGER_WORD = "One to five words that call it up in a prompt, and mean nothing else: ZIKI, or: bad ZIKI food"


async def vet(interaction: Interaction, request: TrainRequest, files: Sequence[Attachment]) -> None:
    """Have an upload vetted and show its owner the report; in private, as photos are of people."""
    await think(interaction, ephemeral=True)
    actor = actor_of(interaction)
    try:
        async with place_told(interaction) as moved:
            trainings = interaction.client.studio.trainings
            draft = await trainings.prepare(actor, str(interaction.id), request, files, moved)
    except UserError as refusal:
        await refuse(interaction, refusal)
    else:
        await hand_over(interaction, draft)


def photos_form() -> Form:
    """Ask for up to ten loose pictures and what a training needs to know."""
    kinds = [
        discord.RadioGroupOption(
            label=kind.value.title(), value=kind.value, description=text, default=kind is Kind.SUBJECT
        )
        for kind, text in KINDS.items()
    ]
    photos = discord.ui.FileUpload[Any](custom_id="photos", min_values=1, max_values=MAX_PHOTOS)
    name = discord.ui.TextInput[Any](custom_id="name", placeholder="anna-portrait", max_length=32)
    word = discord.ui.TextInput[Any](custom_id="trigger_word", placeholder="ZIKI", max_length=LONGEST)
    form = Form("photos", "", "Train a fine-tune")
    form.ask("Photos", photos, f"Up to {MAX_PHOTOS}, sharp and different from each other. More fit into /train zip.")
    form.ask("Name", name, NAME)
    form.ask("Trigger word", word, TRIGGER_WORD)
    return form.ask("What they show", discord.ui.RadioGroup[Any](custom_id="kind", options=kinds))


async def hand_in_photos(interaction: Interaction, _row: str) -> None:
    """Vet what that form was sent with."""
    sent = sent_with(interaction)
    kind = Kind(sent.text("kind", Kind.SUBJECT))
    request = TrainRequest(name=sent.text("name"), trigger_word=sent.text("trigger_word"), kind=kind)
    await vet(interaction, request, sent.files("photos"))


class Train(commands.GroupCog, group_name="train", group_description="Teach FLUX a face, a style or a product"):
    """The two ways to bring pictures, the import, and the buttons of the report."""

    def __init__(self, client: AtelierClient) -> None:
        self.trainings = client.studio.trainings
        client.shared.presses.add(
            {
                "show-report": self.show_report,
                "start": self.start,
                "discard": self.discard,
                "advanced": self.advanced,
                "captions": self.captions,
                "advise": self.advise,
                "ask-public": self.ask_public,
                "go-public": self.go_public,
                "stay-private": self.stay_private,
            }
        )
        client.shared.forms.add({"photos": hand_in_photos, "advanced": self.change, "captions": self.change})

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
        trainer="The fast one takes two minutes and fewer settings; it is less well known",
        zip2="More photos, if one zip is too large for Discord",
        zip3="More photos",
        zip4="More photos",
    )
    @app_commands.choices(kind=KIND_CHOICES, trainer=[app_commands.Choice(name=name, value=name) for name in TRAINERS])
    async def from_zip(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        archive: discord.Attachment,
        name: Range[str, 1, 32],
        trigger_word: Range[str, 1, LONGEST],
        kind: str = Kind.SUBJECT.value,
        steps: Range[int, *TRAIN_STEPS] | None = None,
        lora_rank: Range[int, 1, 128] | None = None,
        autocaption: bool = True,
        trainer: str | None = None,
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
            fast=TRAINERS[trainer] if trainer else None,
        )
        await vet(interaction, request, [attached(part) for part in (archive, zip2, zip3, zip4) if part])

    @app_commands.command(name="photos", description="Train a fine-tune from up to ten loose photos")
    async def from_photos(self, interaction: Interaction) -> None:
        """Open the form."""
        await photos_form().open(interaction)

    @app_commands.command(name="import", description="Make a fine-tune of a LoRA that exists at Hugging Face")
    @app_commands.describe(
        name=NAME,
        trigger_word="The word, or words, that the LoRA was trained with",
        url="owner/name at Hugging Face, or the address of a .safetensors file there",
        kind="What it was trained on",
    )
    @app_commands.choices(kind=KIND_CHOICES)
    async def from_lora(
        self,
        interaction: Interaction,
        name: Range[str, 1, 32],
        trigger_word: Range[str, 1, LONGEST],
        url: Range[str, 3, 400],
        kind: str = Kind.SUBJECT.value,
    ) -> None:
        """Show what will be imported, and its price."""
        await think(interaction, ephemeral=True)
        request = ImportRequest(name=name, trigger_word=trigger_word, url=url, kind=Kind(kind))
        draft = await self.trainings.prepare_import(actor_of(interaction), str(interaction.id), request)
        await show(interaction, report(draft))

    async def show_report(self, interaction: Interaction, dataset_id: str) -> None:
        """Show a report that could not be shown when it was ready, to its owner alone."""
        await think(interaction, ephemeral=True)
        await show(interaction, report(await self.trainings.find(actor_of(interaction), dataset_id)))

    async def advanced(self, interaction: Interaction, dataset_id: str) -> None:
        """Open the form with what decides how long and how much it learns."""
        await self._open_form(interaction, "advanced", "Advanced", dataset_id, ADVANCED)

    async def captions(self, interaction: Interaction, dataset_id: str) -> None:
        """Open the form with captions, optimizer and layers."""
        await self._open_form(interaction, "captions", "Captions and layers", dataset_id, CAPTIONS)

    async def _open_form(
        self, interaction: Interaction, verb: str, title: str, dataset_id: str, words: Sequence[str]
    ) -> None:
        draft = await self.trainings.find(actor_of(interaction), dataset_id)
        await plan_form(verb, title, dataset_id, draft.dataset.plan, words).open(interaction)

    async def change(self, interaction: Interaction, dataset_id: str) -> None:
        """Change the plan as such a form says, and show the report with its new price."""
        typed = typed_into(interaction, (*ADVANCED, *CAPTIONS))
        await self._show_changed(interaction, lambda actor: self.trainings.change(actor, dataset_id, typed))

    async def advise(self, interaction: Interaction, dataset_id: str) -> None:
        """Follow the advice of the report."""
        await self._show_changed(interaction, lambda actor: self.trainings.take_advice(actor, dataset_id))

    async def ask_public(self, interaction: Interaction, dataset_id: str) -> None:
        """Say what becomes visible to whom."""
        await acknowledge(interaction)
        await show(interaction, confirm_public(await self.trainings.find(actor_of(interaction), dataset_id)))

    async def go_public(self, interaction: Interaction, dataset_id: str) -> None:
        """Have a new fine-tune made public."""
        await self._show_changed(interaction, lambda actor: self.trainings.reveal(actor, dataset_id, public=True))

    async def stay_private(self, interaction: Interaction, dataset_id: str) -> None:
        """Have a new fine-tune made private, as is usual."""
        await self._show_changed(interaction, lambda actor: self.trainings.reveal(actor, dataset_id, public=False))

    async def _show_changed(self, interaction: Interaction, change: Callable[[Actor], Awaitable[Draft]]) -> None:
        await acknowledge(interaction)
        await show(interaction, report(await change(actor_of(interaction))))

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
