"""Whatever somebody writes, Discord only shows it."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import wording
from bot.domain.prompts import INVISIBLE

NASTY = st.text(st.sampled_from("`@<>#:&!/()[]_*~|\\ \n\u202e\u200bae1"), max_size=80) | st.text(max_size=200)


@given(NASTY, st.integers(1, 50))
def test_a_text_made_inert_has_no_backtick_and_nothing_hidden(text: str, limit: int) -> None:
    made = wording.inert(text, limit)
    assert "`" not in made
    assert len(made) <= limit
    assert not [c for c in made if unicodedata.category(c) in INVISIBLE and c != "\n"]


@given(NASTY)
def test_code_is_one_line_between_exactly_two_backticks(text: str) -> None:
    made = wording.code(text)
    assert (made[0], made[-1], made.count("`")) == ("`", "`", 2)
    assert len(made) > 2
    assert "\n" not in made


@given(NASTY, st.integers(20, 200))
def test_a_quotation_stays_within_its_limit_and_every_line_of_it_is_one(text: str, limit: int) -> None:
    made = wording.quote(text, limit)
    assert len(made) <= limit
    assert all(line.startswith("> ") for line in made.split("\n"))


@given(NASTY)
def test_a_sentence_mentions_nobody_and_links_nowhere(text: str) -> None:
    made = wording.sentence(text)
    assert not re.search(r"@(everyone|here|[!&]?\d)|<#|<a?:|</|<id:|\]\(|://", made)


def test_a_description_is_never_empty_and_fits() -> None:
    assert wording.alt_text("\u200b\n ") == "A picture without a prompt"
    assert len(wording.alt_text("x" * 5000)) == wording.ALT_TEXT


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (9.5, "9.5 s"),
        (59.4, "59 s"),
        (61, "1 min 1 s"),
        (3599, "59 min"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations_as_people_read_them(seconds: float, written: str) -> None:
    assert wording.duration(seconds) == written
