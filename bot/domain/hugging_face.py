"""Addresses of LoRAs at Hugging Face: their form, and what the trainer downloads for each; pure."""

import re

from bot.errors import UserError

PART = r"[A-Za-z0-9][\w.-]{0,95}"
REPOSITORY = re.compile(rf"(?:https://huggingface\.co/)?({PART}/{PART})/?", re.ASCII)
FILE = re.compile(
    rf"https://huggingface\.co/({PART}/{PART})/(?:resolve|blob)/({PART})/((?:{PART}/){{0,4}}{PART}\.safetensors)"
    r"(?:\?download=true)?",
    re.ASCII,
)
USUAL = "lora.safetensors"
"""What the trainer itself calls its weights."""
EXAMPLE = "https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors"


def download_address(given: str) -> str:
    """Return the address of the weights behind a repository's name, its page or a file's page; raises UserError."""
    given = given.strip()
    if file := FILE.fullmatch(given):
        return f"https://huggingface.co/{file[1]}/resolve/{file[2]}/{file[3]}"
    if repository := REPOSITORY.fullmatch(given):
        return f"https://huggingface.co/{repository[1]}/resolve/main/{USUAL}"
    raise UserError(
        "The trainer takes LoRAs from Hugging Face only. Give a repository as `owner/name`, where the weights are "
        f"called {USUAL}, or the address of a .safetensors file there, such as {EXAMPLE}."
    )
