"""The one door for all that costs: whoever asks, whatever for, it is decided, reserved and kept in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic

import sqlite_utils

from bot.domain.entities import Actor, Batch, Dataset, FineTune, Generation, Job
from bot.domain.policy import Allowed, Ask, AskFirst, Policy, Refused, Spent
from bot.errors import AtelierError
from bot.store import drafts, ledger
from bot.store.fine_tunes import add, find_named, is_trained
from bot.store.jobs import J
from bot.store.queries import Queries, one
from bot.store.rows import from_row, to_row
from bot.store.teams import team_of

SQL = Queries("jobs")


class NotAdmitted(AtelierError):
    """What was asked for is not accepted; the decision says why, in a code."""

    def __init__(self, decision: Refused | AskFirst) -> None:
        super().__init__(str(decision))
        self.decision = decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[J]):
    """What somebody wants to be accepted: all of it, or nothing."""

    actor: Actor
    jobs: Sequence[J]
    """Each is charged for itself."""
    parts: Sequence[Generation] = ()
    """They belong to one of the jobs, which is charged for them."""
    waited: Dataset | Batch | None = None
    """What waited for the press that asks, as it was read."""
    fine_tune: FineTune | None = None
    """What a training makes a version of; made if its owner has none of this name."""


@dataclass(frozen=True, slots=True)
class Accepted(Generic[J]):
    """What was accepted, now or before: the same request again changes nothing."""

    jobs: Sequence[J]
    is_new: bool


def accept(db: sqlite_utils.Database, request: Request[J], policy: Policy) -> Accepted[J]:
    """Decide, reserve and keep, within a transaction.

    Raises NotAdmitted, and Overtaken where what waited is gone or is not as it was read.
    """
    known = _known(db, request.jobs)
    if known:
        return Accepted(known, is_new=False)
    drafts.take(db, request.waited, request.jobs[0].created_at)
    jobs = _with_fine_tune(db, request)
    _decide(db, replace(request, jobs=jobs), policy)
    for job in jobs:
        ledger.set_aside(db, job.id, job)
        _keep(db, job)
    for part in request.parts:
        _keep(db, part)
    return Accepted(jobs, is_new=True)


def _known(db: sqlite_utils.Database, jobs: Sequence[J]) -> Sequence[J]:
    """Find the jobs of a request that was accepted before, which is always all of them."""
    found = [(type(job), one(db, SQL.find.format(table=job.table), it=job.id)) for job in jobs]
    return [from_row(kind, row) for kind, row in found if row]


def _with_fine_tune(db: sqlite_utils.Database, request: Request[J]) -> Sequence[J]:
    """Find or make the fine-tune that a training is of; one that is adopted, or in training, is refused."""
    wanted = request.fine_tune
    if wanted is None:
        return request.jobs
    mine = find_named(db, wanted.guild_id, wanted.owner_id, wanted.name)
    if mine and mine.adopted:
        raise NotAdmitted(Refused("adopted", {"name": mine.name}))
    if mine and is_trained(db, mine.id):
        raise NotAdmitted(Refused("in training", {"name": mine.name}))
    fine_tune_id = mine.id if mine else add(db, wanted)
    return [replace(job, fine_tune_id=fine_tune_id) for job in request.jobs]


def _decide(db: sqlite_utils.Database, request: Request[J], policy: Policy) -> None:
    ask = Ask(actor=request.actor, kinds=kinds_of(request.jobs), amount=sum(job.estimate for job in request.jobs))
    at = request.jobs[0].created_at
    team = team_of(db, request.actor.guild_id, ledger.month_of(at))
    decision = policy.decide(ask, spent_by(db, request.actor, at), team)
    if not isinstance(decision, Allowed):
        raise NotAdmitted(decision)


def kinds_of(jobs: Sequence[Job]) -> Mapping[str, int]:
    """Count jobs by kind."""
    return Counter(job.table for job in jobs)


def spent_by(db: sqlite_utils.Database, actor: Actor, at: float) -> Spent:
    """Add up what a member and their guild have spent or reserved in the month of a time."""
    month = ledger.month_of(at)
    mine = ledger.spent(db, actor.guild_id, month, actor.user_id)
    return Spent(member=mine, guild=ledger.spent(db, actor.guild_id, month))


def _keep(db: sqlite_utils.Database, job: Job) -> None:
    db.table(job.table).insert(to_row(job))
