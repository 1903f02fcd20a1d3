"""What must be so after every run, whatever went wrong in it; it only looks."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cogs.posting import number_of
from sandbox.bot_process import REPLICATE_TOKEN
from sandbox.discord import TOKEN, Message
from sandbox.replicate.ledger import Created
from tests.sweep.bookkeeping import Books, mistakes
from tests.sweep.points import LATE, is_paid
from tests.sweep.scene import JOBS, Scene

COLUMNS = ("paid twice", "lost", "posted twice", "stuck", "money", "other")
STORM = "SIGKILL"
"""What strikes anywhere, any number of times: paid requests among it."""
UNTIDY = re.compile(r"^(?:Traceback .*|.*never (?:awaited|retrieved).*)$", re.MULTILINE)
UPLOAD = re.compile(r"https://api\.replicate\.com/v1/files/[\w-]+")
SECRETS = (TOKEN, REPLICATE_TOKEN)
CAUSE = re.compile(r"[\w.]+(Error|Exception|Exceeded|Disconnected)\b")
WITH_TRACEBACK = ("atelier.db ", "file ", "discord ")
"""Faults of this machine, and of Discord while a member waits, end in an error id for them and a traceback for us."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise that was broken: a column of the table, and what happened."""

    column: str
    what: str


def examine(scene: Scene, kind: str = "", point: str = "") -> list[Finding]:
    """Hold a settled run against every promise."""
    trainings, generations, comparisons, enrichments = (scene.new_rows(table) for table in JOBS)
    asked = [row for row in generations if row["parent_id"] is None]
    findings = [
        *_payments(scene, trainings + generations + enrichments, may_be_late=kind == LATE),
        *_answers(scene, trainings + comparisons + enrichments, asked),
        *(Finding("stuck", what) for what in scene.unsettled()),
        *(Finding("money", what) for what in mistakes(_books(scene, unclear=kind == STORM or is_paid(point)))),
        *_remains(scene),
        *_log(scene.log(), expected=kind in {"fail", "hang"} and point.startswith(WITH_TRACEBACK)),
    ]
    return list(dict.fromkeys(findings))


def _payments(scene: Scene, jobs: list[dict[str, Any]], *, may_be_late: bool) -> Iterator[Finding]:
    """Each job has at most one run at Replicate, and each run its job; a fault may bring one that comes late."""
    late = {row["run_id"] for row in scene.late_runs()} if may_be_late else set[str]()
    if len(late) > 1:
        yield Finding("paid twice", f"{len(late)} late runs of one fault")
    paid = Counter(_wish(made) for made in scene.created() if made.id not in late)
    for wish, count in paid.items():
        if count > 1:
            yield Finding("paid twice", f"{count} runs at Replicate for {wish}")
    known = {row["remote_id"] for row in jobs} | late
    for made in scene.created():
        if made.id not in known and paid[_wish(made)] <= 1:
            yield Finding("money", f"run {made.id} at Replicate belongs to no job")
        if not scene.world.replicate.state.jobs[made.id].done:
            yield Finding("money", f"run {made.id} at Replicate goes on")
    for run_id in late - scene.cancelled():
        yield Finding("money", f"late run {run_id} was not cancelled")


def _wish(made: Created) -> str:
    """Name what was wished; a file that was uploaded once more is the same wish."""
    if made.destination:
        return f"training {made.destination}"
    return f"{made.version} {sorted((name, UPLOAD.sub('', str(value))) for name, value in made.input.items())}"


def _answers(scene: Scene, parents: list[dict[str, Any]], asked: list[dict[str, Any]]) -> Iterator[Finding]:
    """Each job is told of exactly once, and nothing says any more that it runs."""
    ends: dict[str, str | int] = {row["id"]: _mark(row) for row in parents}
    ends |= {row["id"]: f"again:{row['id']}" for row in asked}
    messages = scene.messages()
    shown = {row["generation_id"] for row in scene.rows("pictures")}
    for row in parents + asked:
        told = sum(_shows(message, ends[row["id"]]) for message in messages)
        if told > 1:
            yield Finding("posted twice", f"{told} results of {row['id']}")
        deleted = row in asked and row["state"] == "succeeded" and row["id"] not in shown
        if not told and not deleted and row["delivered"] != "kept":
            yield Finding(
                "lost", f"no result of {row['id']}, which is {row['state']} and delivered {row['delivered']!r}"
            )
        stale = [message for message in messages if _shows(message, f"cancel:{row['id']}")]
        if row["ended_at"] and stale:
            yield Finding("other", f"{len(stale)} messages say that {row['id']} still runs")


def _mark(row: dict[str, Any]) -> str | int:
    """Say by what the result of a job is known: a button, or the number of its message."""
    if "trigger_words" in row:
        return f"paint-this:{row['id']}"
    return number_of(f"{row['id']}r" if "plan" in row else row["id"])


def _shows(message: Message, mark: str | int) -> bool:
    return message.by_bot and mark in (message.number, *(button.custom_id for button in message.buttons))


def _books(scene: Scene, *, unclear: bool) -> Books:
    trainings, generations, comparisons, enrichments = (scene.new_rows(table) for table in JOBS)
    return Books(
        trainings=trainings,
        generations=generations,
        comparisons=comparisons,
        enrichments=enrichments,
        late=scene.late_runs(),
        ledger=scene.new_entries(),
        bills=scene.world.replicate.ledger.bills,
        began={job.id: job.used > 0 for job in scene.world.replicate.state.jobs.values()},
        unclear=unclear,
    )


def _remains(scene: Scene) -> Iterator[Finding]:
    """Nothing half-written is left, no photos of a training that is over, and the databases are sound."""
    for path in scene.remains():
        yield Finding("other", f"{path.relative_to(scene.data)} is left")
    told = scene.query("PRAGMA integrity_check")
    if [list(row.values()) for row in told] != [["ok"]]:
        yield Finding("other", f"atelier.db: {told}")


def _log(text: str, *, expected: bool) -> Iterator[Finding]:
    """No secret, and no traceback but those that a member was given the id of, for a fault that may have one."""
    if any(secret in text for secret in SECRETS):
        yield Finding("other", "a secret is in the log")
    untidy = [] if expected else UNTIDY.findall(text)
    if untidy:
        causes = [line for line in text.splitlines() if CAUSE.match(line)]
        yield Finding("other", f"the log has: {untidy[0]} {' / '.join(causes)}".strip())
