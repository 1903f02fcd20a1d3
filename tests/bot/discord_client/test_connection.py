"""Whatever passes is waited for, ever longer and in one line each; whatever does not ends in one sentence."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp.connector
import pytest

from bot.discord_client.client import AtelierClient
from bot.discord_client.connection import LAST, Connection, Ended, rest
from bot.studio import Studio
from sandbox.discord import TOKEN, Discord, Fault
from sandbox.internet import Internet

ME, APPLICATION, GATEWAY = "GET /users/@me", "GET /oauth2/applications/@me", "GET /gateway/bot"
GROWING = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


@dataclass
class Line:
    """A real client on its way to a real Discord; nobody's time passes but by waiting."""

    discord: Discord
    internet: Internet
    client: AtelierClient
    set_ups: list[bool]
    connection: Connection = field(init=False)
    now: float = 0.0
    waits: list[float] = field(default_factory=list[float])
    mend: Callable[[int], None] = lambda _: None
    """Called after each wait with the number of waits so far."""

    def __post_init__(self) -> None:
        self.connection = Connection(self.client, sleep=self.wait, now=lambda: self.now)

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passes(seconds)
        self.mend(len(self.waits))

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.discord.travel(seconds)

    def goes_wrong(self, match: str, times: int = 3, **how: object) -> None:
        self.discord.faults.append(Fault(match, times, **how))  # pyright: ignore[reportArgumentType] - the test names them

    def breaks(self, host: str, times: int = 3, how: str = "refuse") -> None:
        self.internet.broken[host] = how  # pyright: ignore[reportArgumentType] - the test names them
        self.mend = lambda waits: self.internet.broken.clear() if waits == times else None

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Stay connected for a while; what ends the connection is raised."""
        staying = asyncio.create_task(self.connection.stay(TOKEN))
        waiting = asyncio.create_task(self.reaches(self.is_connected))
        await asyncio.wait((staying, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if staying.done():
            staying.result()
        yield
        await self.client.close()
        await staying

    def is_connected(self) -> bool:
        return self.discord.gateway.connected and bool(self.client.ws.session_id)  # before that it may not be READY

    async def reaches(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - half of what is waited for tells nobody
                await asyncio.sleep(0.005)


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    internet, far = Internet(tmp_path), Discord(tmp_path)
    far.guild("Team")
    for host, app in far.apps().items():
        internet.serve(host, app)
    await far.start()
    await internet.start()
    # aiohttp made its own when it was imported, before there was an authority to trust.
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", internet.trust())
    set_ups: list[bool] = []

    async def on_setup() -> None:
        set_ups.append(True)

    client = AtelierClient(
        studio=cast(Studio, None),
        extensions=(),
        data_dir=tmp_path,
        shrink=lambda _path, _size: b"",
        proxy=f"http://127.0.0.1:{internet.port}",
        on_setup=on_setup,
    )
    async with client:
        yield Line(far, internet, client, set_ups)
    await internet.stop()
    await far.stop()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List what an operator reads of the connection, one line each, beside the library's own of a rate limit."""
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not [record for record in told if record.exc_info]
    assert {record.name for record in told} <= {"bot.discord_client.connection", "discord.http"}
    return [record.getMessage() for record in told if record.name == "bot.discord_client.connection"]


LOGIN: dict[str, Callable[[Line], None]] = {
    "503": lambda line: line.goes_wrong(ME, status=503),
    "503 by Cloudflare": lambda line: line.goes_wrong(ME, status=503, cloudflare=True, retry_after=0),
    "408": lambda line: line.goes_wrong(ME, status=408),
    "no answer": lambda line: line.goes_wrong(ME, 6, lost=True),  # aiohttp itself asks a second time
    "503 for the application": lambda line: line.goes_wrong(APPLICATION, status=503),
    "503 for the gateway": lambda line: line.goes_wrong(GATEWAY, status=503),
    "host unreachable": lambda line: line.breaks("discord.com"),
    "reset": lambda line: line.breaks("discord.com", how="reset"),
    "a stranger's certificate": lambda line: line.breaks("discord.com", how="tls"),
}
HANDSHAKE: dict[str, Callable[[Line], None]] = {
    "500": lambda line: line.goes_wrong("CONNECT /gateway", status=500),
    "503": lambda line: line.goes_wrong("CONNECT /gateway", status=503),
    "dropped": lambda line: line.goes_wrong("CONNECT /gateway", 6, dropped=True),
    "no HELLO": lambda line: line.goes_wrong("CONNECT /gateway", lost=True),
    "4000": lambda line: line.goes_wrong("CONNECT /gateway", code=4000),
    "1000": lambda line: line.goes_wrong("CONNECT /gateway", code=1000),
    "host unreachable": lambda line: line.breaks("gateway.discord.gg"),
}


@pytest.mark.parametrize(
    "trouble", [*LOGIN.values(), *HANDSHAKE.values()], ids=[*LOGIN, *(f"gateway {w}" for w in HANDSHAKE)]
)
async def test_what_passes_before_the_first_session_is_waited_for(
    line: Line, trouble: Callable[[Line], None], caplog: pytest.LogCaptureFixture
) -> None:
    trouble(line)
    async with line.connected():
        assert line.waits == GROWING[:3]
        assert (line.discord.gateway.identified, line.set_ups) == (1, [True])
    assert len(lines(caplog)) == 3
    assert all("not connected to Discord (" in one for one in lines(caplog))


@pytest.mark.parametrize("where", [ME, APPLICATION, GATEWAY])
async def test_an_answer_that_is_none_of_discords_is_waited_out(
    line: Line, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    line.goes_wrong(where, 3, status=200)  # as the page of a hotel's network, that wants a name first
    async with line.connected():
        assert line.waits == GROWING[:3]
    assert caplog.text.count("Discord sent what cannot be read") == 3


@pytest.mark.parametrize("text", ["<html>", "[]", '{"op": 0, "t": "INTERACTION_CREATE", "s": null, "d": {}}'])
async def test_what_cannot_be_read_costs_a_connection_and_not_the_bot(
    line: Line, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line.connected():
        line.passes(100.0)
        await line.discord.gateway.garble(text)
        await line.reaches(lambda: line.waits and line.discord.gateway.connected)
        assert line.waits == [0.0]
        assert line.discord.gateway.identified == 1  # it was resumed, so nothing is lost
    assert caplog.text.count("Discord sent what cannot be read") == 1


async def test_the_pauses_grow_to_a_minute(line: Line) -> None:
    line.goes_wrong(ME, 8, status=503)
    async with line.connected():
        assert line.waits == GROWING


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        ({"status": 429, "retry_after": 300}, 300.0),  # Discord's own
        ({"status": 429, "retry_after": 77, "cloudflare": True}, 77.0),
        ({"status": 503, "retry_after": 90, "cloudflare": True}, 90.0),
        ({"status": 429, "retry_after": 10**9, "cloudflare": True}, 60.0),  # nothing that could be meant
    ],
)
@pytest.mark.parametrize("where", [ME, GATEWAY])
async def test_discord_is_left_alone_for_as_long_as_it_asks(
    line: Line, where: str, trouble: dict[str, object], wait: float, caplog: pytest.LogCaptureFixture
) -> None:
    line.goes_wrong(where, 1, **trouble)
    async with line.connected():
        assert line.waits == [wait]
    assert f"{wait:.0f} s" in lines(caplog)[0]


async def test_an_upgrade_that_is_refused_may_name_a_time_too(line: Line) -> None:
    line.goes_wrong("CONNECT /gateway", 1, status=503, retry_after=20)
    async with line.connected():
        assert line.waits == [20.0]


async def test_a_session_that_is_closed_before_it_is_ready_begins_anew_and_never_at_once(line: Line) -> None:
    line.goes_wrong("IDENTIFY /gateway", 5, code=4000)
    async with line.connected():
        assert line.waits == [5.0, 5.0, 5.0, 8.0, 16.0]
        assert line.discord.starts.left == 1000 - 6


async def test_the_last_sessions_of_a_day_last_until_it_is_over(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.discord.starts.leave(3, 600.0)
    line.goes_wrong("IDENTIFY /gateway", 2, code=4000)
    async with line.connected():
        assert line.now == pytest.approx(600.0, abs=2.0)  # Discord's clock goes on by itself, too
        assert not line.discord.starts.exceeded
    assert "3 of the 1,000 sessions" in lines(caplog)[0]


async def test_where_none_is_left_nothing_begins(line: Line) -> None:
    line.discord.starts.leave(0, 7200.0)
    async with line.connected():
        assert line.waits == [pytest.approx(7200.0, abs=2.0)]
        assert not line.discord.starts.exceeded


def test_sessions_are_spread_only_when_few_are_left() -> None:
    assert rest(LAST, 86_400.0) == 0.0
    assert rest(LAST - 1, 9_900.0) == 100.0
    assert rest(1, 9_900.0) == rest(0, 9_900.0) == 9_900.0


async def test_a_good_connection_is_resumed_at_once(line: Line) -> None:
    async with line.connected():
        for number in (1, 2):
            line.passes(100.0)
            if number == 1:
                await line.discord.gateway.reconnect()
            else:
                line.discord.gateway.disconnect(4000)
            await line.reaches(lambda number=number: len(line.waits) == number and line.discord.gateway.connected)
        assert line.waits == [0.0, 0.0]
        assert line.discord.gateway.identified == 1


async def test_connections_that_do_not_last_are_taken_up_ever_more_slowly(line: Line) -> None:
    line.goes_wrong("RESUME /gateway", 3, code=4000)
    async with line.connected():
        line.passes(100.0)
        line.discord.gateway.disconnect(4000)
        await line.reaches(lambda: len(line.waits) == 4 and line.discord.gateway.connected)
        assert line.waits == [0.0, *GROWING[:3]]
        assert line.discord.gateway.identified == 1


async def test_a_session_whose_host_stays_away_is_given_up(line: Line) -> None:
    async with line.connected():
        line.passes(100.0)
        line.goes_wrong("CONNECT /gateway", 7, status=503)
        line.discord.gateway.disconnect(4000)
        await line.reaches(lambda: line.discord.gateway.identified == 2 and line.discord.gateway.connected)
        assert line.waits == [0.0, *GROWING[:7]]


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_what_no_try_can_help_ends_in_one_sentence(line: Line, code: int) -> None:
    line.goes_wrong("IDENTIFY /gateway", 1, code=code)
    with pytest.raises(Ended, match=rf"for good \({code}\).*Run `python -m bot doctor`"):
        async with line.connected():
            pass
    assert line.waits == []


@pytest.mark.parametrize("where", [ME, APPLICATION, GATEWAY])
async def test_a_wrong_token_ends_in_one_sentence(line: Line, where: str) -> None:
    line.goes_wrong(where, 1, status=401)
    with pytest.raises(Ended, match="Reset it in the developer portal"):
        async with line.connected():
            pass
    assert line.waits == []


@pytest.mark.parametrize(
    ("where", "how"),
    [
        ("GET", {"status": 503}),
        ("GET", {"body": b'{"message": "we will be back"}'}),
        ("GET", {"body": b"<html>we will be back</html>"}),
        ("PUT", {"body": b"[null]"}),
        ("PUT", {"status": 400, "code": 30034}),
    ],
)
async def test_commands_that_could_not_be_registered_are_registered_later(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, how: dict[str, Any]
) -> None:
    monkeypatch.setattr("bot.discord_client.registration.AGAIN", 0.01)
    monkeypatch.setattr("bot.discord_client.registration.TOMORROW", 0.01)
    (tmp_path / "commands.sha256").write_text("0" * 64)  # as an older version left it
    line.goes_wrong(f"{where} /applications/*/commands", 2, **how)
    async with line.connected():
        await line.reaches(lambda: line.client.registration.done)
        assert line.waits == []
