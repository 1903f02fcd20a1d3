"""The real bot as its own process, which learns of the sandbox by standard environment variables and nothing else."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.discord import TOKEN, Discord

PROJECT = Path(__file__).parent.parent
REPLICATE_TOKEN = "r8_SandboxSandboxSandboxSandboxSandbox00"  # noqa: S105  # opens nothing
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TZ",
    "SYSTEMROOT",
)  # not this machine's own proxies and tokens
READY_WITHIN = STOP_WITHIN = 180.0  # seconds; one of them is plenty, unless the machine is busy
LAST_LINES = 30


class BotExitedError(Exception):
    """The bot ended by itself; the message has the end of its log."""


class BotProcess:
    """A bot that can be started, stopped, killed and started again; the world lives on meanwhile."""

    def __init__(
        self,
        discord: Discord,
        directory: Path,
        environment: Mapping[str, str],
        *,
        command: Sequence[str] = ("-m", "bot", "run"),
    ) -> None:
        self.directory = directory
        self.log_file = directory.parent / f"{directory.name}.log"
        self.settings = {
            "DISCORD_TOKEN": TOKEN,
            "REPLICATE_API_TOKEN": REPLICATE_TOKEN,
            "ATELIER_DATA_DIR": str(directory.absolute()),
            **environment,
        }
        self._discord, self._command = discord, command
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def launch(self) -> None:
        """Start the bot and return at once."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                cwd=PROJECT,
                env={**_inherited(), **self.settings},
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the sandbox, which then ends the bot
            )
        self._discord.env.clock.follow(self._process.pid)

    async def start(self) -> None:
        """Start the bot and return when it listens to Discord and its commands are registered."""
        before = self._discord.gateway.identified
        await self.launch()
        process = self._running()
        ready = asyncio.ensure_future(self._discord.wait_until(lambda: self._ready(before), READY_WITHIN))
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise BotExitedError(
                f"The bot exited with {ended.result()}. The end of {self.log_file}:\n{self.log_tail()}"
            )
        ended.cancel()
        try:
            ready.result()
        except TimeoutError:
            await self.kill()
            raise BotExitedError(f"The bot was not ready after {READY_WITHIN:.0f} s:\n{self.log_tail()}") from None

    async def wait(self) -> int:
        """Return the exit code once the bot has ended by itself."""
        return await self._running().wait()

    async def stop(self) -> int:
        """Ask the bot to end (SIGTERM), kill it if it does not, and return its exit code."""
        process = self._running()
        _signal(process, signal.SIGTERM)
        try:
            return await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End the bot without warning (SIGKILL), with whatever processes it started."""
        process = self._running()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its session is its own: see start()
        return await process.wait()

    async def restart(self) -> None:
        """Stop the bot if it runs, and start it again."""
        if self.pid is not None:
            await self.stop()
        await self.start()

    def log_tail(self) -> str:
        """Return the last lines of the bot's log."""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def _ready(self, before: int) -> bool:
        gateway = self._discord.gateway
        return gateway.identified > before and gateway.connected and bool(self._discord.backend.commands)

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("The bot was never started; call start() first.")
        return self._process


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended a moment ago
        process.send_signal(number)
