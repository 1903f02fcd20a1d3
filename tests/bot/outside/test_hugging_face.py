"""What Hugging Face answers is read within bounds, and whatever is not plainly private is not private."""

import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.outside.hugging_face import Hub, NotPrivate
from sandbox.internet import Internet

MIB, CHUNK = 1 << 20, 64 << 10
PRIVATE = b'{"private": true, "more": "'


class Answers:
    """A hub that has every repository already, and tells of it as it is told to."""

    def __init__(self) -> None:
        self.body, self.headers = b"", dict[str, str]()
        self.sent = 0

    async def create(self, _: web.Request) -> web.Response:
        return web.Response(status=409)

    async def show(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers=self.headers)
        await stream.prepare(request)
        with suppress(ConnectionError):  # the client has left
            for start in range(0, len(self.body), CHUNK):
                await stream.write(self.body[start : start + CHUNK])
                self.sent += CHUNK
        return stream


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def hub(answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr("sandbox.internet.GOODBYE_WITHIN", 0.05)
    internet = Internet(tmp_path)
    app = web.Application()
    app.add_routes([web.post("/api/repos/create", answers.create), web.get("/{path:.*}", answers.show)])
    internet.serve("huggingface.co", app)
    await internet.start()
    connector = aiohttp.TCPConnector(ssl=internet.trust())
    async with aiohttp.ClientSession(proxy=f"http://127.0.0.1:{internet.port}", connector=connector) as session:
        yield Hub(session, "hf_marked_secret")
    await internet.stop()


async def test_a_repository_that_is_private_is(hub: Hub, answers: Answers) -> None:
    answers.body = PRIVATE + b'"}'
    await hub.ensure_private("team/ziki")


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (PRIVATE + bytes(20 * MIB), None),
        (gzip.compress(PRIVATE + b"x" * 100 * MIB + b'"}', 1), "gzip"),
        (gzip.compress(PRIVATE + b'"}')[:-9], "gzip"),
        (b"[" * 200_000, None),
        (b'{"private": true', None),
        (b"<html>", None),
    ],
    ids=["long", "bomb", "cut", "deep", "unfinished", "a page"],
)
async def test_an_answer_that_cannot_be_read_is_none(
    hub: Hub, answers: Answers, body: bytes, packing: str | None
) -> None:
    answers.body, answers.headers = body, {"Content-Encoding": packing} if packing else {}
    with pytest.raises(NotPrivate, match="no answer"):
        await hub.ensure_private("team/ziki")


async def test_of_an_answer_without_end_no_more_is_read_than_it_may_have(hub: Hub, answers: Answers) -> None:
    answers.body = b" " * (50 * MIB)
    with pytest.raises(NotPrivate):
        await hub.ensure_private("team/ziki")
    assert answers.sent < 10 * MIB  # what may be read, and what was on its way
