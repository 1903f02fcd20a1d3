"""What waits for a button: whether it still does is decided in the transaction that accepts it or takes it away.

Of two presses at once the first to get its transaction wins. Files go only after a row that went, and with whoever took
the row away.
"""

import json

import sqlite_utils

from bot.domain.entities import Dataset, Training
from bot.errors import Overtaken
from bot.store.queries import one, run
from bot.store.rows import from_row


def check_dataset(db: sqlite_utils.Database, training: Training) -> None:
    """See that the upload of a new training is there, as it was read; raises Overtaken."""
    row = one(db, "SELECT * FROM datasets WHERE id = :it", it=training.id)
    draft = from_row(Dataset, row) if row else None
    if draft is None or (draft.plan, draft.estimate) != (training.plan, training.estimate):
        raise Overtaken(f"the upload {training.id} was changed or discarded")


def discard_dataset(db: sqlite_utils.Database, dataset_id: str) -> bool:
    """Forget an upload that nobody has started; tells whether it was there to be forgotten."""
    sql = "DELETE FROM datasets WHERE id = :it AND consent_at IS NULL RETURNING id"
    return one(db, sql, it=dataset_id) is not None


def check_batch(db: sqlite_utils.Database, batch_id: str | None) -> None:
    """See that what is to be painted still waits for it, where it ever did; raises Overtaken."""
    if batch_id is not None and one(db, "SELECT 1 FROM batches WHERE id = :it", it=batch_id) is None:
        raise Overtaken(f"the prompts {batch_id} were discarded")


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
