"""Marked secrets are written nowhere: not in a log, a file, a database, a message, a form or a figure."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.bot_process import BotProcess
from sandbox.discord import TOKEN
from sandbox.discord import Fault as DiscordFault
from sandbox.replicate_world import Fault
from sandbox.visitor import Visitor, check_pictures, check_text
from tests.e2e.said import HOSTILE, Ear, escaped
from tests.e2e.stage import PLENTY, WITHIN, Stage, open_world, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

REPLICATE = "r8_MarkedReplicateMarkedReplicate000000"
HUGGING_FACE = "marked-and-unlike-any-pattern-of-hugging-face"
WANDB = "marked-key-of-weights-and-biases-0123456"
MEANT = ("hf_token", "wandb_api_key")
PROXY = "marked-password-of-the-proxy"


class Marks:
    """Everything that must not be written, known beforehand or handed out on the way."""

    def __init__(self, stage: Stage) -> None:
        world = stage.world
        self._backend, self.seals = world.discord.backend, set[str]()
        self.fixed = {
            "Discord's token": TOKEN,
            "the end of Discord's token": TOKEN.rpartition(".")[2],
            "Replicate's token": REPLICATE,
            "Hugging Face's token": HUGGING_FACE,
            "the key of Weights & Biases": WANDB,
            "the proxy's password": PROXY,
            "the webhooks' secret": world.replicate.state.secret.partition("_")[2],
        }
        seal = world.discord.signer._seal

        def overheard(path: str, expires: str, issued: str) -> str:
            self.seals.add(made := seal(path, expires, issued))
            return made

        world.discord.signer._seal = overheard

    def all(self) -> dict[str, str]:
        """Give every secret there is so far, by what it is."""
        tokens = {
            f"the token of interaction {number}": token for token, number in self._backend.interaction_tokens.items()
        }
        return self.fixed | tokens | {f"the seal {seal}": seal for seal in self.seals}

    def found_in(self, places: Iterable[tuple[str, bytes]]) -> list[str]:
        """Say which secrets are in which places."""
        secrets = [(what, secret.encode()) for what, secret in self.all().items()]
        return [f"{what} is in {place}" for place, content in places for what, secret in secrets if secret in content]


def files_of(bot: BotProcess, temporary: Path) -> Iterator[tuple[str, bytes]]:
    """Read whatever the bot wrote, its databases' logs included."""
    for folder in (bot.directory, temporary):
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes()
    yield bot.log_file.name, bot.log_file.read_bytes()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def marked_stage(directory: Path, port: int, figures_port: int) -> AsyncGenerator[Stage]:
    """Open a world whose bot has marked secrets and says all it can."""
    temporary = directory / "tmp"
    temporary.mkdir()
    async with open_world(directory / "world") as world:
        proxy = f"http://operator:{PROXY}@127.0.0.1:{world.internet.port}"
        marked = {
            "REPLICATE_API_TOKEN": REPLICATE,
            "HF_TOKEN": HUGGING_FACE,
            "ATELIER_HF_NAMESPACE": "atelier",
            "WANDB_API_KEY": WANDB,
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "ATELIER_LOG_LEVEL": "DEBUG",
            "ATELIER_LISTEN": f"127.0.0.1:{port}",
            "ATELIER_METRICS_LISTEN": f"127.0.0.1:{figures_port}",
            "ATELIER_WEBHOOK_URL": f"http://127.0.0.1:{port}/replicate",
            "TMPDIR": str(temporary),
        }
        stage = Stage(world, world.bot(None, **(PLENTY | marked)))
        stage.bot.settings["ATELIER_SUBMIT_GRACE"] = "1"
        yield stage
        if stage.bot.pid is not None:
            await stage.bot.stop()


async def trouble(stage: Stage, alice: Visitor) -> None:
    """Let everything go wrong that makes people write things down."""
    discord, replicate = stage.world.discord, stage.world.replicate
    echo = {"detail": f"input.hf_token: {HUGGING_FACE} is not valid with {REPLICATE}, {TOKEN}"}
    report = await alice.hands_in(zipped(4), "refused", "ZIKREFUSED")
    replicate.faults.append(Fault(match="POST *trainings", status=422, body=echo))
    status = await alice.starts(report)
    check_text(await alice.is_told(status), "Replicate refused one of the settings")

    replicate.faults.append(Fault(match="POST *predictions", status=500, body=echo, times=2))
    check_pictures(await alice.imagines(f"after two errors {HOSTILE}"), 1)
    replicate.faults.append(Fault(match="GET /v1/predictions*", status=503, body=echo["detail"], times=2))
    replicate.habits.fail_with = f"E9999 with {REPLICATE} and {HUGGING_FACE}"
    check_text(await alice.imagines(f"a failure {HOSTILE}", variant="dev"), "No pictures this time")
    replicate.habits.fail_with = None

    stage.world.internet.broken["gateway.discord.gg"] = "refuse"
    discord.gateway.disconnect(4000)
    await alice.until(lambda: not discord.gateway.connected, "the bot away")
    async with asyncio.timeout(WITHIN):
        while "not connected to Discord (" not in stage.bot.log_file.read_text():  # noqa: ASYNC110  # it is a file
            await asyncio.sleep(0.05)
    stage.world.internet.broken.clear()
    await alice.until(lambda: discord.gateway.connected, "the bot again")
    discord.faults.append(DiscordFault("PATCH /webhooks/*", times=2, status=500))
    discord.faults.append(DiscordFault("POST /webhooks/*", times=1, status=404, code=10015, message="Unknown Webhook"))
    check_pictures(await alice.imagines("with Discord's errors"), 1)
    discord.faults.append(DiscordFault("GET /*attachments/*", times=1, status=404))
    check_text(await alice.hands_in(zipped(3), "expired", "ZIKEXPIRED"), "did not hand over a file")
    stage.world.internet.broken["cdn.discordapp.com"] = "reset"
    stage.world.internet.hang_up("cdn.discordapp.com")
    check_text(await alice.hands_in(zipped(3), "expired", "ZIKEXPIRED"), "did not hand over a file")
    stage.world.internet.broken.clear()

    for path in (stage.bot.directory / "pictures").rglob("*.webp"):
        path.unlink()
    shown = await alice.runs("jobs")
    press = await alice.person.click(shown, custom_id=next(b.custom_id for b in shown.buttons if b.label == "Show"))
    check_text(await alice.settled(press), "Something went wrong on our side")

    replicate.revoked.add(REPLICATE)
    check_text(await alice.imagines("without a key"), "does not accept this bot's key")
    replicate.revoked.clear()


async def test_no_secret_is_written_anywhere(tmp_path: Path):
    port, figures_port = free_port(), free_port()
    async with marked_stage(tmp_path, port, figures_port) as stage:
        ear, marks = Ear(stage.world.discord), Marks(stage)
        await stage.bot.start()
        alice = stage.alice
        await alice.trains(zipped(4), "silent", "ZIKSILENT")
        check_pictures(await alice.imagines(f"ZIKSILENT {HOSTILE}", count=2), 2)
        forged = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        async with aiohttp.ClientSession() as outside:
            async with outside.post(f"http://127.0.0.1:{port}/replicate", data=b"{}", headers=forged) as refused:
                assert refused.status == 401
            await trouble(stage, alice)
            async with outside.get(f"http://127.0.0.1:{figures_port}/metrics") as page:
                figures = await page.read()
        for figure in (
            b'atelier_jobs_total{kind="training",state="succeeded"} 1.0\n',
            b'atelier_replicate_requests_total{answer="201",route="POST /v1/models/*/*/versions/*/trainings"} 1.0\n',
            b'atelier_webhooks_total{verdict="forged"} 1.0\n',
        ):
            assert figure in figures
        await stage.bot.kill()  # so that the databases' logs are still beside them
        names = {name for name, _ in files_of(stage.bot, tmp_path / "tmp")}
        assert {"atelier.db", "atelier.db-wal", "bot.log"} <= names

        log = stage.bot.log_file.read_text()
        assert "Traceback" in log
        assert " DEBUG " in log
        assert len(marks.all()) > 20
        told = [(f"what was said in {said.channel}", said.raw.encode()) for said in ear.said]
        found = marks.found_in([*files_of(stage.bot, tmp_path / "tmp"), ("/metrics", figures), *told])
        assert not found, "\n".join(found)
        assert marks.found_in(asked_of_replicate(stage)) == []
        assert ear.mentions == []
        assert [fault for said in ear.said for fault in escaped(said)] == []

        trainings = [e.request for e in stage.world.replicate.exchanges if e.method == "POST" and _is_training(e.path)]
        assert [[training["input"][key] for key in MEANT] for training in trainings] == [[HUGGING_FACE, WANDB]] * 2
        (tmp_path / "tmp" / "leak").write_text(f"{max(marks.seals)}, {HUGGING_FACE}")
        assert len(marks.found_in(files_of(stage.bot, tmp_path / "tmp"))) == 2  # what is there would be found


def asked_of_replicate(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Give what Replicate was asked, without the two places that other keys are for."""
    for exchange in stage.world.replicate.exchanges:
        request: Any = exchange.request
        if _is_training(exchange.path) and request:
            request = request | {"input": {key: value for key, value in request["input"].items() if key not in MEANT}}
        shown = json.dumps([exchange.path, exchange.query, request, {**exchange.headers, "proxy-authorization": ""}])
        yield f"{exchange.method} {exchange.path}", shown.encode()


def _is_training(path: str) -> bool:
    return path.endswith("/trainings") and "/versions/" in path
