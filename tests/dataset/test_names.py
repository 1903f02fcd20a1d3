"""Names and captions, which members see and nothing opens."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dataset import captions, names

BOT = Path(__file__).parents[2] / "bot"


@given(st.binary(min_size=1, max_size=60), st.booleans())
def test_a_decoded_name_leads_nowhere(raw: bytes, utf8: bool):
    try:
        name = names.decode(raw, utf8=utf8)
    except names.BadName:
        return
    assert not name.startswith("/") or name == "/"
    assert not {"..", "."} & set(name.split("/"))
    assert "\\" not in name
    assert not any(character < " " for character in name)


@given(st.text(max_size=200))
def test_a_shown_name_is_short_and_has_nothing_hidden(name: str):
    shown = names.shown(name)
    assert 0 < len(shown) <= 60
    assert "`" not in shown
    assert all(character.isprintable() for character in shown)


@given(st.binary(max_size=200))
def test_any_caption_becomes_one_clean_line(data: bytes):
    text = captions.decode(data, 50)
    assert len(text) <= 50
    assert all(character.isprintable() for character in text)
    assert text == " ".join(text.split())


@pytest.mark.parametrize(
    ("picture", "caption"),
    [
        ("Mu\u0308ller.jpg", "M\u00fcller.txt"),
        ("M\u00fcller.jpg", "Mu\u0308ller.txt"),
        ("\u30db\u309a.jpg", "\u30dd.jpg.txt"),
        ("a/b.jpg", "A/B.caption"),
    ],
)
def test_a_caption_is_found_however_its_name_is_written(picture: str, caption: str):
    assert captions.is_caption(caption)
    assert captions.key(caption) in captions.keys(picture)


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("__MACOSX/a.jpg", True),
        ("set/__macosx/a.jpg", True),
        ("set/._a.jpg", True),
        ("set/.DS_Store", True),
        ("x/Thumbs.db", True),
        ("Desktop.ini", True),
        ("a.jpg", False),
        ("_a.jpg", False),
        ("macosx/a.jpg", False),
    ],
)
def test_junk_is_known_anywhere_in_the_path(name: str, junk: bool):
    assert names.is_junk(name) is junk


def test_pictures_are_sorted_as_people_count():
    assert sorted(["b10", "b9", "a", "B1"], key=names.natural_key) == ["a", "B1", "b9", "b10"]


def test_nothing_in_the_bot_extracts_or_reads_with_zipfile():
    found = list[str]()
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"extract", "extractall", "unpack_archive"}:
                found.append(f"{path.name}:{node.lineno} {node.attr}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ZipFile") and not _writes(node):
                found.append(f"{path.name}:{node.lineno} reads with zipfile")
    assert found == []


def _writes(call: ast.Call) -> bool:
    return any(isinstance(mode, ast.Constant) and mode.value in {"w", "x"} for mode in call.args[1:2])
