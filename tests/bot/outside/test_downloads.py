"""Files come from two named places only, whole, within their limits, or not at all."""

import asyncio
import base64
import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.outside import downloads as module
from bot.outside.downloads import DISCORD, REPLICATE, DownloadFailed, Downloads, checked, inline
from sandbox.internet import Internet

HOSTS = (*DISCORD, *REPLICATE)
FILE = "https://cdn.discordapp.com/attachments/1/2/photos.zip"


class Cdn:
    """A file server on a small internet that does as it is told."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.body = b"photos"
        self.headers: dict[str, str] = {}
        self.status = 200
        self.after: asyncio.Event | None = None
        """What the second half of the body waits for."""
        self.cut = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(str(request.url))
        length = {"Content-Length": str(len(self.body))}
        response = web.StreamResponse(status=self.status, headers=length | self.headers)
        if self.headers.get("Transfer-Encoding"):
            del response.headers["Content-Length"]
        await response.prepare(request)
        half = len(self.body) // 2
        await response.write(self.body[:half])
        if self.after:
            await self.after.wait()
        if self.cut and request.transport:
            request.transport.close()
            return response
        await response.write(self.body[half:])
        return response


@pytest.fixture
def cdn() -> Cdn:
    return Cdn()


@pytest.fixture
async def internet(cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Internet]:
    monkeypatch.setattr("sandbox.internet.GOODBYE_WITHIN", 0.05)
    internet = Internet(tmp_path / "internet")
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", cdn.answer)])
    for host in (*HOSTS, "pbxt.replicate.delivery"):
        internet.serve(host, app)
    await internet.start()
    yield internet
    await internet.stop()


@pytest.fixture
async def fetch(internet: Internet) -> AsyncIterator[Downloads]:
    connector = aiohttp.TCPConnector(ssl=internet.trust())
    async with aiohttp.ClientSession(proxy=f"http://127.0.0.1:{internet.port}", connector=connector) as session:
        yield Downloads(session)


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("file*")]


async def fails(fetch: Downloads, path: Path, url: str = FILE, *, cap: int = 100, seconds: float = 20) -> str:
    """Have a download fail, and see that it leaves nothing behind."""
    with pytest.raises(DownloadFailed) as failed:
        await fetch.save(url, path / "file", hosts=HOSTS, cap=cap, seconds=seconds)
    assert not left(path)
    return str(failed.value)


@pytest.mark.parametrize("host", [*HOSTS, "pbxt.replicate.delivery"])
async def test_a_file_comes_whole(fetch: Downloads, tmp_path: Path, host: str) -> None:
    size = await fetch.save(f"https://{host}/a?ex=1&hm=2", tmp_path / "file", hosts=HOSTS, cap=6, seconds=20)
    assert (size, (tmp_path / "file").read_bytes()) == (6, b"photos")
    assert left(tmp_path) == ["file"]


async def test_a_body_that_is_cut_short_is_no_file(fetch: Downloads, cdn: Cdn, tmp_path: Path) -> None:
    cdn.cut = True
    assert "ClientPayloadError" in await fails(fetch, tmp_path)


async def test_a_file_over_the_cap_is_not_even_begun(fetch: Downloads, tmp_path: Path) -> None:
    assert "offers more than 5 bytes" in await fails(fetch, tmp_path, cap=5)


@pytest.mark.parametrize("headers", [{"Transfer-Encoding": "chunked"}, {"Content-Encoding": "identity"}], ids=str)
async def test_more_than_was_said_is_cut_off(
    fetch: Downloads, cdn: Cdn, tmp_path: Path, headers: dict[str, str]
) -> None:
    cdn.headers, cdn.body = headers, bytes(1_000_000)
    assert "more than 1000 bytes" in await fails(fetch, tmp_path, cap=1000)


async def test_a_packed_body_counts_unpacked(fetch: Downloads, cdn: Cdn, tmp_path: Path) -> None:
    cdn.body = gzip.compress(bytes(50_000_000))
    cdn.headers = {"Content-Encoding": "gzip"}
    assert "more than 100000 bytes came" in await fails(fetch, tmp_path, cap=100_000)


@pytest.mark.parametrize("status", [204, 301, 302, 307, 403, 404, 500, 503])
async def test_anything_but_a_file_is_none(fetch: Downloads, cdn: Cdn, tmp_path: Path, status: int) -> None:
    cdn.status, cdn.headers, cdn.body = status, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""
    assert str(status) in await fails(fetch, tmp_path)
    assert len(cdn.requests) == 1


async def test_a_server_that_dawdles_is_left(fetch: Downloads, cdn: Cdn, tmp_path: Path) -> None:
    cdn.after = asyncio.Event()
    assert "too slow" in await fails(fetch, tmp_path, seconds=0.05)


async def test_a_server_that_falls_silent_is_left(
    fetch: Downloads, cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 0.05)
    cdn.after = asyncio.Event()
    assert "cdn.discordapp.com" in await fails(fetch, tmp_path)


@pytest.mark.parametrize("breakage", ["refuse", "reset", "tls"])
async def test_a_host_in_trouble_is_a_failure(
    fetch: Downloads, internet: Internet, tmp_path: Path, breakage: str
) -> None:
    internet.broken["cdn.discordapp.com"] = breakage  # pyright: ignore[reportArgumentType] - one of its words
    assert "cdn.discordapp.com" in await fails(fetch, tmp_path)


EVIL = st.sampled_from(
    r"""
    evil.example 127.0.0.1 localhost [::1] 169.254.169.254 0x7f000001 2130706433 cdn.discordapp.com.evil.example
    evil-replicate.delivery replicate.delivery.evil.example cdn.discordapp.com@evil.example xreplicate.delivery
    user:secret@cdn.discordapp.com :x@replicate.delivery cdn.discordapp.com:80 cdn.discordapp.com:8443
    cdn.discordapp.com. discordapp.com discord.com api.replicate.com metadata.google.internal [::ffff:7f00:1]
    cdn.discordapp.com%2eevil.example cdn.discordapp.com%00.evil.example cdn.discordapp.com\@evil.example
    """.split()  # noqa: SIM905 - a list would be a line each
)
SCHEMES = st.sampled_from(["https", "http", "ftp", "file", "gopher", "data", "HTTPS", "javascript", "", "https+x"])
HOSTILE = st.one_of(
    st.builds("https://{}/{}".format, EVIL, st.text(max_size=20)),
    st.builds("{}://{}/a".format, SCHEMES.filter(lambda s: s.lower() != "https"), EVIL | st.sampled_from(HOSTS)),
    st.builds("https://{}{}".format, st.text(max_size=12).filter(lambda t: not t.strip()), EVIL),
    st.text(max_size=60),
)


async def test_no_hostile_address_is_ever_asked(fetch: Downloads, internet: Internet, cdn: Cdn, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=1000, deadline=None)
    @given(url=HOSTILE)
    @example(url="https://")
    @example(url="//cdn.discordapp.com/a")
    @example(url="https:cdn.discordapp.com/a")
    def never(url: str) -> None:
        asyncio.run_coroutine_threadsafe(fails(fetch, tmp_path, url), loop).result(20)

    await asyncio.to_thread(never)
    assert (cdn.requests, internet.refused) == ([], [])


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_trusted_for_its_own_purpose_only(host: str) -> None:
    others = REPLICATE if host in DISCORD else DISCORD
    with pytest.raises(DownloadFailed, match=f"not fetched from {host}"):
        checked(f"https://{host}/a", others)


def test_an_inline_picture_is_read() -> None:
    assert inline("data:image/png;base64,aGk=") == b"hi"


@pytest.mark.parametrize("url", ["https://replicate.delivery/a", "data:text/html;base64,aGk=", "data:image/png,hi", ""])
def test_what_is_no_inline_picture_is_none(url: str) -> None:
    assert inline(url) is None


def test_a_damaged_inline_picture_is_a_failure() -> None:
    with pytest.raises(DownloadFailed, match="damaged"):
        inline("data:image/png;base64,a")


@given(st.binary())
def test_an_inline_picture_comes_as_it_was_sent(body: bytes) -> None:
    assert inline(f"data:image/webp;base64,{base64.b64encode(body).decode()}") == body


@given(st.text().filter(lambda text: not re.fullmatch(r"[A-Za-z0-9+/]*=*", text, re.ASCII)))
def test_no_other_text_is_an_inline_picture(text: str) -> None:
    with pytest.raises(DownloadFailed):
        inline(f"data:image/png;base64,{text}")
