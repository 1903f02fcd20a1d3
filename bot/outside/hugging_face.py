"""Hugging Face's hub: makes the repository for a copy, private, before a trainer would make it public."""

import asyncio
import json
from typing import Any, cast

import aiohttp

from bot.errors import AtelierError

HUB = "https://huggingface.co"
ANSWER = aiohttp.ClientTimeout(total=30.0)
LARGEST = 1 << 20  # bytes of an answer, unpacked
TAKEN = 409


class NotPrivate(AtelierError):
    """A repository is not private, or nobody can tell."""


class Hub:
    """Repositories of models, in the name of whoever the token belongs to."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}

    async def ensure_private(self, repository: str) -> None:
        """Make a private repository, or find that it is there and private; raises NotPrivate."""
        owner, _, name = repository.partition("/")
        wish = {"type": "model", "organization": owner, "name": name, "private": True}
        try:
            status, _ = await self._ask("POST", "/api/repos/create", json=wish)
            if status == TAKEN:
                status, told = await self._ask("GET", f"/api/models/{repository}")
                if told.get("private") is not True:
                    raise NotPrivate(f"{repository} is there already, and public")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NotPrivate(f"Hugging Face gave no answer ({type(error).__name__})") from error
        if status >= 400:
            raise NotPrivate(f"Hugging Face answered {status}; HF_TOKEN must be allowed to write for {owner}")

    async def _ask(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        asked = self._session.request(
            method, HUB + path, headers=self._headers, timeout=ANSWER, allow_redirects=False, **options
        )
        async with asked as response:
            told = await _json(response) if response.status < 300 else None
            return response.status, cast("dict[str, Any]", told) if isinstance(told, dict) else {}


async def _json(response: aiohttp.ClientResponse) -> object:
    """Read an answer; raises ValueError for one that is no JSON, too large or nested too deeply."""
    try:
        await response.content.readexactly(LARGEST + 1)
    except asyncio.IncompleteReadError as end:
        try:
            return json.loads(end.partial)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
    raise ValueError("too large")
