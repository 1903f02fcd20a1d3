"""What waits for a button: whether it still does is decided in the transaction that accepts it or takes it away.

Of two presses at once the first to get its transaction wins. Files go only after a row that went, and with whoever took
the row away.
"""

import json

import sqlite_utils

from bot.domain.entities import Batch, Dataset
from bot.errors import Overtaken
from bot.store.queries import change, one, run
from bot.store.rows import from_row


def take(db: sqlite_utils.Database, waited: Dataset | Batch | None, at: float) -> None:
    """Take what waited for a press, where anything did; raises Overtaken where it is gone, or not as it was read.

    Of an upload, the time is when its owner consented. A batch stays for a while, so that it is painted once.
    """
    match waited:
        case Dataset():
            row = one(db, "SELECT * FROM datasets WHERE id = :it", it=waited.id)
            draft = from_row(Dataset, row) if row else None
            if draft is None or (draft.plan, draft.estimate) != (waited.plan, waited.estimate):
                raise Overtaken(f"the upload {waited.id} was changed or discarded")
            change(db, "datasets", waited.id, {"consent_at": at})
        case Batch():
            if one(db, "SELECT 1 FROM batches WHERE id = :it", it=waited.id) is None:
                raise Overtaken(f"the prompts {waited.id} were discarded")
        case None:
            pass


def discard_dataset(db: sqlite_utils.Database, dataset_id: str) -> bool:
    """Forget an upload that nobody has started; tells whether it was there to be forgotten."""
    sql = "DELETE FROM datasets WHERE id = :it AND consent_at IS NULL RETURNING id"
    return one(db, sql, it=dataset_id) is not None


def discard_batch(db: sqlite_utils.Database, batch_id: str) -> bool:
    """Forget prompts that nobody has painted; tells whether they were there to be forgotten."""
    row = one(db, "SELECT wishes FROM batches WHERE id = :it", it=batch_id)
    if row is None:
        return False
    ids = json.dumps([wish["id"] for wish in json.loads(row["wishes"])])
    if one(db, "SELECT 1 FROM generations WHERE id IN (SELECT value FROM json_each(:ids))", ids=ids):
        return False
    run(db, "DELETE FROM batches WHERE id = :it", it=batch_id)
    return True
