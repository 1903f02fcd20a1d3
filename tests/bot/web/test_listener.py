"""Strangers get so many connections and so much time; whoever comes after them is served."""

import pytest

from bot.errors import AtelierError
from bot.web import listener
from sandbox.replicate.siege import Siege, half_a_post
from tests.bot.web.conftest import Door


@pytest.fixture
async def hasty(door: Door, monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door with little patience for heads."""
    await door.listener.stop()
    monkeypatch.setattr(listener, "IDLE", 0.2)
    other = Door(door.http)
    await other.listener.start(("127.0.0.1", 0))
    door.listener = other.listener
    return other


async def test_only_so_many_connections_are_kept_and_the_others_turned_away(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MOST_CONNECTIONS", 5)
    async with Siege(*door.address) as siege:
        await siege.lay(5, half_a_post("/replicate"))
        assert await door.knock() == 503
    await one_is_served(door)


async def one_is_served(door: Door) -> None:
    while await door.knock() == 503:  # until the server has seen that those before have left
        pass
    assert await door.knock(name="msg_2") == 200


@pytest.mark.parametrize(
    "said",
    [b"", b"POST /replicate HTTP/1.1\r\nHost: x\r\nwebhook-id: ", b"POST /repl"],
    ids=["silent", "half a head", "half a line"],
)
async def test_a_head_that_does_not_come_is_not_waited_for(hasty: Door, said: bytes) -> None:
    async with Siege(*hasty.address) as siege:
        await siege.lay(10, said)
        assert await siege.answers() == [b""] * 10
    assert await hasty.knock() == 200


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"no http\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nx: " + b"y" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"POST /replicate HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /replicate HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["TLS", "no http", "long", "many", "negative", "smuggled"],
)
async def test_what_is_no_request_is_refused_without_a_word_in_the_log(
    hasty: Door, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with Siege(*hasty.address) as siege:
        await siege.lay(3, said)
        answers = await siege.answers()
    assert all(answer[8:12] in (b" 400", b"") for answer in answers)
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/", "/replicate?x=y"])
async def test_whoever_is_refused_is_parted_from(hasty: Door, path: str) -> None:
    async with Siege(*hasty.address) as siege:
        await siege.lay(1, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        (answer,) = await siege.answers()  # which waits until the server has hung up
    assert answer[:10] == b"HTTP/1.1 4"


async def test_a_stop_does_not_wait_for_half_a_body(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "GOODBYE", 0.05)
    other = Door(door.http)
    await other.listener.start(("127.0.0.1", 0))
    async with Siege(*other.address) as siege:
        await siege.lay(3, half_a_post("/replicate"))
        while not other.asked:
            await other.knock()
        await other.listener.stop()
        await siege.answers()


async def test_an_address_that_is_taken_is_named(door: Door) -> None:
    other = Door(door.http)
    with pytest.raises(AtelierError, match=r"cannot be listened on.*Set ATELIER_LISTEN"):
        await other.listener.start(door.address)
    await other.listener.stop()
