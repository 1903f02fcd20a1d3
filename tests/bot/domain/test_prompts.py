"""Names and prompts: what is taken, and how it is kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import prompts
from bot.errors import UserError


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


def test_what_a_tab_parts_stays_apart() -> None:
    assert prompts.check_prompt("ZIKI\tat sea") == "ZIKI at sea"
