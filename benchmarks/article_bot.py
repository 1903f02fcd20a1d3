"""The article's own way: `replicate.run` in the command, or with --async its awaited twin; nothing is remembered."""

import io
import os
import sys
from typing import Any

import discord
import httpx
from replicate.client import Client

from benchmarks.baselines import Baseline

MODEL = "black-forest-labs/flux-schnell"
PROXY = os.environ["HTTPS_PROXY"]  # which replicate's client does not look at by itself


async def imagine(interaction: discord.Interaction, prompt: str) -> None:
    """Paint, and keep everybody waiting meanwhile."""
    await interaction.response.defer(thinking=True)
    output: Any = Client(transport=httpx.HTTPTransport(proxy=PROXY)).run(MODEL, input={"prompt": prompt})
    await show(interaction, output[0].read())


async def imagine_async(interaction: discord.Interaction, prompt: str) -> None:
    """Paint while others are served."""
    await interaction.response.defer(thinking=True)
    remote = Client(transport=httpx.AsyncHTTPTransport(proxy=PROXY))
    output: Any = await remote.async_run(MODEL, input={"prompt": prompt})
    await show(interaction, await output[0].aread())


async def show(interaction: discord.Interaction, picture: bytes) -> None:
    """Put the picture into the channel."""
    await interaction.followup.send(file=discord.File(io.BytesIO(picture), "picture.webp"))


if __name__ == "__main__":
    bot = Baseline()
    command = imagine_async if "--async" in sys.argv else imagine
    bot.tree.command(name="imagine", description="Paint")(command)
    bot.go()
