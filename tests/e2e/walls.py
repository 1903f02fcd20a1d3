"""Who may see and change what, read off its rows alone: who may read a word, and whose rows an action may change."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.said import Said

TABLES = {
    "fine_tunes": "id",
    "datasets": "id",
    "trainings": "id",
    "generations": "id",
    "batches": "id",
    "comparisons": "id",
    "searches": "id",
    "selections": "id",
    "ledger": "job_id",
    "versions": "fine_tune_id || '.' || number",
    "votes": "training_id || '.' || user_id",
    "pictures": "generation_id || '.' || number",
}
TOKEN = re.compile(r"zq[0-9a-f]{8}")
NUMBER = re.compile(r"(?<!\d)\d{17,20}(?!\d)")  # an id of Discord's, which jobs have

Row = dict[str, Any]
Rows = Mapping[str, Mapping[Any, Row]]


@dataclass(frozen=True, kw_only=True)
class Action:
    """Who did something where, and every word they gave with it."""

    who: int
    guild: int | None
    channel: int
    given: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Why a word may be read: it belongs to something of somebody in a guild, perhaps shown in a channel."""

    guild: int
    owner: int
    channel: int | None = None
    shared: bool = False

    def allows(self, said: Said) -> bool:
        """Tell whether those who can read this may."""
        if said.guild is None:
            return said.reader == self.owner
        if said.guild != self.guild:
            return False
        if said.reader is None:
            return said.channel == self.channel
        # Forms, recipes and the gallery show what everybody in this channel has seen.
        seen = said.kind != "choices" and said.channel == self.channel
        return said.reader == self.owner or self.shared or seen


Grants = dict[str, set[Grant]]


def read_rows(path: Path) -> Rows:
    """Read all that the bot remembers, without touching it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return {
            table: {row["_key"]: dict(row) for row in db.execute(f"SELECT *, {key} AS _key FROM {table}")}  # noqa: S608
            for table, key in TABLES.items()
        }


def is_settled(rows: Rows) -> bool:
    """Tell whether nothing is under way."""
    jobs = [row for table in ("trainings", "generations", "comparisons") for row in rows[table].values()]
    hidden = any(row["deleted_at"] for row in rows["fine_tunes"].values())
    return not hidden and all(row["state"] not in ("waiting", "running") and row["delivered"] for row in jobs)


def words(*texts: object) -> set[str]:
    """Find the planted words and the ids of jobs."""
    joined = " ".join(map(str, texts))
    return set(TOKEN.findall(joined)) | set(NUMBER.findall(joined))


def grants(*moments: Rows) -> Grants:
    """Say of every word in the rows, at any of these moments, who may read it."""
    found: Grants = {}
    for rows in moments:
        for grant, named in _granted(rows):
            for word in named:
                found.setdefault(word, set()).add(grant)
    return found


def _granted(rows: Rows) -> Iterator[tuple[Grant, set[str]]]:
    for row in rows["fine_tunes"].values():
        yield _grant(row, shared=bool(row["shared"])), words(row["name"], row["trigger_word"])
    for row in rows["datasets"].values():
        yield _grant(row), words(row["id"], row["plan"], row["report"])
    for row in rows["selections"].values():
        yield _grant(row), words(row["id"])
    for row in rows["batches"].values():
        wishes = [part for wish in json.loads(row["wishes"]) for part in (wish["id"], wish["recipe"])]
        yield _grant(row), words(row["id"], row["prompt"], *wishes)  # the ids of guilds and channels are no secret
    for table, column in (("trainings", "plan"), ("generations", "recipe"), ("comparisons", "prompt")):
        for row in rows[table].values():
            own = rows["fine_tunes"].get(row["fine_tune_id"], {})
            named = words(row["id"], row[column], own.get("name"), own.get("trigger_word"))
            yield _grant(row, channel=row["channel_id"]), named


def _grant(row: Row, *, channel: int | None = None, shared: bool = False) -> Grant:
    return Grant(guild=row["guild_id"], owner=row["owner_id"], channel=channel, shared=shared)


def revealed(action: Action, known: Grants, said: Iterable[Said]) -> list[str]:
    """List the words that reached somebody who may not read them; what the actor typed is no news to the actor."""
    faults: list[str] = []
    for one in said:
        echo = words(action.given) if one.reader == action.who else set[str]()
        faults += [
            f"{word} was told to {one.reader or 'all'} in {one.channel} of {one.guild}: {one.raw}"
            for word in sorted(words(one.raw) - echo)
            if word in known and not any(grant.allows(one) for grant in known[word])
        ]
    return faults


def changed(action: Action, before: Rows, after: Rows) -> list[str]:
    """List the rows that this action changed and that are not the actor's own in this guild."""
    faults: list[str] = []
    for table in TABLES:
        for key in before[table].keys() | after[table].keys():
            old, new = before[table].get(key), after[table].get(key)
            if old == new or (table == "versions" and _is_voted(action, old, new, before)):
                continue
            owners = {_owner_of(rows, table, row) for rows, row in ((before, old), (after, new)) if row}
            if owners != {(action.guild, action.who)}:
                faults.append(f"{table} {key} of {owners} changed from {old} to {new}")
    return faults


def _is_voted(action: Action, old: Row | None, new: Row | None, before: Rows) -> bool:
    """Tell whether nothing but the winner of a vote changed, below a card that the actor sees."""
    if old is None or new is None or old | {"voted_scale": new["voted_scale"]} != new:
        return False
    training = before["trainings"][old["training_id"]]
    return (training["guild_id"], training["channel_id"]) == (action.guild, action.channel)


def _owner_of(rows: Rows, table: str, row: Row) -> tuple[int, int]:
    if table == "ledger":
        return row["guild_id"], row["user_id"]
    if table == "votes":
        return rows["trainings"][row["training_id"]]["guild_id"], row["user_id"]
    if table == "versions":
        row = rows["fine_tunes"][row["fine_tune_id"]]
    if table == "pictures":
        row = rows["generations"][row["generation_id"]]
    return row["guild_id"], row["owner_id"]


def stolen(action: Action, before: Rows, after: Rows) -> list[str]:
    """List the new jobs and fine-tunes that are made of what the actor could not have used here."""
    faults: list[str] = []
    known = grants(before)
    here = Said(
        kind="form",
        interaction=None,
        guild=action.guild,
        channel=action.channel,
        reader=action.who,
        raw="",
        body={},
    )
    offered = [
        (f"{key} offered", wish)
        for key in after["batches"].keys() - before["batches"].keys()
        for wish in json.loads(after["batches"][key]["wishes"])
    ]
    made = [(key, after["generations"][key]) for key in after["generations"].keys() - before["generations"].keys()]
    for key, row in [*offered, *made]:
        if row["channel_id"] != action.channel:
            faults.append(f"generation {key} is for another channel than where it was asked for")
        recipe = json.loads(row["recipe"])
        tunes = [after["fine_tunes"][it] for it in (row["fine_tune_id"], recipe["second_id"]) if it]
        faults += [
            f"generation {key} is painted with {tune}"
            for tune in tunes
            if not (tune["guild_id"] == action.guild and (tune["owner_id"] == action.who or tune["shared"]))
        ]
        prompt = words(recipe["prompt"])
        faults += [
            f"generation {key} has {word}, which is none of the actor's business"
            for word in prompt - words(action.given) - words(*(tune["trigger_word"] for tune in tunes))
            if not any(grant.allows(here) for grant in known.get(word, ()))
        ]
    trained = {row["destination"] for row in before["fine_tunes"].values() if not row["adopted"]}
    for key in after["fine_tunes"].keys() - before["fine_tunes"].keys():
        if after["fine_tunes"][key]["destination"] in trained:
            faults.append(f"fine-tune {key} is a model that was trained for somebody")
    return faults
