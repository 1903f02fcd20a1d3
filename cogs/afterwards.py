"""What follows a picture: the buttons that vary it, upscale it, edit it, or begin the next one with it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_client.client import AtelierClient
from bot.domain.catalog import Task
from bot.domain.prompts import MAX_PROMPT
from bot.errors import UserError
from bot.studio.requests import PictureRef, ToolRequest
from cogs.forms import Form, sent_with
from cogs.interactions import Interaction, actor_of
from cogs.painting import paint
from cogs.pictures import make

STRENGTH = "0.8"  # what FLUX itself takes for granted


Do = Callable[[Interaction, PictureRef], Awaitable[None]]


def picture_form(verb: str, title: str, job_id: str, numbers: Sequence[int]) -> Form:
    """Ask which picture, where there are several."""
    form = Form(verb, job_id, title)
    options = [
        discord.RadioGroupOption(label=f"Picture {place}", value=str(number), default=place == 1)
        for place, number in enumerate(numbers[:10], 1)
    ]
    return (
        form.ask("Which picture", discord.ui.RadioGroup[Any](custom_id="picture", options=options))
        if len(options) > 1
        else form
    )


def ask_prompt(form: Form, label: str, description: str, prompt: str = "") -> Form:
    """Ask for words, too."""
    typed = discord.ui.TextInput[Any](
        custom_id="prompt", style=discord.TextStyle.paragraph, default=prompt[:MAX_PROMPT], max_length=MAX_PROMPT
    )
    return form.ask(label, typed, description)


async def chosen_in(interaction: Interaction, job_id: str) -> PictureRef:
    """Say which picture such a form was sent for; the only one was not asked for."""
    number = sent_with(interaction).text("picture")
    if not number.isdecimal():
        number, *_ = await interaction.client.studio.pictures.numbers(actor_of(interaction), job_id)
    return PictureRef(job_id=job_id, number=int(number))


@dataclass(frozen=True, slots=True)
class OnOne:
    """What is done with one picture: with the only one at once, with one of several after a form."""

    verb: str
    title: str
    do: Do

    async def press(self, interaction: Interaction, job_id: str) -> None:
        """Do it, or ask with which."""
        numbers = await interaction.client.studio.pictures.numbers(actor_of(interaction), job_id)
        if len(numbers) > 1:
            await picture_form(self.verb, self.title, job_id, numbers).open(interaction)
        else:
            await self.do(interaction, PictureRef(job_id=job_id, number=numbers[0]))

    async def take(self, interaction: Interaction, job_id: str) -> None:
        """Do it with the one that was chosen."""
        await self.do(interaction, await chosen_in(interaction, job_id))


async def vary_subtle(interaction: Interaction, ref: PictureRef) -> None:
    """Paint the details of a picture anew."""
    vary = interaction.client.studio.pictures.vary
    await paint(interaction, lambda actor, job_id: vary(actor, job_id, ref, "subtle"))


async def vary_strong(interaction: Interaction, ref: PictureRef) -> None:
    """Paint nearly everything of a picture anew."""
    vary = interaction.client.studio.pictures.vary
    await paint(interaction, lambda actor, job_id: vary(actor, job_id, ref, "strong"))


async def upscale(interaction: Interaction, ref: PictureRef) -> None:
    """Make a picture larger."""
    await make(interaction, ToolRequest(task=Task.UPSCALE, pictures={"image": [ref]}))


async def edit_picture(interaction: Interaction, job_id: str) -> None:
    """Ask what is to be different in a picture."""
    numbers = await interaction.client.studio.pictures.numbers(actor_of(interaction), job_id)
    form = picture_form("edit-picture", "Edit a picture", job_id, numbers)
    told = "What is to be different, and what is to stay: make it night, keep the faces"
    await ask_prompt(form, "Instruction", told).open(interaction)


async def edited_picture(interaction: Interaction, job_id: str) -> None:
    """Change a picture as it was asked for."""
    pictures, words = {"image": [await chosen_in(interaction, job_id)]}, sent_with(interaction).text("prompt")
    await make(interaction, ToolRequest(task=Task.EDIT, pictures=pictures, prompt=words))


async def begin(interaction: Interaction, job_id: str) -> None:
    """Ask for the prompt of a picture that begins with this one."""
    studio, actor = interaction.client.studio, actor_of(interaction)
    numbers = await studio.pictures.numbers(actor, job_id)
    words = await studio.pictures.words(actor, job_id)
    form = ask_prompt(
        picture_form("begin", "Use as start picture", job_id, numbers), "Prompt", "What the new picture shows", words
    )
    strength = discord.ui.TextInput[Any](custom_id="strength", default=STRENGTH, max_length=5)
    told = "0 keeps the picture as it is, 0.5 changes details, 1 keeps nothing of it"
    await form.ask("Strength", strength, told).open(interaction)


async def begun(interaction: Interaction, source_id: str) -> None:
    """Begin a picture with another one."""
    ref, sent = await chosen_in(interaction, source_id), sent_with(interaction)
    words, strength = sent.text("prompt"), _number(sent.text("strength", STRENGTH))
    start = interaction.client.studio.pictures.begin
    await paint(interaction, lambda actor, job_id: start(actor, job_id, ref, words, strength))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UserError("The strength is a number between 0 and 1, for example 0.8. Open the form again.") from None


ON_ONE = (
    OnOne("vary", "Vary a picture a little", vary_subtle),
    OnOne("vary-strong", "Vary a picture a lot", vary_strong),
    OnOne("upscale", "Upscale a picture", upscale),
)


async def setup(client: AtelierClient) -> None:
    """Know what the buttons and their forms do."""
    client.shared.presses.add({"edit-picture": edit_picture, "begin": begin, **{one.verb: one.press for one in ON_ONE}})
    client.shared.forms.add({"edit-picture": edited_picture, "begin": begun, **{one.verb: one.take for one in ON_ONE}})
