"""Whatever somebody writes is shown, and nothing else happens."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain import wording

NASTY = st.text(st.sampled_from("`*_~|<>[]()@#:/-+\\ \naB1é漢\u202e\u200b\u2066\x00")) | st.text()
ADDRESSED = ("https://evil.example", "[a](https://evil.example)", "<@123>", "<@&1>", "@everyone", "<#5>", "</x:1>")


def unescaped(text: str) -> str:
    """Give what Discord still acts on: the text without any escaped punctuation."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", text)


@given(NASTY)
@example("```\n@everyone")
@example("\\")
def test_inert_text_cannot_leave_its_code(text: str):
    shown = wording.code(text)
    assert shown[0] == shown[-1] == "`"
    assert "`" not in shown[1:-1]
    assert "\n" not in shown
    assert len(shown) > 2
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00]", shown)


@given(NASTY)
@example("> # *a*\n- b\n[x](https://e)")
def test_a_quotation_keeps_no_markup_alive(text: str):
    shown = wording.quote(text)
    lines = shown.split("\n")
    assert all(line.startswith("> ") for line in lines)
    assert not set(unescaped("".join(line[2:] for line in lines))) & wording.MARKUP


@given(st.text(st.sampled_from("*ab \n"), min_size=1), st.integers(10, 60))
def test_a_quotation_never_grows_over_its_limit(text: str, limit: int):
    assert len(wording.quote(text, limit)) <= limit


def test_a_quotation_reads_like_the_original():
    assert wording.quote("a fox, 35 mm\nin snow") == "> a fox, 35 mm\n> in snow"
    assert wording.quote("x" * 50, 10) == "> " + "x" * 7 + "…"


@pytest.mark.parametrize("words", ADDRESSED)
def test_a_sentence_that_quotes_somebody_has_no_live_address_or_mention(words: str):
    shown = wording.sentence(f"There is no model {words}. Try **again**.")
    assert words not in shown
    assert not re.search(r"://|<[@#/:][\w&]|@everyone|\]\(", shown)
    assert "**again**" in shown


@given(st.text())
def test_alt_text_fits_discord_and_is_never_empty(prompt: str):
    assert 1 <= len(wording.alt_text(prompt)) <= 1024


def test_long_alt_text_is_cut():
    assert wording.alt_text("word " * 500).endswith("…")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-3, "0.0 s"),
        (4.24, "4.2 s"),
        (42, "42 s"),
        (200, "3 min 20 s"),
        (180, "3 min"),
        (1260, "21 min"),
        (3900, "1 h 5 min"),
    ],
)
def test_durations_are_written_for_people(seconds: float, written: str):
    assert wording.duration(seconds) == written


def test_counts_and_costs_are_written_for_people():
    assert wording.plural(1, "picture") == "1 picture"
    assert wording.plural(2, "picture") == "2 pictures"
    assert wording.charged(0) == wording.charged(None) == "nothing charged"
    assert wording.charged(1_830_000) == "$1.83"
