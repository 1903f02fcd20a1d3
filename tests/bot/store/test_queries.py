"""The queries by name: each is used, each that is used is there, and each is good SQL for the tables that there are."""

import re
from pathlib import Path

import pytest
import sqlite_utils

from bot.store.migrations import migrations
from bot.store.queries import FILES, Queries

SUBJECTS = [path.stem for path in sorted(FILES.glob("*.sql"))]
QUERIES = [(subject, name) for subject in SUBJECTS for name in dir(Queries(subject))]
SOURCE = {path.name: path.read_text("utf-8") for path in FILES.parent.glob("*.py")}
NAMES = {
    "table": "generations",
    "open": ("waiting", "running"),
    "asked_for": "parent_id IS NULL",
    "waits": "1 = 1",
    "beyond": "<",
    "direction": "DESC",
}


def used_by(source: str) -> set[tuple[str, str]]:
    """Read which queries a file of the store asks for, by the names that it gives to subjects."""
    given = re.findall(r"^(\w+(?:, \w+)*) = (.*Queries\(.*)$", source, re.MULTILINE)
    subjects: dict[str, str] = {}
    for names, value in given:
        subjects |= dict(zip(names.split(", "), re.findall(r'Queries\("(\w+)"\)', value), strict=False))
    direct = set(re.findall(r'Queries\("(\w+)"\)\.(\w+)', source))
    return direct | {(subjects[name], query) for name, query in re.findall(r"\b(SQL(?:ITE)?)\.(\w+)", source)}


@pytest.mark.parametrize("query", QUERIES, ids=".".join)
def test_a_query_is_good_sql_for_the_tables_that_there_are(query: tuple[str, str]) -> None:
    db = sqlite_utils.Database(memory=True)
    migrations.apply(db)
    sql = getattr(Queries(query[0]), query[1])
    values = dict.fromkeys(re.findall(r":(\w+)", sql), "1")
    tables = {"undecided": "datasets", "jobs": "generations"}
    assert db.query(f"EXPLAIN {sql.format(**NAMES | {'table': tables.get(query[0], 'generations')})}", values)
    db.close()


def test_each_query_is_used_and_each_that_is_used_is_there() -> None:
    used = set().union(*map(used_by, SOURCE.values()))
    of_all_jobs = {("jobs", name) for name in re.findall(r'_s(?:ql\[|elect\()"(\w+)"', SOURCE["jobs.py"])}
    assert used_by('SQL, SQLITE = Queries("a"), Queries("b")\nx = SQL.one, SQLITE.two') == {("a", "one"), ("b", "two")}
    assert used | of_all_jobs == set(QUERIES)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="there is no query nonsense"):
        _ = Queries("jobs").nonsense


def test_no_sql_stands_elsewhere_than_beside_its_subject() -> None:
    about = {name for name, source in SOURCE.items() if re.search(r'"(SELECT|INSERT|UPDATE|DELETE) ', source)}
    assert about <= {"soundness.py", "queries.py"}
    assert Path(FILES).is_dir()
