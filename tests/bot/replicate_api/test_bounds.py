"""Whatever Replicate's servers answer, it takes bounded bytes, time, pages and depth, and leads nowhere else."""

import gzip
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import bot.replicate_api as module
from bot.errors import RemoteError, RemoteRefused, RemoteUnclear
from bot.replicate_api import Replicate, answers
from tests.bot.conftest import Far

SCHNELL = "black-forest-labs/flux-schnell"
SEA = {"prompt": "a quiet sea", "seed": 7}
RUN = {"id": "a" * 26, "status": "succeeded"}
MIB = 1 << 20


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the bound on an answer one that is quickly met."""
    monkeypatch.setattr(answers, "LARGEST", 2 * MIB)


async def create(remote: Replicate) -> Any:
    return await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)


async def read_into(seen: list[str], remote: Replicate) -> None:
    async for run in remote.recent("predictions"):
        seen.append(run.id)  # noqa: PERF401 - what came before an error is looked at


def bomb(size: int) -> bytes:
    """Pack blanks, of which two hundred become one byte."""
    return gzip.compress(b'{"id": "r"' + b" " * size + b"}", 1)


async def test_a_bomb_is_unpacked_no_further_than_an_answer_may_be_long(remote: Replicate, far: Far) -> None:
    await remote.account()
    far.goes_wrong("POST *", status=201, body=bomb(130 * MIB), encoding="gzip")
    tracemalloc.start()
    with pytest.raises(RemoteUnclear, match="more than 32 MiB"):
        await create(remote)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * answers.LARGEST


async def test_the_loop_goes_on_while_an_answer_is_unpacked(
    remote: Replicate, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = answers.asyncio.sleep

    async def counted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(seconds)

    body = gzip.compress(b" " * (30 * MIB) + b'{"id": "' + b"a" * 26 + b'"}')
    far.goes_wrong("POST *", status=201, body=body, encoding="gzip")
    monkeypatch.setattr("bot.replicate_api.answers.asyncio.sleep", counted)
    assert (await create(remote)).id == RUN["id"]
    assert len(pauses) >= 30 * MIB // answers.STEP


@pytest.mark.usefixtures("small")
async def test_an_answer_without_end_is_left_at_the_bound(remote: Replicate, far: Far) -> None:
    flood = far.goes_wrong("GET *", status=200, body=" " * MIB, endless=True)
    with pytest.raises(RemoteUnclear, match="more than 2 MiB"):
        await remote.account()
    assert flood.sent < 12 * MIB  # the bound, and what was on its way


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"{}")[:-9], "gzip"),
        (b"no gzip at all", "gzip"),
        (b"{}", "br"),
        (gzip.compress(gzip.compress(b"{}")), "gzip, gzip"),
        (b"[" * 200_000, None),
        (b'{"a":' * 200_000, None),
        (b"[" + b"{}," * 500_000 + b"{}]", None),
        (b"1" * 10_000, None),
        (b"\xff\xfe\xfd", None),
    ],
    ids=["cut", "not packed", "another packing", "packed twice", "deep", "deep objects", "many", "long", "no text"],
)
@pytest.mark.parametrize("status", [201, 422])
async def test_an_answer_that_cannot_be_read_is_unclear_and_a_refusal_stays_one(
    remote: Replicate, far: Far, body: bytes, encoding: str | None, status: int
) -> None:
    far.goes_wrong("POST *", status=status, body=body, encoding=encoding)
    with pytest.raises(RemoteError) as error:
        await create(remote)
    assert isinstance(error.value, RemoteUnclear if status == 201 else RemoteRefused)
    assert len(str(error.value)) < 200


async def test_gzip_is_what_is_asked_for_and_read(remote: Replicate, far: Far) -> None:
    far.goes_wrong("GET *", status=200, body=gzip.compress(b'{"username": "me"}'), encoding="gzip")
    assert await remote.account() == "me"
    assert far.world.exchanges[-1].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("ask", [create, Replicate.account], ids=["create", "look"])
async def test_a_byte_now_and_then_outlives_no_deadline(
    remote: Replicate, far: Far, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Replicate], Any]
) -> None:
    monkeypatch.setattr(module, "ANSWER", 0.5)
    slow = Replicate("r8_slow", proxy=far.proxy)
    drip = far.goes_wrong("*", status=200, body=" " * 10**6, drip=0.01)
    with pytest.raises(RemoteUnclear, match="TimeoutError"):
        await ask(slow)
    await slow.close()
    assert drip.sent < 10**4


async def test_a_list_without_end_is_left(remote: Replicate, far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAGES", 5)
    page = {"results": [RUN], "next": "https://api.replicate.com/v1/predictions?cursor=x"}
    pages = far.goes_wrong("GET /v1/predictions", status=200, body=page, times=99)
    with pytest.raises(RemoteUnclear, match="too long"):
        [run async for run in remote.recent("predictions")]
    assert pages.met == 5


async def test_a_list_is_not_read_for_ever(remote: Replicate, far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTING", 0.0)
    page = {"results": [], "next": "/v1/predictions?cursor=x"}
    pages = far.goes_wrong("GET /v1/predictions", status=200, body=page, times=99)
    with pytest.raises(RemoteUnclear, match="too long"):
        [run async for run in remote.recent("predictions")]
    assert pages.met == 1


NOWHERE = [
    7,
    {"a": 1},
    "https://[",
    "\x00",
    "/v1/account",
    "/v1/predictions/../account",
    "/v1/predictionsx?a=b",
    "x" * 10**6,
]


@pytest.mark.parametrize("following", NOWHERE, ids=range(len(NOWHERE)))
async def test_a_list_that_goes_on_elsewhere_is_unclear(remote: Replicate, far: Far, following: object) -> None:
    far.goes_wrong("GET /v1/predictions", status=200, body={"results": [], "next": following})
    with pytest.raises(RemoteUnclear, match="no list's"):
        [run async for run in remote.recent("predictions")]
    assert len(far.world.exchanges) == 1


async def test_the_next_page_is_asked_of_replicate_whatever_host_it_names(remote: Replicate, far: Far) -> None:
    body = {"results": [], "next": "https://evil.example/v1/predictions?cursor=x"}
    for answer in (body, {"results": []}):
        far.goes_wrong("GET /v1/predictions", status=200, body=answer)
    assert [run async for run in remote.recent("predictions")] == []
    assert far.internet.refused == []
    assert far.world.exchanges[-1].query == {"cursor": "x"}


async def test_a_list_with_a_run_that_cannot_be_named_has_the_others_and_is_not_all(
    remote: Replicate, far: Far
) -> None:
    page = {"results": [{"id": "../../v1/account?x="}, RUN]}
    far.goes_wrong("GET /v1/predictions", status=200, body=page)
    seen: list[str] = []
    with pytest.raises(RemoteUnclear, match="no id"):
        await read_into(seen, remote)
    assert seen == [RUN["id"]]


EVIL = "../../v1/account?x="


@pytest.mark.parametrize(
    "ask",
    [
        lambda remote: remote.get("predictions", EVIL),
        lambda remote: remote.cancel("predictions", EVIL),
        lambda remote: remote.newest_version(f"{EVIL}/x"),
        lambda remote: remote.input_fields("o/n", EVIL),
        lambda remote: remote.create_training("o/n", EVIL, destination="o/d", training_input={}),
        lambda remote: remote.create_prediction(EVIL, {}, hold=1, cancel_after=60),
    ],
    ids=["get", "cancel", "model", "version", "train", "paint"],
)
async def test_nothing_that_came_from_outside_leads_to_another_path(
    remote: Replicate, far: Far, ask: Callable[[Replicate], Any]
) -> None:
    with pytest.raises(RemoteRefused, match="no such address"):
        await ask(remote)
    assert not far.world.exchanges


@pytest.mark.parametrize(
    ("match", "body", "ask"),
    [
        ("GET /v1/account", {}, lambda remote: remote.account()),
        ("GET /v1/account", {"username": "../x"}, lambda remote: remote.account()),
        ("GET /v1/models/*", {"latest_version": {"id": EVIL}}, lambda remote: remote.newest_version("o/n")),
        ("GET /v1/models/*", {"latest_version": {"id": 5}}, lambda remote: remote.newest_version("o/n")),
    ],
    ids=range(4),
)
async def test_an_answer_that_lacks_what_was_asked_for_is_unclear(
    remote: Replicate, far: Far, match: str, body: object, ask: Callable[[Replicate], Any]
) -> None:
    far.goes_wrong(match, status=200, body=body)
    with pytest.raises(RemoteUnclear):
        await ask(remote)


async def test_a_refusal_says_no_more_than_anybody_reads(remote: Replicate, far: Far) -> None:
    wrong = [{"field": "input.x" * 10**5, "description": "y" * 10**6}] * 1000
    body = {"detail": "\ud800 no " + "z" * 5 * 10**6, "invalid_fields": wrong[:3], "more": []}
    far.goes_wrong("POST *", status=422, body=body)
    with pytest.raises(RemoteRefused) as refused:
        await create(remote)
    refused.value.detail.encode()
    assert len(refused.value.detail) <= 1000
    assert all(len(name) <= 1000 and len(why) <= 1000 for name, why in refused.value.fields)


@pytest.mark.parametrize("told", [[[]], {"a": 1}, True])
async def test_a_refusal_in_another_form_is_read_as_its_status(remote: Replicate, far: Far, told: object) -> None:
    far.goes_wrong("POST *", status=429, body={"detail": told, "retry_after": told, "title": told})
    with pytest.raises(RemoteRefused, match="429"):
        await create(remote)
