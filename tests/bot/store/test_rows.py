"""Every entity comes back from its row as it went in, through JSON and SQLite."""

import json
import sqlite3
from typing import Any, TypeVar

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entities import Dataset, FineTune, Generation, Picture, Training, Version
from bot.store.migrations import migrations
from bot.store.rows import from_row, to_row
from tests.bot.things import generation

E = TypeVar("E")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False)
REPORTS = st.dictionaries(TEXT, st.lists(TEXT | st.integers(-(2**53), 2**53) | st.none(), max_size=3), max_size=3)
TABLES = {
    "datasets": Dataset,
    "fine_tunes": FineTune,
    "versions": Version,
    "trainings": Training,
    "generations": Generation,
    "pictures": Picture,
}


def things(kind: type[E]) -> st.SearchStrategy[E]:
    st.register_type_strategy(str, TEXT)
    st.register_type_strategy(int, WHOLE)
    st.register_type_strategy(float, REAL)
    known: dict[str, Any] = {"report": REPORTS} if kind is Dataset else {}
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


def test_what_lies_in_a_column_can_be_read_by_others() -> None:
    row = to_row(generation())
    assert row["state"] == "waiting"
    assert row["cancel_requested"] == 0
    assert json.loads(row["recipe"])["prompt"] == "a quiet sea"
