"""The steps of the first release, up to comparisons."""

import json
from typing import Any

import sqlite_utils

from bot.store.migrations.steps import migrations
from bot.store.queries import rows, run

JOB = {
    "id": str,
    "guild_id": int,
    "owner_id": int,
    "channel_id": int,
    "message_id": int,
    "fine_tune_id": int,
    "state": str,
    "intent_at": float,
    "intent_boot": str,
    "remote_id": str,
    "remote_url": str,
    "error": str,
    "note": str,
    "estimate": int,
    "cost": int,
    "created_at": float,
    "started_at": float,
    "ended_at": float,
    "cancel_requested": int,
    "delivered": str,
}


@migrations()
def first_tables(db: sqlite_utils.Database) -> None:
    """Everything that the first release keeps."""
    db.table("datasets").create(
        {
            "id": str,
            "guild_id": int,
            "owner_id": int,
            "channel_id": int,
            "plan": str,
            "report": str,
            "archive": str,
            "sha256": str,
            "estimate": int,
            "created_at": float,
            "consent_at": float,
        },
        pk="id",
        strict=True,
    )
    db.table("fine_tunes").create(
        {
            "id": int,
            "guild_id": int,
            "owner_id": int,
            "name": str,
            "trigger_word": str,
            "kind": str,
            "destination": str,
            "shared": int,
            "default_version": int,
            "created_at": float,
            "deleted_at": float,
        },
        pk="id",
        strict=True,
    )
    run(db, "CREATE UNIQUE INDEX one_name_each ON fine_tunes (guild_id, owner_id, name) WHERE deleted_at IS NULL")
    db.table("versions").create(
        {"fine_tune_id": int, "number": int, "remote": str, "training_id": str, "created_at": float},
        pk=("fine_tune_id", "number"),
        foreign_keys=["fine_tune_id"],
        strict=True,
    )
    db.table("versions").create_index(["training_id"], unique=True)
    db.table("trainings").create({**JOB, "plan": str, "sha256": str, "photos_url": str}, pk="id", strict=True)
    db.table("generations").create(
        {**JOB, "recipe": str, "version": int, "training_id": str},
        pk="id",
        strict=True,
    )
    for table in ("trainings", "generations"):
        run(db, f"CREATE INDEX {table}_open ON {table} (state) WHERE state IN ('waiting', 'running')")
        unfinished = "state IN ('waiting', 'running') OR delivered = ''"  # word for word what Jobs.unfinished asks for
        run(db, f"CREATE INDEX {table}_unfinished ON {table} (created_at) WHERE {unfinished}")
        db.table(table).create_index(["guild_id", "owner_id", "created_at"])
        db.table(table).create_index(["fine_tune_id"])
        db.table(table).create_index(["remote_id"])
    db.table("generations").create_index(["training_id"])
    db.table("pictures").create(
        {
            "generation_id": str,
            "number": int,
            "path": str,
            "media_type": str,
            "width": int,
            "height": int,
            "size": int,
        },
        pk=("generation_id", "number"),
        foreign_keys=[("generation_id", "generations", "id")],
        strict=True,
    )
    db.table("ledger").create(
        {"job_id": str, "guild_id": int, "user_id": int, "month": str, "reserved": int, "spent": int},
        pk="job_id",
        strict=True,
    )
    db.table("ledger").create_index(["guild_id", "month", "user_id"])


@migrations()
def recipes_of_any_model(db: sqlite_utils.Database) -> None:
    """Recipes keep what they send by the names of the model's schema; generations know where their pictures lie."""
    run(db, "ALTER TABLE generations ADD COLUMN uploads TEXT NOT NULL DEFAULT '{}'")
    for row in rows(db, "SELECT id, recipe FROM generations"):
        recipe = json.dumps(_without_variant(json.loads(row["recipe"])), ensure_ascii=False)
        run(db, "UPDATE generations SET recipe = :recipe WHERE id = :id", id=row["id"], recipe=recipe)


@migrations()
def what_prices_are_made_of(db: sqlite_utils.Database) -> None:
    """Generations know the basis of their estimate, and whether it is a guess."""
    run(db, "ALTER TABLE generations ADD COLUMN basis TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE generations ADD COLUMN is_guess INTEGER NOT NULL DEFAULT 0")


def _without_variant(old: dict[str, Any]) -> dict[str, Any]:
    """Turn a recipe of the first release, which knew four models, into one of today."""
    is_trained = old["model"] == "fine-tune"
    settings = {
        "aspect_ratio": old["aspect_ratio"],
        "num_inference_steps": old["steps"],
        "output_format": "webp",
        "output_quality": 90,
    }
    if old["variant"] == "dev":
        settings["guidance_scale" if is_trained else "guidance"] = old["guidance"]
    if is_trained:
        settings |= {"model": old["variant"], "lora_scale": old["lora_scale"]}
    return {
        "prompt": old["prompt"],
        "model": f"fine-tune-{old['variant']}" if is_trained else old["model"],
        "remote": old["remote"],
        "count": old["count"],
        "seed": old["seed"],
        "settings": settings,
        "strength": old["strength"],
    }


@migrations()
def enrichments_and_batches(db: sqlite_utils.Database) -> None:
    """Prompts that are made prose, and prompts with choices that wait for *Paint all*."""
    text = dict.fromkeys(("prompt", "preset", "model", "trigger_words", "answer"), str)
    db.table("enrichments").create({**JOB, **text, "seed": int}, pk="id", strict=True)
    unfinished = "state IN ('waiting', 'running') OR delivered = ''"  # word for word what Jobs.unfinished asks for
    run(db, f"CREATE INDEX enrichments_unfinished ON enrichments (created_at) WHERE {unfinished}")
    db.table("enrichments").create_index(["remote_id"])
    db.table("batches").create(
        {
            "id": str,
            "guild_id": int,
            "owner_id": int,
            "channel_id": int,
            "wishes": str,
            "created_at": float,
        },
        pk="id",
        strict=True,
    )
    db.table("batches").create_index(["created_at"])


@migrations()
def enrichments_with_a_known_price(db: sqlite_utils.Database) -> None:
    """An operator may know what a language model's answer costs."""
    run(db, "ALTER TABLE enrichments ADD COLUMN is_guess INTEGER NOT NULL DEFAULT 1")


@migrations()
def loras_trained_elsewhere(db: sqlite_utils.Database) -> None:
    """Fine-tunes that were adopted; versions know where their weights lie and what they take."""
    run(db, "ALTER TABLE fine_tunes ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0")
    run(db, "ALTER TABLE versions ADD COLUMN weights TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE versions ADD COLUMN takes TEXT NOT NULL DEFAULT '{}'")


@migrations()
def sheets(db: sqlite_utils.Database) -> None:
    """A generation may belong to other jobs than a training, too."""
    run(db, "ALTER TABLE generations RENAME COLUMN training_id TO parent_id")


@migrations()
def fine_tunes_that_are_public(db: sqlite_utils.Database) -> None:
    """Fine-tunes whose owners want everybody at Replicate to see them; none did before."""
    run(db, "ALTER TABLE fine_tunes ADD COLUMN public INTEGER NOT NULL DEFAULT 0")


@migrations()
def gallery(db: sqlite_utils.Database) -> None:
    """Pictures that were asked for are found by the words of their prompts, and a member's jobs without sorting."""
    db.table("gallery").create(
        {"number": int, "generation_id": str},
        pk="number",
        not_null={"generation_id"},
        foreign_keys=[("generation_id", "generations", "id")],
        strict=True,
    )
    db.table("gallery").create_index(["generation_id"], unique=True)
    # Marks are words that no prompt is searched for: 10u1 for a member in a guild, 10c100 for a channel, f7 for a
    # fine-tune. With them the index itself leaves out what is not to be seen, however common the words are.
    # With an index of the beginnings of words, a common one costs no more than a rare one: 0.3 instead of 25 ms.
    beginnings = " ".join(map(str, range(1, 13)))
    options = f"tokenize = 'unicode61 remove_diacritics 2', prefix = '{beginnings}'"
    run(db, f"CREATE VIRTUAL TABLE prompts USING fts5(prompt, marks, {options})")
    for trigger in (
        """pictures_come AFTER INSERT ON pictures BEGIN
            INSERT INTO gallery (generation_id) SELECT id FROM generations
            WHERE id = new.generation_id AND parent_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM gallery WHERE generation_id = new.generation_id);
        END""",
        """pictures_go AFTER DELETE ON pictures
        WHEN NOT EXISTS (SELECT 1 FROM pictures WHERE generation_id = old.generation_id) BEGIN
            DELETE FROM gallery WHERE generation_id = old.generation_id;
        END""",
        """gallery_grows AFTER INSERT ON gallery BEGIN
            INSERT INTO prompts (rowid, prompt, marks)
            SELECT new.number, json_extract(recipe, '$.prompt'),
                guild_id || 'u' || owner_id || ' ' || guild_id || 'c' || channel_id ||
                coalesce(' f' || fine_tune_id, '') || coalesce(' f' || json_extract(recipe, '$.second_id'), '')
            FROM generations WHERE id = new.generation_id;
        END""",
        """gallery_shrinks AFTER DELETE ON gallery BEGIN
            DELETE FROM prompts WHERE rowid = old.number;
        END""",
    ):
        run(db, f"CREATE TRIGGER {trigger}")
    asked_for = "parent_id IS NULL AND id IN (SELECT generation_id FROM pictures)"
    run(db, f"INSERT INTO gallery (generation_id) SELECT id FROM generations WHERE {asked_for} ORDER BY created_at")
    db.table("searches").create(
        {
            "id": str,
            "guild_id": int,
            "owner_id": int,
            "words": str,
            "fine_tune_id": int,
            "mine": int,
            "created_at": float,
        },
        pk="id",
        strict=True,
    )
    db.table("searches").create_index(["created_at"])
    # Word for word what Jobs.of_member asks for.
    order = "state NOT IN ('waiting', 'running'), delivered != 'kept', created_at DESC"
    for table, some in (("generations", "WHERE parent_id IS NULL"), ("trainings", "")):
        run(db, f"CREATE INDEX {table}_of_member ON {table} (guild_id, owner_id, {order}) {some}")
        run(db, f"DROP INDEX idx_{table}_guild_id_owner_id_created_at")


@migrations()
def votes(db: sqlite_utils.Database) -> None:
    """Teams vote for the LoRA scale of a version; its owner may set one by hand."""
    db.table("votes").create(
        {"training_id": str, "user_id": int, "scale": float, "voted_at": float},
        pk=("training_id", "user_id"),
        foreign_keys=[("training_id", "trainings", "id")],
        strict=True,
    )
    run(db, "ALTER TABLE versions ADD COLUMN voted_scale REAL")
    run(db, "ALTER TABLE versions ADD COLUMN chosen_scale REAL")


@migrations()
def selections(db: sqlite_utils.Database) -> None:
    """Pictures that members want to use wait for a button; generations are found by the message that shows them."""
    owner = dict.fromkeys(("guild_id", "owner_id", "channel_id"), int)
    db.table("selections").create({"id": str, **owner, "paths": str, "created_at": float}, pk="id", strict=True)
    db.table("selections").create_index(["created_at"])
    db.table("generations").create_index(["message_id"])


@migrations()
def comparisons(db: sqlite_utils.Database) -> None:
    """One prompt over several models or LoRA scales, first as a batch that waits, then as a job with its own sheet."""
    run(db, "ALTER TABLE batches ADD COLUMN prompt TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE batches ADD COLUMN labels TEXT NOT NULL DEFAULT '[]'")
    db.table("comparisons").create({**JOB, "prompt": str, "labels": str}, pk="id", strict=True)
    unfinished = "state IN ('waiting', 'running') OR delivered = ''"  # word for word what Jobs.unfinished asks for
    run(db, f"CREATE INDEX comparisons_unfinished ON comparisons (created_at) WHERE {unfinished}")
    order = "state NOT IN ('waiting', 'running'), delivered != 'kept', created_at DESC"  # as in Jobs.of_member
    run(db, f"CREATE INDEX comparisons_of_member ON comparisons (guild_id, owner_id, {order})")
