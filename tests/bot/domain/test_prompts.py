"""Names, trigger words, prompts: what is taken, how it is kept, and how they meet."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import prompts
from bot.errors import UserError
from tests.bot.things import BEN, fine_tune

TRIGGERS = st.from_regex(prompts.TRIGGER, fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "kept"), [("anna", "anna"), (" Anna-2 ", "anna-2"), ("x", "x"), ("a" * 32, "a" * 32)]
)
def test_a_name_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert prompts.check_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "-a", "a-", "a b", "ä", "a" * 33, "a/b", "ft:7", "a\nb", "../x", "a_b"])
def test_a_name_that_is_none_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(UserError, match="anna-portrait"):
        prompts.check_name(typed)


@pytest.mark.parametrize("name", ["dev", "Schnell"])
def test_a_fine_tune_is_not_called_like_a_plain_model(name: str) -> None:
    with pytest.raises(UserError, match="plain FLUX"):
        prompts.check_name(name)


@pytest.mark.parametrize("typed", ["", "ab", "a" * 25, "two words", "tök", "a-b", "TOK", "tok", "a\n"])
def test_a_trigger_word_that_is_none_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(UserError, match="ZIKI"):
        prompts.check_trigger_word(typed.rstrip(" "))


def test_a_trigger_word_keeps_its_case() -> None:
    assert prompts.check_trigger_word(" ZiKi_1 ") == "ZiKi_1"


@given(st.text())
def test_a_prompt_is_visible_bounded_and_stays_as_it_is(text: str) -> None:
    if not 0 < len(prompts.visible(text)) <= prompts.MAX_PROMPT:
        with pytest.raises(UserError, match="run the command again"):
            prompts.check_prompt(text)
        return
    kept = prompts.check_prompt(text)
    assert 0 < len(kept) <= prompts.MAX_PROMPT
    assert not [c for c in kept if unicodedata.category(c) in prompts.INVISIBLE and c != "\n"]
    assert prompts.check_prompt(kept) == kept


def test_a_prompt_too_long_is_told_how_long_it_is() -> None:
    with pytest.raises(UserError, match=r"has 2001 characters; FLUX reads at most 2000"):
        prompts.check_prompt("x" * 2001)


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("ZIKI at sea", True),
        ("a portrait of ziki", True),
        ("a portrait (Ziki), close", True),
        ("ZIKI2 at sea", False),
        ("BAZIKI", False),
        ("ZIKI_", False),
        ("z i k i", False),
    ],
)
def test_a_trigger_word_counts_as_a_word_of_its_own(prompt: str, named: bool) -> None:
    assert prompts.has_trigger(prompt, "ZIKI") is named


@given(st.text(), TRIGGERS)
def test_the_trigger_word_is_put_in_once(prompt: str, word: str) -> None:
    once = prompts.with_trigger(prompt, word)
    assert prompts.has_trigger(once, word)
    assert once.endswith(prompt)
    assert prompts.with_trigger(once, word) == once


def test_every_fine_tune_that_a_prompt_names_is_listed_in_order() -> None:
    mine, theirs, other = fine_tune(), fine_tune(BEN, trigger_word="Ziki"), fine_tune(trigger_word="MOPS")
    assert prompts.triggered("ziki at sea", [mine, theirs, other]) == [mine, theirs]
