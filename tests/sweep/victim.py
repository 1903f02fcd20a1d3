"""The real bot with one fault in it: every outside effect passes a numbered point, where `points.Plan` may strike.

The effects are caught at the edges of the libraries, before any of the bot's own modules is imported.
"""

import asyncio
import errno
import os
import re
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import aiohttp
import sqlite_utils
import tenacity
from yarl import URL

from sandbox.replicate.faults import LIST_DELAY
from tests.sweep.points import STALL, Control, Plan

R = TypeVar("R")
KILLED = 137
WATCHED = 15.0  # seconds
CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE)(?: OR \w+)?(?: INTO| FROM)?\W+(\w+)", re.IGNORECASE)
PULSES = ("bot.metrics", "bot.flows.reconciling")
under_way: set[asyncio.Task[None]] = set()
sleep, wait_for = asyncio.sleep, asyncio.wait_for  # as they are before the points are put
HOSTS = {
    "discord.com": "discord",
    "api.replicate.com": "replicate",
    "replicate.delivery": "download",
    "cdn.discordapp.com": "download",
}
NAMES = (  # what differs from run to run, in addresses and paths
    (r"(?<=/interactions/)\d+/[^/]+|(?<=/webhooks/)\d+/[^/]+", "ID/TOKEN"),
    (r"^/api/v10|^/v1(?=/)", ""),
    (r"(?<=/trainings/)[^/]+|(?<=/predictions/)[^/]+|(?<=/files/)[^/]+", "ID"),
    (r"[0-9a-f]{64}", "VERSION"),
    (r"[\w-]+/atelier-[\w-]+-\d+(?=/|$)", "MODEL"),
    (r"^/.*/out-\d+", "/PICTURE"),
    (r"\d+", "N"),
)


class Saboteur:
    """Counts effects by name and says what goes wrong with the one that the plan names."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._run = 0
        self._met: Counter[str] = Counter()

    def meet(self, name: str) -> str | None:
        """Pass a point; returns the fault that strikes there, if it is not the end of this process."""
        with self._lock:
            plan = self._control.plan()
            if plan is None or not self._strikes(plan, name):
                return None
            self._control.strike()
        if plan.kind == "kill":
            os._exit(KILLED)
        return plan.kind

    def _strikes(self, plan: Plan, name: str) -> bool:
        if plan.run != self._run:
            self._run = plan.run
            self._met.clear()
        self._met[name] += 1
        point = f"{name} #{self._met[name]}"
        if plan.kind == "record":
            self._control.record(point)
        return point == plan.point and plan.kind != "record"


async def exchange(
    saboteur: Saboteur, name: str, send: Callable[[], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Send a request past its two points: about to be sent, and answered."""
    match saboteur.meet(f"{name}, sent"):
        case "fail":
            raise aiohttp.ConnectionTimeoutError("fault")
        case "hang":  # the client gives up, and the request takes effect all the same, later
            under_way.add(asyncio.create_task(_deliver_late(send)))
            raise aiohttp.SocketTimeoutError("fault")
        case "twice":
            (await send()).release()
        case _:
            pass
    answer = await send()
    match saboteur.meet(f"{name}, answered"):
        case "fail":
            answer.release()
            raise aiohttp.ServerDisconnectedError
        case "hang":
            answer.release()
            await sleep(STALL)
            raise aiohttp.SocketTimeoutError("fault")
        case _:
            return answer


async def _deliver_late(send: Callable[[], Awaitable[aiohttp.ClientResponse]]) -> None:
    await sleep(STALL)
    (await send()).release()


def named(text: str) -> str:
    """Take out of an address or a path what differs from run to run."""
    for pattern, word in NAMES:
        text = re.sub(pattern, word, text)
    return text


def catch_requests(saboteur: Saboteur) -> None:
    """Put the points of everything that is sent or fetched; Discord's gateway is events, not effects."""
    original = aiohttp.ClientSession._request

    async def request(session: aiohttp.ClientSession, method: str, url: Any, **options: Any) -> aiohttp.ClientResponse:
        address = URL(url)
        if address.host not in HOSTS:
            return await original(session, method, url, **options)
        await _read_body(options)
        name = f"{HOSTS[address.host]} {method} {named(address.path)}"
        return await exchange(saboteur, name, lambda: original(session, method, url, **options))

    patch.object(aiohttp.ClientSession, "_request", request).start()


async def _read_body(options: dict[str, Any]) -> None:
    """Turn a body that can be read once into bytes, for a late or a second delivery."""
    body: Any = options.get("data")
    if isinstance(body, aiohttp.FormData):
        form = body()
        options["data"] = await form.as_bytes()
        options["headers"] = {**options.get("headers", {}), "Content-Type": form.headers["Content-Type"]}
    elif hasattr(body, "__aiter__"):
        options["data"] = b"".join([part async for part in body])


def catch_commits(saboteur: Saboteur) -> None:
    """Put the points of the database; a failing commit leaves its transaction open, as a busy SQLite does."""
    execute = sqlite_utils.Database.execute
    touched: dict[int, list[str]] = {}

    def commit(name: str, work: Callable[[], R]) -> R:
        match saboteur.meet(f"{name}, before"):
            case "fail":
                raise sqlite3.OperationalError("database or disk is full")
            case "hang":
                time.sleep(STALL)
                raise sqlite3.OperationalError("database is locked")
            case _:
                result = work()
        saboteur.meet(f"{name}, after")
        return result

    def watched(db: sqlite_utils.Database, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            touched[id(db)] = []
        elif change := CHANGE.match(sql):
            touched.setdefault(id(db), []).append(f"{change[1].lower()} {change[2]}")
        if sql != "COMMIT":
            return execute(db, sql, *values)
        tables = "+".join(dict.fromkeys(touched.pop(id(db), [])))
        return commit(f"atelier.db {tables}", lambda: execute(db, sql, *values))

    patch.object(sqlite_utils.Database, "execute", watched).start()


def catch_files(saboteur: Saboteur, data: Path) -> None:
    """Put the points of files: opened for writing, renamed, removed, made."""
    events = {"open": "write", "os.rename": "rename", "os.remove": "remove", "os.mkdir": "make"}

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in events or not str(arguments[0]).startswith(f"{data}{os.sep}"):
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        match saboteur.meet(f"file {events[event]} {named(str(Path(arguments[0]).relative_to(data)))}"):
            case "fail":
                number = errno.EIO if event == "os.remove" else errno.ENOSPC
                raise OSError(number, os.strerror(number), str(arguments[0]))
            case "hang":
                time.sleep(STALL)
            case _:
                pass

    sys.addaudithook(audit)


def catch_waits(saboteur: Saboteur) -> None:
    """Put a point where a module of ours begins to wait; what waits all the time, whatever happens, is no effect."""

    async def waited(caller: str, wait: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        ours = caller.startswith(("bot.", "cogs.")) and caller not in PULSES
        if ours and saboteur.meet(f"wait {caller}") == "hang":
            await sleep(STALL)
        return await wait(*arguments)

    def watched_sleep(delay: float, result: Any = None) -> Coroutine[Any, Any, Any]:
        return waited(sys._getframe(1).f_globals["__name__"], sleep, delay, result)

    def watched_wait_for(awaitable: Any, timeout: float | None) -> Coroutine[Any, Any, Any]:
        return waited(sys._getframe(1).f_globals["__name__"], wait_for, awaitable, timeout)

    patch.object(asyncio, "sleep", watched_sleep).start()
    patch.object(asyncio, "wait_for", watched_wait_for).start()


def catch_steps(saboteur: Saboteur) -> None:
    """Put a point where a step has run: whoever begins anew after a crash may run it again."""
    run_step = tenacity.AsyncRetrying.__call__

    async def watched(tries: Any, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        async def step(*given: Any) -> Any:
            result = await function(*given)
            if saboteur.meet(f"step {_named(function, given)}") == "twice":
                return await function(*given)
            return result

        return await run_step(tries, step, *arguments)

    patch.object(tenacity.AsyncRetrying, "__call__", watched).start()


def _named(function: Callable[..., Any], given: Sequence[Any]) -> str:
    """Name a step by its function and, where one takes steps for others, by that of the step."""
    names = [getattr(function, "__qualname__", "?")] + [one.__qualname__ for one in given if callable(one)]
    return " ".join(names)


def hurry() -> None:
    """Have late runs looked for often and not for long: one run of the sweep must not be busy with another's."""
    from bot.flows import reconciling, submitting

    reconciling.LOOK, reconciling.LONGEST = 0.2, 1.0
    submitting.WATCHED, submitting.LISTED = WATCHED, LIST_DELAY


def blind() -> None:
    """Switch the look-up off, which is what keeps a request from being paid twice: the sweep has to notice."""
    from bot.flows.submitting import Submitter

    async def see_nothing(*_: Any) -> None:
        return None

    patch.object(Submitter, "_look_up", see_nothing).start()


def main() -> int:
    """Run the bot."""
    saboteur = Saboteur(Control(Path(os.environ["SWEEP_CONTROL"])))
    catch_requests(saboteur)
    catch_commits(saboteur)
    catch_files(saboteur, Path(os.environ["ATELIER_DATA_DIR"]))
    catch_waits(saboteur)
    catch_steps(saboteur)
    hurry()
    if os.environ.get("SWEEP_BLIND"):
        blind()
    from bot.__main__ import main as run

    return run(["run"])


if __name__ == "__main__":
    sys.exit(main())
