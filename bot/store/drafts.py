"""What waits for a button: whether it still does is decided in the transaction that accepts it or takes it away.

Of two presses at once the first to get its transaction wins. Files go only after a row that went, and with whoever took
the row away.
"""

import json

import sqlite_utils

from bot.domain.entities import Batch, Dataset
from bot.errors import Overtaken
from bot.store.queries import Queries, change, one, run
from bot.store.rows import from_row

SQL, SQLITE = Queries("undecided"), Queries("sqlite")


def take(db: sqlite_utils.Database, waited: Dataset | Batch | None, at: float) -> None:
    """Take what waited for a press, where anything did; raises Overtaken where it is gone, or not as it was read.

    Of an upload, the time is when its owner consented. A batch stays for a while, so that it is painted once.
    """
    match waited:
        case Dataset():
            row = one(db, SQL.find.format(table="datasets"), it=waited.id)
            draft = from_row(Dataset, row) if row else None
            if draft is None or (draft.plan, draft.estimate) != (waited.plan, waited.estimate):
                raise Overtaken(f"the upload {waited.id} was changed or discarded")
            change(db, "datasets", waited.id, {"consent_at": at})
        case Batch():
            if one(db, SQL.find.format(table="batches"), it=waited.id) is None:
                raise Overtaken(f"the prompts {waited.id} were discarded")
        case None:
            pass


def discard_dataset(db: sqlite_utils.Database, dataset_id: str) -> bool:
    """Forget an upload that nobody has started; tells whether it was there to be forgotten."""
    return one(db, SQL.discard_dataset, it=dataset_id) is not None


def discard_batch(db: sqlite_utils.Database, batch_id: str) -> bool:
    """Forget prompts that nobody has painted; tells whether they were there to be forgotten."""
    row = one(db, SQL.find.format(table="batches"), it=batch_id)
    if row is None:
        return False
    ids = json.dumps([wish["id"] for wish in json.loads(row["wishes"])])
    if one(db, SQLITE.generations_among, ids=ids):
        return False
    run(db, SQL.remove_batch, it=batch_id)
    return True
