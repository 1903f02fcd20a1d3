"""Every entity comes back from its row as it went in, through JSON and SQLite."""

import json
import sqlite3
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import sentences
from bot.domain.catalog import model_input
from bot.domain.entities import (
    Batch,
    Comparison,
    Dataset,
    Enrichment,
    FineTune,
    Generation,
    Job,
    JobState,
    Kind,
    Picture,
    Plan,
    Recipe,
    Training,
    Version,
)
from bot.domain.notices import Notice
from bot.store.migrations import migrations
from bot.store.rows import from_row, to_row
from tests.bot.things import NOW, batch, enrichment, fine_tune, generation, training

E = TypeVar("E")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False)
REPORTS = st.dictionaries(TEXT, st.lists(TEXT | st.integers(-(2**53), 2**53) | st.none(), max_size=3), max_size=3)
NOTICES = st.builds(Notice, TEXT, st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=2) | REAL, max_size=2))
TABLES = {
    "datasets": Dataset,
    "fine_tunes": FineTune,
    "versions": Version,
    "trainings": Training,
    "generations": Generation,
    "comparisons": Comparison,
    "pictures": Picture,
}


def things(kind: type[E]) -> st.SearchStrategy[E]:
    st.register_type_strategy(str, TEXT)
    st.register_type_strategy(int, WHOLE)
    st.register_type_strategy(float, REAL)
    settings = st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53) | st.booleans(), max_size=3)
    known: dict[str, Any] = {"report": REPORTS} if kind is Dataset else {}
    if kind in (Dataset, Training):
        known["plan"] = st.builds(Plan, settings=settings)
    if kind is Generation:
        lists = st.dictionaries(TEXT, st.lists(TEXT, max_size=2), max_size=2)
        known = {"uploads": lists, "recipe": st.builds(Recipe, settings=settings, sources=lists)}
    if issubclass(kind, Job):
        known["error"] = st.none() | NOTICES
        known["note"] = st.lists(NOTICES, max_size=2).map(tuple)
    if kind is Generation:
        known["basis"] = known["note"]
    return st.builds(kind, **known)


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=60)
@given(data=st.data())
def test_an_entity_comes_back_as_it_went_in(table: str, data: st.DataObject) -> None:
    thing = data.draw(things(TABLES[table]))
    with sqlite3.connect(":memory:") as connection:
        db = sqlite_utils.Database(connection)
        migrations.apply(db)
        migrations.apply(db)
        db.table(table).insert(to_row(thing))
        [row] = db.table(table).rows
    connection.close()
    assert from_row(TABLES[table], row) == thing


OLD = {"prompt": "a sea", "remote": "a/b", "aspect_ratio": "1:1", "count": 2, "steps": 4, "guidance": 3.0}
OLD |= {"lora_scale": 0.8, "seed": 7, "strength": "subtle"}
PLAIN = {"aspect_ratio": "1:1", "num_inference_steps": 4, "output_format": "webp", "output_quality": 90}


@pytest.mark.parametrize(
    ("model", "variant", "key", "more"),
    [
        ("schnell", "schnell", "schnell", {}),
        ("dev", "dev", "dev", {"guidance": 3.0}),
        ("fine-tune", "dev", "fine-tune-dev", {"guidance_scale": 3.0, "lora_scale": 0.8, "model": "dev"}),
        ("fine-tune", "schnell", "fine-tune-schnell", {"lora_scale": 0.8, "model": "schnell"}),
    ],
)
def test_a_recipe_of_the_first_release_is_sent_as_it_was(
    model: str, variant: str, key: str, more: dict[str, Any]
) -> None:
    with sqlite3.connect(":memory:") as connection:
        db = sqlite_utils.Database(connection)
        migrations.apply(db, stop_before="recipes_of_any_model")
        row = to_row(generation()) | {"recipe": json.dumps({**OLD, "model": model, "variant": variant})}
        table = db.table("generations")
        table.insert({name: row[name] for name in table.columns_dict if name in row})
        migrations.apply(db)
        [kept] = db.table("generations").rows
    connection.close()
    recipe = from_row(Generation, kept).recipe
    assert (recipe.model, recipe.settings, recipe.seed) == (key, PLAIN | more, 7)
    assert set(model_input(recipe)) == {*PLAIN, *more, "prompt", "seed", "num_outputs"}


def test_what_an_older_version_kept_as_a_sentence_is_shown_as_it_was() -> None:
    sentence = "The safety check held 1 of the pictures back; press *Again* for others."
    old = to_row(generation()) | {"error": sentence, "note": sentence, "basis": "a guess"}
    kept = from_row(Generation, old)
    assert (sentences.of(kept.error), sentences.all_of(kept.note)) == (sentence, sentence)
    assert sentences.basis(kept.basis) == "a guess"
    assert from_row(Generation, to_row(kept)) == kept
    silent = from_row(Generation, old | {"error": None, "note": "", "basis": ""})
    assert (silent.error, silent.note, silent.basis) == (None, (), ())


def test_what_lies_in_a_column_can_be_read_by_others() -> None:
    row = to_row(generation())
    assert row["state"] == "waiting"
    assert row["cancel_requested"] == 0
    assert json.loads(row["recipe"])["prompt"] == "a quiet sea"


def test_a_plan_and_a_fine_tune_of_the_first_release_are_as_they_were() -> None:
    with sqlite3.connect(":memory:") as connection:
        db = sqlite_utils.Database(connection)
        migrations.apply(db, stop_before="fine_tunes_that_are_public")
        old = {"name": "ziki", "trigger_word": "ZIKI", "kind": "style", "steps": 20, "lora_rank": 8}
        for table, thing in (("trainings", training()), ("fine_tunes", fine_tune())):
            row = to_row(thing) | ({"plan": json.dumps({**old, "autocaption": False})} if table == "trainings" else {})
            db.table(table).insert({name: row[name] for name in db.table(table).columns_dict if name in row})
        migrations.apply(db)
        [kept], [private] = db.table("trainings").rows, db.table("fine_tunes").rows
    connection.close()
    plan = from_row(Training, kept).plan
    assert plan == Plan(name="ziki", trigger_word="ZIKI", kind=Kind.STYLE, steps=20, lora_rank=8, autocaption=False)
    assert (plan.settings, plan.trainer, plan.pretrained) == ({}, "", "")
    assert from_row(FineTune, private).public is False


def test_of_jobs_that_had_one_run_the_first_keeps_it_and_an_open_one_looks_for_its_own() -> None:
    has_it: dict[str, Any] = {"remote_id": "r1", "remote_url": "https://r/1", "intent_at": NOW, "intent_boot": "old"}
    running = {**has_it, "state": JobState.RUNNING}
    jobs: dict[str, list[Job]] = {
        "generations": [
            generation("second", **running, started_at=NOW + 2),
            generation("first", **running, started_at=NOW + 1),
            generation("over", **has_it, state=JobState.SUCCEEDED, started_at=NOW + 3, ended_at=NOW + 4, cost=7),
            generation("other", **{**running, "remote_id": "r2"}, started_at=NOW + 5),
            generation("waiting"),
        ],
        "enrichments": [enrichment("prose", **running, started_at=NOW + 4)],
    }
    with sqlite3.connect(":memory:") as connection:
        db = sqlite_utils.Database(connection)
        migrations.apply(db, stop_before="runs")
        for table, rows in jobs.items():
            db.table(table).insert_all(map(to_row, rows))
        migrations.apply(db)
        owners = {row["run_id"]: (row["jobs"], row["job_id"]) for row in db.table("runs").rows}
        kinds = {"generations": Generation, "enrichments": Enrichment}
        kept = {row["id"]: from_row(kinds[table], row) for table in jobs for row in db.table(table).rows}
    connection.close()
    assert owners == {"r1": ("generations", "first"), "r2": ("generations", "other")}
    for job in (job for table in jobs.values() for job in table):
        if job.id in ("second", "prose"):
            looks = replace(job, state=JobState.WAITING, remote_id=None, remote_url=None, started_at=None)
            assert kept[job.id] == looks
        else:
            assert kept[job.id] == job


def test_a_comparison_that_waits_since_the_second_release_is_one() -> None:
    wishes = (generation("b1c1", parent_id="b1"), generation("b1c2", parent_id="b1"))
    waits = replace(batch("b1", wishes), comparison=None)
    row = {name: value for name, value in to_row(waits).items() if name != "comparison"}
    with sqlite3.connect(":memory:") as connection:
        db = sqlite_utils.Database(connection)
        migrations.apply(db, stop_before="comparisons_that_wait")
        db.table("batches").insert({**row, "prompt": "ziki at sea", "labels": '["a", "b"]'})
        db.table("batches").insert({**row, "id": "b2"})
        migrations.apply(db)
        compared, single = [from_row(Batch, row) for row in db.table("batches").rows]
    connection.close()
    assert compared.comparison
    assert (compared.comparison.id, compared.comparison.owner_id) == ("b1", compared.owner_id)
    assert (compared.comparison.prompt, compared.comparison.labels) == ("ziki at sea", ("a", "b"))
    assert compared.comparison.estimate == compared.estimate == 2 * wishes[0].estimate
    assert single.comparison is None
