"""The host that tells of a text while it is written: server-sent events, as Replicate's guide describes them."""

import json

from aiohttp import web

from sandbox.replicate.jobs import Job
from sandbox.replicate.state import State


class Streams:
    """Answers the `stream` address of a prediction; whoever knows it may read."""

    def __init__(self, state: State) -> None:
        self._state = state

    def app(self) -> web.Application:
        """Build the application of the host."""
        app = web.Application()
        app.add_routes([web.get("/v1/files/{id}", self.get)])
        return app

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Send what there is of the output, then each new piece, and at last how it ended."""
        job = self._state.jobs.get(request.match_info["id"])
        if job is None or not job.streams:
            return web.json_response({"detail": "Not found"}, status=404)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await stream.prepare(request)
        told = 0
        while True:
            pieces: list[str] = job.output or []
            for piece in pieces[told:]:
                await stream.write(_event("output", piece, number=told))
                told += 1
            if job.done:
                break
            if told == len(job.output or []):  # nothing came while the last was sent
                await job.changed.wait()
        for event in _ends(job):
            await stream.write(event)
        return stream


def _ends(job: Job) -> list[bytes]:
    if job.status == "succeeded":
        return [_event("done", "{}")]
    if job.status == "failed":
        failure = _event("error", json.dumps({"detail": job.error}))
        return [failure, _event("done", json.dumps({"reason": "error"}))]
    return [_event("done", json.dumps({"reason": "canceled"}))]


def _event(name: str, data: str, *, number: int = 0) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\nid: 1:{number}\n{lines}\n".encode()
