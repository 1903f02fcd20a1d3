"""What follows a picture: the buttons that vary it, upscale it, edit it, or begin the next one with it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.client import AtelierClient
from bot.domain.catalog import Task
from bot.domain.prompts import MAX_PROMPT
from bot.errors import UserError
from bot.studio.requests import PictureRef, ToolRequest
from cogs.imagine import paint
from cogs.interactions import Form, Interaction, actor_of
from cogs.pictures import make

STRENGTH = "0.8"  # what FLUX itself takes for granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a form was sent with."""

    ref: PictureRef
    prompt: str
    strength: str


Then = Callable[[Interaction, Filled], Awaitable[None]]


class PictureForm(Form):
    """Asks which picture, where there are several, and what is to be done with it."""

    def __init__(self, client: AtelierClient, title: str, job_id: str, numbers: Sequence[int], then: Then) -> None:
        super().__init__(client, title)
        self._job_id, self._then = job_id, then
        self._only = numbers[0]
        self.which = discord.ui.RadioGroup[Any](
            custom_id="picture",
            options=[
                discord.RadioGroupOption(label=f"Picture {place}", value=str(number), default=place == 1)
                for place, number in enumerate(numbers[:10], 1)
            ],
        ) if len(numbers) > 1 else None  # fmt: skip
        self.prompt: discord.ui.TextInput[Any] | None = None
        self.strength: discord.ui.TextInput[Any] | None = None
        if self.which:
            self.add_item(discord.ui.Label(text="Which picture", component=self.which))

    def ask_prompt(self, text: str, description: str, default: str = "") -> "PictureForm":
        """Ask for words, too."""
        self.prompt = discord.ui.TextInput(
            custom_id="prompt", style=discord.TextStyle.paragraph, default=default[:MAX_PROMPT], max_length=MAX_PROMPT
        )
        self.add_item(discord.ui.Label(text=text, description=description, component=self.prompt))
        return self

    def ask_strength(self) -> "PictureForm":
        """Ask how much of the picture is to be painted anew."""
        self.strength = discord.ui.TextInput(custom_id="strength", default=STRENGTH, max_length=5)
        told = "0 keeps the picture as it is, 0.5 changes details, 1 keeps nothing of it"
        self.add_item(discord.ui.Label(text="Strength", description=told, component=self.strength))
        return self

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Go on with what was filled in."""
        number = int(self.which.value or self._only) if self.which else self._only
        filled = Filled(
            ref=PictureRef(job_id=self._job_id, number=number),
            prompt=self.prompt.value if self.prompt else "",
            strength=self.strength.value if self.strength else STRENGTH,
        )
        await self._then(interaction, filled)


async def on_one(interaction: Interaction, job_id: str, title: str, then: Then) -> None:
    """Go on with the only picture, or ask which."""
    numbers = await interaction.client.studio.pictures.numbers(actor_of(interaction), job_id)
    if len(numbers) > 1:
        await interaction.response.send_modal(PictureForm(interaction.client, title, job_id, numbers, then))
    else:
        await then(interaction, Filled(ref=PictureRef(job_id=job_id, number=numbers[0]), prompt="", strength=STRENGTH))


async def vary_subtle(interaction: Interaction, job_id: str) -> None:
    """Paint the details of a picture anew."""
    await on_one(interaction, job_id, "Vary a picture a little", _varies("subtle"))


async def vary_strong(interaction: Interaction, job_id: str) -> None:
    """Paint nearly everything of a picture anew."""
    await on_one(interaction, job_id, "Vary a picture a lot", _varies("strong"))


def _varies(strength: str) -> Then:
    async def then(interaction: Interaction, filled: Filled) -> None:
        vary = interaction.client.studio.pictures.vary
        await paint(interaction, lambda actor, job_id: vary(actor, job_id, filled.ref, strength))

    return then


async def upscale(interaction: Interaction, job_id: str) -> None:
    """Make a picture larger."""

    async def then(interaction: Interaction, filled: Filled) -> None:
        await make(interaction, ToolRequest(task=Task.UPSCALE, pictures={"image": [filled.ref]}))

    await on_one(interaction, job_id, "Upscale a picture", then)


async def edit_picture(interaction: Interaction, job_id: str) -> None:
    """Ask what is to be different in a picture, and change it."""
    numbers = await interaction.client.studio.pictures.numbers(actor_of(interaction), job_id)

    async def then(interaction: Interaction, filled: Filled) -> None:
        pictures = {"image": [filled.ref]}
        await make(interaction, ToolRequest(task=Task.EDIT, pictures=pictures, prompt=filled.prompt))

    form = PictureForm(interaction.client, "Edit a picture", job_id, numbers, then)
    await interaction.response.send_modal(
        form.ask_prompt("Instruction", "What is to be different, and what is to stay: make it night, keep the faces")
    )


async def begin(interaction: Interaction, job_id: str) -> None:
    """Ask for a prompt, and begin its picture with this one."""
    studio, actor = interaction.client.studio, actor_of(interaction)
    numbers = await studio.pictures.numbers(actor, job_id)

    async def then(interaction: Interaction, filled: Filled) -> None:
        strength = _number(filled.strength)
        start = interaction.client.studio.pictures.begin
        await paint(interaction, lambda actor, job_id: start(actor, job_id, filled.ref, filled.prompt, strength))

    form = PictureForm(interaction.client, "Use as start picture", job_id, numbers, then)
    words = await studio.pictures.words(actor, job_id)
    form.ask_prompt("Prompt", "What the new picture shows", words)
    await interaction.response.send_modal(form.ask_strength())


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UserError("The strength is a number between 0 and 1, for example 0.8. Open the form again.") from None


async def setup(client: AtelierClient) -> None:
    """Know what the buttons do."""
    client.presses |= {
        "vary": vary_subtle,
        "vary-strong": vary_strong,
        "upscale": upscale,
        "edit-picture": edit_picture,
        "begin": begin,
    }
