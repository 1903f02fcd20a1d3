"""Every code that is kept has its sentence, and what nobody could put into words is said so."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.domain import sentences
from bot.domain.notices import Notice
from bot.domain.outcomes import refusal
from bot.domain.sentences import estimates, photos, prompts, runs

ROOT = Path(__file__).parents[3]
MAKERS = {"Notice", "Notice.of", "PictureRefused", "Finding", "_finding", "_broken"}


def codes() -> Iterator[str]:
    """Find the codes in the source: the first argument of whatever makes a notice."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS and node.args:
                yield from (
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )


def test_every_code_in_the_source_has_its_sentence_and_every_sentence_its_code():
    found = set(codes()) | {"not_image", "caption"}  # of files, by their names
    found |= {
        "key-refused",
        "not-allowed",
        "no-credit",
        "model-gone",
        "regex",
        "photos-unreadable",
        "out-of-memory",
        "training-late",
    }
    assert found == sentences.SENTENCES.keys() | sentences.ESTIMATES.keys()


def test_no_two_files_have_the_same_code():
    parts = (runs.SENTENCES, prompts.SENTENCES, photos.SENTENCES, estimates.PHRASES)
    assert sum(map(len, parts)) == len(sentences.SENTENCES) + len(sentences.ESTIMATES)


def test_a_code_of_a_newer_version_is_named():
    assert "`shiny`" in sentences.of(Notice("shiny"))


def test_values_are_no_templates():
    assert (
        sentences.of(Notice.of("loaded", word="{0.__class__}", name="{name}")) == "`{0.__class__}` loaded **{name}**."
    )


def test_a_spend_limit_is_no_lack_of_credit():
    assert "has no credit left" in sentences.of(refusal(402, "Insufficient credit"))
    assert "ask your operator to raise it" in sentences.of(refusal(402, "Monthly spend limit reached"))
