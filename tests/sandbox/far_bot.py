"""A small unmodified discord.py client in its own process, with one of everything that the sandbox's tests use."""
# discord.py types channels and components as anything that they might be:
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportArgumentType=false

import io
import os

import aiohttp
import discord
from discord import app_commands, ui
from PIL import Image


class Form(ui.Modal, title="Form"):
    name = ui.Label(text="Name", component=ui.TextInput(custom_id="name"))
    files = ui.Label(text="Files", component=ui.FileUpload(custom_id="files", min_values=1, max_values=10))

    async def on_submit(self, interaction):
        sizes = [attachment.size for attachment in self.files.component.values]
        await interaction.response.send_message(f"{self.name.component.value}: {sizes}")


class Vary(ui.DynamicItem[ui.Button], template=r"vary:(?P<id>\d+)"):
    def __init__(self, number: int):
        super().__init__(ui.Button(label="Vary", custom_id=f"vary:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(int(match["id"]))

    async def callback(self, interaction):
        await interaction.response.send_message(f"varied {self.number} for {interaction.user.name}", ephemeral=True)


class OpenForm(ui.DynamicItem[ui.Button], template="form"):
    def __init__(self):
        super().__init__(ui.Button(label="Form", custom_id="form"))

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls()

    async def callback(self, interaction):
        await interaction.response.send_modal(Form())


class Size(ui.DynamicItem[ui.Select], template="size"):
    def __init__(self):
        options = [discord.SelectOption(label=size) for size in ("small", "large")]
        super().__init__(ui.Select(custom_id="size", options=options))

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls()

    async def callback(self, interaction):
        await interaction.response.edit_message(content=self.item.values[0])


class Bot(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents(guilds=True), proxy=os.environ["HTTPS_PROXY"])
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self):
        self.add_dynamic_items(Vary, OpenForm, Size)
        await self.tree.sync()


bot = Bot()


def failed(error: Exception) -> str:
    return f"failed: {type(error).__name__} {getattr(error, 'status', '')} {getattr(error, 'code', '')}"


def picture() -> discord.File:
    data = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(data, "PNG")
    return discord.File(io.BytesIO(data.getvalue()), "a_fox.png", description="a teal fox")


@bot.tree.command()
async def train(interaction: discord.Interaction, images: discord.Attachment):
    """Defers, downloads and edits."""
    await interaction.response.defer(thinking=True)
    try:
        said = f"{images.filename} {images.size} {images.ephemeral} read {len(await images.read())}"
    except (discord.HTTPException, aiohttp.ClientError) as error:
        said = f"read {failed(error)}"
    await interaction.edit_original_response(content=said)


@bot.tree.command()
async def bare(interaction: discord.Interaction):
    """Only defers."""
    await interaction.response.defer(thinking=True)


@bot.tree.command()
async def silent(interaction: discord.Interaction):
    """Never answers."""


@bot.tree.command()
async def panel(interaction: discord.Interaction):
    """Buttons and a menu."""
    view = ui.View(timeout=None)
    for item in (Vary(7), OpenForm(), Size()):
        view.add_item(item)
    await interaction.response.send_message("small", view=view)


@bot.tree.command()
async def paint(interaction: discord.Interaction):
    """Defers, then shows a layout with a picture."""
    await interaction.response.defer(thinking=True)
    file = picture()
    view = ui.LayoutView(timeout=None)
    box = ui.Container(
        ui.TextDisplay("## A fox"),
        ui.MediaGallery(discord.MediaGalleryItem(file, description="a teal fox")),
        ui.Separator(),
        ui.Section("seed 5", accessory=Vary(9)),
        ui.ActionRow(
            ui.Button(label="Later", custom_id="later", disabled=True), ui.Button(label="Web", url="https://a.b")
        ),
    )
    view.add_item(box)
    await interaction.edit_original_response(view=view, attachments=[file])


@bot.tree.command()
async def where(interaction: discord.Interaction):
    """Says what the interaction knows of its place."""
    guild = interaction.guild.name if interaction.guild else None
    place = f"{guild} {interaction.locale} {interaction.guild_locale} {interaction.filesize_limit}"
    await interaction.response.send_message(f"{place} {interaction.user.id} {interaction.channel.id}")


@bot.tree.command()
async def say(interaction: discord.Interaction, text: str, times: int = 1):
    """Sends to the channel by bot token."""
    await interaction.response.send_message("saying", ephemeral=True)
    try:
        for n in range(times):  # several at once may meet the end of a window on their way, whatever they have read
            await interaction.channel.send(f"{text} {n}")
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        await interaction.followup.send(failed(error), ephemeral=True)


@bot.tree.command()
async def upload(interaction: discord.Interaction, mebibytes: int):
    """Sends a large file."""
    await interaction.response.defer(thinking=True)
    try:
        file = discord.File(io.BytesIO(bytes(mebibytes << 20)), "big.bin")
        await interaction.edit_original_response(attachments=[file], content="sent")
    except discord.HTTPException as error:
        await interaction.edit_original_response(content=failed(error))


@bot.tree.command()
async def blunder(interaction: discord.Interaction, kind: str):
    """Does what Discord refuses, and says how it was refused."""
    await interaction.response.defer(thinking=True, ephemeral=kind == "touch ephemeral")
    try:
        if kind == "answer twice":
            interaction.response._response_type = None
            await interaction.response.defer()
        elif kind == "edit thinking":
            original = await interaction.original_response()
            await interaction.channel.get_partial_message(original.id).edit(content="too early")
        elif kind == "touch ephemeral":
            original = await interaction.original_response()
            await interaction.channel.get_partial_message(original.id).edit(content="not yours")
        elif kind == "too long":
            await interaction.channel.send("x" * 2001)
        elif kind == "nameless button":
            view = ui.View(timeout=None)
            view.add_item(ui.Button(custom_id="x"))
            await interaction.channel.send("x", view=view)
        elif kind == "other host":
            async with aiohttp.ClientSession(trust_env=True) as session:
                await session.get("https://example.com/")
    except (discord.HTTPException, aiohttp.ClientError) as error:
        await interaction.edit_original_response(content=f"{failed(error)} {getattr(error, 'text', '')}")
    else:
        await interaction.edit_original_response(content="not refused")


@bot.tree.command()
async def later(interaction: discord.Interaction):
    """Answers when told to by the clock of the test: at the next press of a button."""
    await interaction.response.defer(thinking=True)
    bot.waiting = interaction


@bot.tree.command()
async def now(interaction: discord.Interaction):
    """Answers the last /later."""
    await interaction.response.defer()
    try:
        await bot.waiting.edit_original_response(content="at last")
    except discord.HTTPException as error:
        await interaction.channel.send(failed(error))


@bot.tree.command()
async def model(interaction: discord.Interaction, name: str):
    """Completes."""
    await interaction.response.send_message(name)


@model.autocomplete("name")
async def names(interaction, typed):
    return [app_commands.Choice(name=name, value=name) for name in ("fox", "cat") if typed in name]


@bot.tree.context_menu(name="Reuse prompt")
async def reuse(interaction: discord.Interaction, message: discord.Message):
    await interaction.response.send_message(f"reused {message.content}")


@bot.tree.context_menu(name="Greet")
async def greet(interaction: discord.Interaction, user: discord.Member):
    await interaction.response.send_message(f"hello {user.name}")


if __name__ == "__main__":
    discord.utils.setup_logging(level=30)
    bot.run(os.environ["DISCORD_TOKEN"], log_handler=None)
