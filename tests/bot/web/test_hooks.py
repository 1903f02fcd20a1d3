"""Genuine webhooks wake whoever waits; all others cost a bounded time, memory and number of requests with our token."""

import asyncio
import gzip

import pytest

from bot.web import hooks, keyring
from bot.web.signatures import Forged, Seal, Secret
from sandbox.replicate.siege import SIGNATURE, Siege, half_a_post
from tests.bot.conftest import until
from tests.bot.web.conftest import KEY, Door

VECTOR = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")


def test_the_example_of_standard_webhooks_is_genuine() -> None:
    name, moment, signature = VECTOR
    headers = {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": f"v1,{'A' * 43}= {signature}"}
    with pytest.raises(Forged, match="names no run"):  # its signature is right, and it tells of no run
        Secret(KEY).open(Seal.read(headers, float(moment)), b'{"test": 2432232314}')


@pytest.mark.parametrize(
    "malformed",
    [
        {"webhook-id": ""},
        {"webhook-id": "m" * 257},
        {"webhook-id": "msg_\udcff"},
        {"webhook-id": "msg 1"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,\udcff"},
        {"webhook-signature": f"v2,{SIGNATURE[3:]}"},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": "x " * 5000},
    ],
    ids=repr,
)
def test_headers_that_replicate_would_not_send_are_refused_by_themselves(malformed: dict[str, str]) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}
    assert Seal.read(headers, 1614265330.0)
    with pytest.raises(Forged):
        Seal.read(headers | malformed, 1614265330.0)


@pytest.mark.parametrize(
    "key", ["", "whsec", "whsec_", "whsec_%%%", "whsec_ü", "whsec_\ud800", "other_AAAA", "whsec_A"]
)
def test_a_malformed_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ValueError, match=r"^the webhook secret is malformed$"):
        Secret(key)


async def test_a_genuine_webhook_is_heeded_once(door: Door) -> None:
    assert [await door.knock() for _ in range(3)] == [200, 200, 200]
    assert (door.woken, door.asked) == (["abc"], 1)


async def test_raw_headers_that_are_no_text_are_refused(door: Door) -> None:
    said = half_a_post("/replicate", **{"webhook-id": "@"}).replace(b"@", b"\xff\xfe")
    async with Siege(*door.address) as siege:
        await siege.lay(1, said)
        (answer,) = await siege.answers()
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("key", ["", "whsec_%%%", "whsec_ü", "something else"])
async def test_while_the_key_cannot_be_had_replicate_is_asked_once_an_interval(door: Door, key: str) -> None:
    door.key = key
    for rounds in range(1, 4):
        answers = await asyncio.gather(*(door.knock(name=f"msg_{n}", signature=SIGNATURE) for n in range(10)))
        assert set(answers) == {503}
        assert door.asked == rounds
        door.now += keyring.LONGEST_PAUSE
    door.key = KEY
    assert await door.knock() == 200
    assert door.woken == ["abc"]


async def test_those_who_wait_for_the_key_share_one_look_up(door: Door) -> None:
    answers = await asyncio.gather(*(door.knock(name=f"msg_{n}") for n in range(30)))
    assert (set(answers), door.asked, len(door.woken)) == ({200}, 1, 30)


async def test_a_look_up_that_takes_long_keeps_nobody_waiting(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "PATIENCE", 0.05)
    released = asyncio.Event()

    async def slow() -> str:
        await released.wait()
        return KEY

    monkeypatch.setattr(door, "look_up", slow)
    ring = keyring.Keyring(slow)
    assert await ring.secret() is None
    released.set()
    assert await ring.secret() is not None


async def test_more_than_so_many_a_second_are_not_even_read(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST_A_SECOND", 10)
    answers = [await door.knock(name=f"msg_{n}") for n in range(15)]
    assert answers == [200] * 10 + [429] * 5
    door.now += 1
    assert await door.knock(name="msg_later") == 200


async def test_a_body_that_does_not_come_is_not_waited_for(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "BODY_SECONDS", 0.1)
    async with Siege(*door.address) as siege:
        await siege.lay(20, half_a_post("/replicate"))
        answers = await siege.answers()
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}
    assert await door.knock() == 200


@pytest.mark.parametrize(
    ("body", "packing", "status"),
    [
        (b"x" * (hooks.BODY + 1), None, 413),
        (gzip.compress(bytes(50 << 20), 1), "gzip", 401),
        (b"no gzip", "gzip", 401),
        (b"[" * 500_000, None, 401),
        (b'{"id": 5}', None, 401),
    ],
    ids=["large", "bomb", "no gzip", "deep", "no run"],
)
async def test_a_body_is_judged_as_it_came(door: Door, body: bytes, packing: str | None, status: int) -> None:
    assert await door.knock(body, packing=packing) == status
    assert door.woken == []


async def test_a_body_that_breaks_on_the_way_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "BODY_SECONDS", 0.2)
    head, _, _ = half_a_post("/replicate", **{"Transfer-Encoding": "chunked"}).partition(b"\r\n\r\n")
    async with Siege(*door.address) as siege:
        await siege.lay(1, head.replace(b"Content-Length: 512\r\n", b"") + b"\r\n\r\n5\r\nhello\r\n")
        await until(lambda: bool(door.asked))
        siege.say(b"no length\r\n")
        (answer,) = await siege.answers()
    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 408")  # aiohttp's parser does not always tell who reads
    assert await door.knock() == 200


async def test_a_flood_of_forged_ones_is_one_line_a_minute(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(30):
        assert await door.knock(signature="v1,nothing") == 401
    assert [record.message for record in caplog.records] == ["webhook refused with 401: forged it has no signature"]
    door.now += hooks.BETWEEN_LINES
    await door.knock(signature="v1,nothing")
    assert "29 more" in caplog.records[-1].message
