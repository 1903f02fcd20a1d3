"""Rows W1 to W6 of the fault matrix: webhooks come often, late, forged, stale, for strangers, half, or never.

The bot may open few files, and those who knock take none that it needs.
"""

import asyncio
import io
import json
import re
import socket
import time
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sandbox.replicate.siege import Siege, half_a_post
from sandbox.replicate.webhooks import sign
from sandbox.visitor import Visitor, check_pictures, check_text
from tests.e2e.stage import WITHIN, zipped
from tests.faults.confined import FILES
from tests.faults.trial import TRAINED, Trial, only, open_trial

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
TABLES = ("generations", "trainings", "pictures", "versions", "ledger")
PLANTED = "words of a stranger"
CONFINED = ("-m", "tests.faults.confined")
WRONG_SECRET = "whsec_" + "AAAA" * 8
VERDICT = re.compile(r'atelier_webhooks_total\{verdict="([\w ]+)"\} (\d+)')


@dataclass
class Door:
    """Where the bot takes webhooks, and somebody who knocks there."""

    trial: Trial
    address: str
    figures: str
    http: aiohttp.ClientSession
    numbers: "count[int]" = field(default_factory=count)

    async def knock(self, body: bytes, **changes: str | None) -> int:
        """Post a body, signed as Replicate would but for the changes (None leaves a header out); return the status."""
        secret = changes.pop("secret", None) or self.trial.world.replicate.state.secret
        name = changes.get("id") or f"msg_{next(self.numbers)}"
        moment = changes.get("timestamp") or str(int(time.time()))
        headers = {"id": name, "timestamp": moment, "signature": sign(secret, name, moment, body), **changes}
        sent = {f"webhook-{key}": value for key, value in headers.items() if value is not None}
        async with self.http.post(f"{self.address}/replicate", data=io.BytesIO(body), headers=sent) as reply:
            return reply.status

    async def verdicts(self) -> Counter[str]:
        """Read how many webhooks were judged how."""
        async with self.http.get(f"{self.figures}/metrics") as reply:
            return Counter({word: int(number) for word, number in VERDICT.findall(await reply.text())})

    async def judged(self, before: Counter[str], count: int) -> Counter[str]:
        """Return the verdicts since then, once they are so many: a webhook comes when it comes."""
        async with asyncio.timeout(WITHIN):
            while sum((since := await self.verdicts() - before).values()) < count:
                pass
            return since


def claim(run_id: str, status: str = "succeeded") -> bytes:
    """Write what a webhook might say of a run."""
    output = ["https://replicate.delivery/evil/out-0.webp"]
    return json.dumps({"id": run_id, "status": status, "output": output, "logs": PLANTED}).encode()


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Find two ports: for webhooks, and for the figures."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int]) -> AsyncGenerator[Trial]:
    public, private = (f"127.0.0.1:{port}" for port in ports)
    served = {
        "ATELIER_LISTEN": public,
        "ATELIER_METRICS_LISTEN": private,
        "ATELIER_WEBHOOK_URL": f"http://{public}/replicate",
    }
    async with open_trial(tmp_path_factory.mktemp("webhooks"), CONFINED, served) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def door(trial: Trial, ports: tuple[int, int]) -> AsyncGenerator[Door]:
    public, private = (f"http://127.0.0.1:{port}" for port in ports)
    async with aiohttp.ClientSession() as http:
        yield Door(trial, public, private, http)


def kept(trial: Trial) -> list[dict[str, Any]]:
    """Read everything that webhooks could change."""
    return [row for table in TABLES for row in trial.query(f"SELECT * FROM {table}")]  # noqa: S608 - ours


async def trains(member: Visitor, name: str) -> None:
    """Go through a training, and see its card once."""
    card = await member.trains(zipped(3), name, "ZIKWEB")
    check_pictures(card, 1)
    only(member, "Your fine-tune is ready")


async def test_w1_ten_webhooks_at_once_make_one_result(trial: Trial, member: Visitor, door: Door):
    before = await door.verdicts()
    trial.world.replicate.habits.webhooks = "duplicate"
    await trains(member, "tenfold")
    check_pictures(await member.imagines("a tenfold boat"), 1)
    only(member, "a tenfold boat")
    runs = len(trial.created())
    assert runs == TRAINED + 1
    assert await door.judged(before, 10 * runs) == {"heeded": runs, "repeated": 9 * runs}


async def test_w2_a_webhook_out_of_order_changes_nothing(trial: Trial, member: Visitor, door: Door):
    trial.world.replicate.habits.stuck = "processing"
    answer = await member.person.slash(member.channel, "imagine", prompt="a boat out of order")
    await trial.until(lambda: [job for job in trial.jobs() if job["remote_id"]], "Replicate has it")
    (made,) = trial.created()
    assert await door.knock(claim(made.id)) == 200  # too early: it is still being painted
    await trial.until(lambda: trial.asked("GET", f"/predictions/{made.id}") >= 1, "the bot has looked for itself")
    assert "Again" not in [button.label for button in only(member, "a boat out of order").buttons]
    trial.world.replicate.lifecycle.cancel(trial.world.replicate.state.jobs[made.id])
    check_text(await member.gets(answer), "Replicate ended this")
    trial.mend()
    check_pictures(await member.imagines("a boat in order"), 1)
    await trial.settled()
    before = kept(trial)
    for made in trial.created():
        assert await door.knock(claim(made.id, "processing")) == 200  # too late
    assert kept(trial) == before
    check_pictures(only(member, "a boat in order"), 1)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": WRONG_SECRET}, 401),
        ({"signature": None}, 401),
        ({"id": None}, 401),
        ({"timestamp": None}, 401),
        ({"signature": "v1,%%% no base64"}, 401),
        ({"signature": "v1a,ünlesbar"}, 401),
        ({"signature": "v1,ünlesbar"}, 401),
        ({"id": "msg_ü"}, 401),
        ({"timestamp": "yesterday"}, 401),
        ({"timestamp": "9" * 400}, 401),
    ],
    ids=str,
)
async def test_w3_forged_webhooks_are_refused_before_anything_is_read(
    trial: Trial, member: Visitor, door: Door, changes: dict[str, str | None], status: int
):
    check_pictures(await member.imagines("a boat nobody forges"), 1)
    await trial.settled()
    before, asked = kept(trial), trial.asked("GET", "/predictions/")
    (made,) = trial.created()
    assert await door.knock(claim(made.id), **changes) == status
    assert (kept(trial), trial.asked("GET", "/predictions/")) == (before, asked)
    assert PLANTED not in trial.log()


async def test_w3_bodies_that_are_too_large_or_no_json_are_refused(trial: Trial, member: Visitor, door: Door):
    before = kept(trial)
    assert await door.knock(PLANTED.encode() * (10 * 2**20 // len(PLANTED))) == 413
    for body in (b"", b"\xff\xfe", b"[]", b'{"id": 7}', b"[" * 100_000):
        assert await door.knock(body) == 401
    async with door.http.get(f"{door.address}/replicate") as reply:
        assert reply.status == 405
    assert kept(trial) == before
    assert PLANTED not in trial.log()
    check_pictures(await member.imagines("a boat after the flood"), 1)


async def test_w4_replayed_and_future_webhooks_are_refused(trial: Trial, member: Visitor, door: Door):
    before = kept(trial)
    now = int(time.time())
    for moment in (now - 86_400, now - 400, now + 400, now + 86_400):
        assert await door.knock(claim("abc"), timestamp=str(moment)) == 401
    heard = await door.verdicts()
    answers = await asyncio.gather(*(door.knock(claim("abc"), id="msg_replayed") for _ in range(5)))
    assert answers == [200] * 5
    assert await door.verdicts() - heard == {"heeded": 1, "repeated": 4}
    assert kept(trial) == before
    check_pictures(await member.imagines("a boat of today"), 1)


async def test_w5_a_webhook_for_an_unknown_run_does_nothing(trial: Trial, member: Visitor, door: Door):
    check_pictures(await member.imagines("a boat of our own"), 1)
    await trial.settled()
    before, asked = kept(trial), len(trial.world.replicate.exchanges)
    for stranger in ("zzzzzzzzzzzzzzzzzzzzzzzzzz", "../account", trial.created()[0].id, ""):
        assert await door.knock(claim(stranger)) == 200
    assert kept(trial) == before
    assert len(trial.world.replicate.exchanges) == asked


async def test_w6_without_webhooks_results_come_by_looking(trial: Trial, member: Visitor, door: Door):
    before = await door.verdicts()
    trial.world.replicate.habits.webhooks = "none"
    await trains(member, "deaf")
    assert await door.verdicts() == before
    assert len(trial.created()) == TRAINED


@pytest.mark.parametrize("habit", ["forge", "stale"])
async def test_w6_where_all_webhooks_are_refused_results_come_all_the_same(
    trial: Trial, member: Visitor, door: Door, habit: Any
):
    before = await door.verdicts()
    trial.world.replicate.habits.webhooks = habit
    check_pictures(await member.imagines("a boat unheard of"), 1)
    assert set(await door.judged(before, 1)) == {"forged"}
    assert len(trial.created()) == 1


async def test_more_half_sent_webhooks_than_the_bot_may_have_files_lose_no_picture(
    trial: Trial, member: Visitor, door: Door, ports: tuple[int, int]
):
    async with Siege("127.0.0.1", ports[0]) as siege:
        await siege.lay(FILES + 50, half_a_post("/replicate"))
        check_pictures(await member.imagines("a boat in a siege"), 1)
        async with door.http.get(f"{door.figures}/health") as reply:
            assert reply.status == 200
    assert "out of system resource" not in trial.log()
    assert len(trial.created()) == 1


async def test_figures_are_not_where_strangers_come(trial: Trial, member: Visitor, door: Door):
    async with door.http.get(f"{door.address}/metrics") as reply:
        assert (reply.status, "ATELIER_METRICS_LISTEN" in await reply.text()) == (404, True)
    async with door.http.get(f"{door.figures}/metrics") as reply:
        assert "atelier_webhooks_total" in await reply.text()
    async with door.http.post(f"{door.figures}/replicate") as reply:
        assert reply.status == 404
