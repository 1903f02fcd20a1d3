"""HTTP for uploads, and the host that outputs are fetched from."""

import asyncio
import hashlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.replicate import problems
from sandbox.replicate.clock import now, stamp
from sandbox.replicate.faults import Habits
from sandbox.replicate.fields import Json
from sandbox.replicate.jobs import API
from sandbox.replicate.loras import cover
from sandbox.replicate.pages import page
from sandbox.replicate.state import State, Upload

MOST_BYTES = 100_000_000
CHUNK = 256 * 1024
MEDIA_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png", "tar": "application/x-tar"}


class FilesApi:
    """Answers /files."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get("/v1/files", self.list),
            web.post("/v1/files", self.create),
            web.get("/v1/files/{file}", self.get),
            web.delete("/v1/files/{file}", self.delete),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer GET /files, newest first."""
        alive = [upload for upload in self._state.files.values() if self._state.upload(upload.id)]
        return web.json_response(page(request, [_view(upload) for upload in reversed(alive)], key="id"))

    async def create(self, request: web.Request) -> web.Response:
        """Answer POST /files: a multipart body with `content` and maybe `metadata`, streamed to disk."""
        if not request.content_type.startswith("multipart/"):
            raise problems.invalid([{"type": "required", "field": "", "description": "content is required"}])
        file_id, metadata = self._state.ids.file(), {}
        upload: Upload | None = None
        try:
            async for part in await request.multipart():
                if isinstance(part, BodyPartReader) and part.name == "content":
                    upload = await self._store(file_id, part)
                elif isinstance(part, BodyPartReader) and part.name == "metadata":
                    metadata = json.loads(await part.text())
        except BaseException:
            self._state.file_path(file_id).unlink(missing_ok=True)
            raise
        if upload is None:
            raise problems.invalid([{"type": "required", "field": "", "description": "content is required"}])
        upload.metadata = metadata
        self._state.files[file_id] = upload
        return web.json_response(_view(upload), status=201)

    async def _store(self, file_id: str, part: BodyPartReader) -> Upload:
        md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
        with await asyncio.to_thread(self._state.file_path(file_id).open, "wb") as file:
            while chunk := await part.read_chunk(CHUNK):
                size += len(chunk)
                if size >= MOST_BYTES:
                    raise problems.file_too_big()
                md5.update(chunk)
                sha256.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        return Upload(
            id=file_id,
            name=part.filename or "file",
            content_type=part.headers.get("Content-Type", "application/octet-stream"),
            size=size,
            md5=md5.hexdigest(),
            sha256=sha256.hexdigest(),
            metadata={},
            created_at=now(),
        )

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /files/{id}."""
        return web.json_response(_view(self._find(request)))

    async def delete(self, request: web.Request) -> web.Response:
        """Answer DELETE /files/{id}."""
        upload = self._find(request)
        del self._state.files[upload.id]
        self._state.file_path(upload.id).unlink(missing_ok=True)
        return web.Response(status=204)

    def _find(self, request: web.Request) -> Upload:
        upload = self._state.upload(request.match_info["file"])
        if upload is None:
            raise problems.file_not_found()
        return upload


class Delivery:
    """Serves outputs at replicate.delivery, or what a bad habit makes of them."""

    def __init__(self, state: State, habits: Habits) -> None:
        self._state, self._habits = state, habits
        self.served: list[str] = []

    def app(self) -> web.Application:
        """Build the application of the host."""
        app = web.Application()
        app.add_routes([web.get("/{path:.+}", self.get)])
        return app

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer GET of an output; a plain 404 when it is gone."""
        path = self._state.delivery_path(request.match_info["path"])
        await asyncio.to_thread(cover, self._state, request.match_info["path"])
        if self._habits.outputs == "missing" or not path.exists():
            return web.Response(status=404, text="<html><body>Not Found</body></html>", content_type="text/html")
        self.served.append(request.match_info["path"])
        media_type = MEDIA_TYPES.get(path.suffix.lstrip("."), "application/octet-stream")
        if self._habits.outputs is not None:
            return await self._spoiled(request, path, media_type)
        return web.Response(body=await asyncio.to_thread(path.read_bytes), content_type=media_type)

    async def _spoiled(self, request: web.Request, path: Path, media_type: str) -> web.StreamResponse:
        content = await asyncio.to_thread(path.read_bytes)
        match self._habits.outputs:
            case "short":  # fewer bytes than promised
                return await _broken_off(request, content, media_type)
            case "wrong type":
                return web.Response(text="<html><body>Please sign in</body></html>", content_type="text/html")
            case "bomb":
                return web.Response(body=_bomb(), content_type=media_type)
            case "redirect":
                return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
            case _:
                return web.Response(status=503, text="upstream connect error")


async def _broken_off(request: web.Request, content: bytes, media_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": media_type, "Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _bomb() -> bytes:
    """Make a small PNG that claims to be 30,000 pixels square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (30_000 * 3_751), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _view(upload: Upload) -> Json:
    checksums: dict[str, Any] = {"sha256": upload.sha256, "md5": upload.md5}
    return {
        "id": upload.id,
        "name": upload.name,
        "content_type": upload.content_type,
        "size": upload.size,
        "etag": upload.md5,
        "checksums": checksums,
        "metadata": upload.metadata,
        "created_at": stamp(upload.created_at, most=3),
        "expires_at": stamp(upload.expires_at, most=3),
        "urls": {"get": f"{API}/files/{upload.id}"},
    }
