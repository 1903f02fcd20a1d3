"""No secret gets into a log, by whichever way it tries, and no line that is not a record's own."""

import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from bot.logs import Redact

TOKEN = "r8_markedMarkedMarked1234567890"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789AB"
ODD = "odd secret (with) [signs]* \\d+ und Ümläuten"
PLANTED = (TOKEN, DISCORD, ODD)
UNKNOWN = (
    "r8_SomebodyElsesToken123",
    "hf_SomebodyElsesToken123",
    "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA/messages/@original",
    "https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA/callback",
    "WebSocket Event: {'d': {'token': 'aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA', 'id': 1}}",
    "lora_weights: 'https://civitai.com/api/download/models/1?type=Model&token=civSomebodyElses123' cannot be loaded",
    "https://anna:SomebodyElsesPassword@weights.example/a.safetensors",
    "https://cdn.discordapp.com/attachments/1/2/a.zip?ex=66&is=65&hm=0123456789abcdef0123456789abcdef",
)
TAILS = ("SomebodyElses", "C2FVsBQ", "aW50ZXJhY3Rpb24", "0123456789abcdef0")


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redact(["", *PLANTED]))
    logger = logging.getLogger("test.secrets")
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)


LOG = logging.getLogger("test.secrets")


def raised(secret: str) -> BaseException:
    error = RuntimeError(f"outer {secret}")
    error.__cause__ = ValueError(f"inner {secret}")
    return error


@pytest.mark.parametrize("secret", PLANTED)
def test_a_planted_secret_is_blanked_in_messages_arguments_and_tracebacks(
    secret: str, written: Callable[[], str]
) -> None:
    LOG.warning("in the message: " + secret)  # noqa: G003 - as a careless author would
    LOG.warning("as an argument: %s, %r, %s", secret, {"token": secret}, [secret])
    LOG.warning("as a name: %(name)s", {"name": secret})
    LOG.error("in a traceback", exc_info=raised(secret))
    LOG.warning("in a stack: %s", secret, stack_info=True)
    assert secret not in written()
    assert written().count("[redacted]") >= 6


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_looks_like_a_secret_is_blanked_too(text: str, written: Callable[[], str]) -> None:
    LOG.warning("got %s", text)
    assert "[redacted]" in written()
    assert not any(tail in written() for tail in TAILS)


def test_an_ordinary_line_stays_as_it_is(written: Callable[[], str]) -> None:
    LOG.warning("job %s is prediction %s at Replicate", "g1", "rm3r0vpm5srm80cm2x7bpsx8wc")
    assert written().endswith("WARNING test.secrets: job g1 is prediction rm3r0vpm5srm80cm2x7bpsx8wc at Replicate\n")


ENDS = ["\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
"""Everything that some reader of a log takes for the end of a line."""
FORGED = "2026-11-26 10:00:00,000 CRITICAL bot.cli.run: everything is lost"


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_what_somebody_wrote_begins_no_line(end: str, written: Callable[[], str]) -> None:
    LOG.warning("the picture %s is kept", f"a{end}{FORGED}")
    LOG.warning(f"a{end}{FORGED}")  # noqa: G004 - as a careless author would
    LOG.error("in a traceback", exc_info=raised(f"a{end}{FORGED}"))
    LOG.warning("in a stack", stack_info=True)
    own = [line for line in written().splitlines() if not line.startswith("    ")]
    assert [line[24:31] for line in own] == ["WARNING", "WARNING", "ERROR  ", "WARNING"]
    assert not any(line.startswith(FORGED) for line in own)
    assert "    ValueError: inner a" in written()


@pytest.mark.parametrize("sign", ["\x1b[2K", "\x1b[31m", "\x9b1A", "\b", "\x7f", "\u202e", "\u2066", "\x00"], ids=ascii)
def test_what_a_terminal_obeys_is_written_out(sign: str, written: Callable[[], str]) -> None:
    LOG.warning("a name: %s", sign)
    LOG.error("broken", exc_info=raised(sign))
    assert sign[0] not in written()
    assert sign.encode("unicode_escape").decode() in written()


def test_what_ends_the_process_is_formatted_as_everything_else() -> None:
    program = (
        f"from bot.logs import set_up; set_up('INFO', [{TOKEN!r}]); raise OSError({TOKEN!r} + chr(10) + {FORGED!r})"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    first, *others = ran.stderr.splitlines()
    assert ran.returncode == 1
    assert " CRITICAL bot: " in first
    assert [line for line in others if not line.startswith("    ")] == []
    assert TOKEN not in ran.stderr


LIBRARIES = """
import asyncio, logging, sys
from bot.logs import set_up
set_up("INFO", [sys.argv[1]])

async def main():
    for name in ("", "discord", "discord.http", "aiohttp.access", "asyncio", "bot.flows.training"):
        logging.getLogger(name).error("%s says %s", name or "root", sys.argv[1])
    logging.getLogger("httpx").info("a line for every look at a run is nobody's news")

asyncio.run(main())
"""


def test_no_library_writes_past_the_filter() -> None:
    command = [sys.executable, "-c", LIBRARIES, TOKEN]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert TOKEN not in ran.stdout + ran.stderr
    for name in ("root", "discord", "discord.http", "aiohttp.access", "asyncio", "bot.flows.training"):
        assert ran.stderr.count(f" {name}: {name} says [redacted]") == 1
    assert "nobody's news" not in ran.stderr
