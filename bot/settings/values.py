"""How one setting is read; each raises ValueError with what it must be."""

import re
from pathlib import Path

from bot.domain import catalog

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def folder(text: str) -> Path:
    """Read a folder; a leading ~ is this user's home, as no shell has seen it."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("begins with the home of a user that this machine does not know") from error


def base_url(text: str) -> str:
    """Read the address of an API."""
    if not re.fullmatch(r"https?://[^/\s]+", text.rstrip("/")):
        raise ValueError("must be an address without a path, such as https://api.replicate.com")
    return text.rstrip("/")


def https(text: str) -> str:
    """Read where Replicate reaches us."""
    if not re.fullmatch(r"https://\S+|http://127\.0\.0\.1:\d+/\S*", text):
        raise ValueError(
            "must be an https:// address that leads to /replicate, such as https://atelier.example/replicate"
        )
    return text


def listen(text: str) -> tuple[str, int]:
    """Read a host and a port."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):  # as an address of IPv6 is written before a port
        host = host[1:-1]
    if not (host and colon and port.isdecimal() and int(port) < 65536):
        raise ValueError("must be host:port, such as 127.0.0.1:8080")
    return host, int(port)


def proxy(text: str) -> str:
    """Read the address of a proxy."""
    if not re.fullmatch(r"https?://\S+", text):
        raise ValueError("must be an address such as http://proxy.example:3128")
    return text


def model(text: str) -> str:
    """Read a model of Replicate."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        raise ValueError(f"must be owner/name, such as {catalog.TRAINER}")
    return text


def version(text: str) -> str:
    """Read a model's version."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("must be the 64 hexadecimal digits of a version; leave it out for the newest")
    return text


def word(text: str) -> str:
    """Read a name at Hugging Face."""
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("must be the name of a Hugging Face account or organisation")
    return text


def wandb_key(text: str) -> str:
    """Read a key of Weights & Biases."""
    if len(text) != 40:
        raise ValueError("must be a key of Weights & Biases, which has 40 characters (wandb.ai/authorize)")
    return text


def project(text: str) -> str:
    """Read a project of Weights & Biases."""
    if not re.fullmatch(r"[\w.-]{1,128}", text):
        raise ValueError("must be the name of a project: letters, digits, hyphens, dots")
    return text


def whole(text: str) -> int:
    """Read a whole number."""
    if not text.isdecimal():
        raise ValueError("must be a whole number")
    return int(text)


def seconds(text: str) -> float:
    """Read a number of seconds."""
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", text):
        raise ValueError("must be a number of seconds")
    return float(text)


def level(text: str) -> str:
    """Read how much is logged."""
    if text.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}")
    return text.upper()
