"""Finds the file behind an address given as an input, as a runner of Replicate would download it."""

import base64
import io
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from PIL import Image, UnidentifiedImageError

from sandbox.replicate.jobs import API, DELIVERY
from sandbox.replicate.lifecycle import RunError
from sandbox.replicate.state import State

UNREACHABLE = (
    "HTTPSConnectionPool(host='{host}', port=443): Max retries exceeded with url: {path} "
    "(Caused by NameResolutionError(\"Failed to resolve '{host}'\"))"
)


@dataclass(frozen=True)
class Fetched:
    """A downloaded input: its name (the last part of the path, as cog names it) and where its bytes are."""

    name: str
    source: Path | bytes

    def read(self) -> bytes:
        """Return the bytes."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()


def fetch(state: State, url: str) -> Fetched:
    """Follow a data: URI, an address of the Files API or of replicate.delivery; nothing else exists here.

    Raises RunError where the address leads nowhere.
    """
    if url.startswith("data:"):
        return _from_data_uri(url)
    parts = urlsplit(url)
    name = Path(parts.path).name
    path: Path | None = None
    if url.startswith(f"{API}/files/"):
        path = state.file_path(name) if state.upload(name) is not None else None
    elif url.startswith(f"{DELIVERY}/"):
        path = state.delivery_path(parts.path.lstrip("/"))
    elif not url.startswith(API):
        raise RunError(UNREACHABLE.format(host=parts.hostname, path=parts.path))
    if path is None or not path.exists():
        raise RunError(f"404 Client Error: Not Found for url: {url}")
    return Fetched(name, path)


def picture(state: State, url: str) -> bytes:
    """Fetch a picture; raises RunError where there is none."""
    content = fetch(state, url).read()
    try:
        Image.open(io.BytesIO(content)).close()
    except UnidentifiedImageError:
        raise RunError(f"cannot identify image file '/tmp/{Path(urlsplit(url).path).name[-60:]}'") from None
    return content


def _from_data_uri(url: str) -> Fetched:
    head, _, data = url.removeprefix("data:").partition(",")
    media_type, *options = head.split(";")
    extension = mimetypes.guess_extension(media_type) or ""
    content = base64.b64decode(data) if "base64" in options else unquote_to_bytes(data)
    return Fetched(f"file{extension}", content)
