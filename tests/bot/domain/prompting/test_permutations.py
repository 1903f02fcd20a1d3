"""`{a|b}`: which prompts one prompt stands for, how many are too many, and what is only a character."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prompting.permutations import MAX_PERMUTED, permutations
from bot.errors import UserError

WORD = st.text("abcdefgh ,.äß日", max_size=8)
CHOICE = st.text("abcdefgh", min_size=1, max_size=4)


def escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "{|}" else c for c in text)


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("a fox", ["a fox"]),
        ("a {red|blue} fox", ["a red fox", "a blue fox"]),
        ("{a|b} {c|d}", ["a c", "a d", "b c", "b d"]),
        ("{red | blue}", ["red", "blue"]),
        ("{a|a|b}", ["a", "b"]),
        ("a {|wet} fox", ["a  fox", "a wet fox"]),
        ("a | b", ["a | b"]),
        ("{a}", ["{a}"]),
        ("a { b", ["a { b"]),
        (r"\{a\|b\}", ["{a|b}"]),
        (r"{a\|b|c}", ["a|b", "c"]),
        (r"C:\temp ¯\_", [r"C:\temp ¯\_"]),
        ("left | right {a|b}", ["left | right a", "left | right b"]),
    ],
)
def test_a_prompt_stands_for(prompt: str, prompts: list[str]) -> None:
    assert permutations(prompt) == prompts


@pytest.mark.parametrize("prompt", ["{a|b", "a|b}", "{a|{b|c}}", "{a|b} {c}", "{a|b} }", "}a|b{", "{{a|b}}"])
def test_braces_that_do_not_fit_are_refused_with_how_it_is_written(prompt: str) -> None:
    with pytest.raises(UserError, match=r"\{red\|green\|blue\}"):
        permutations(prompt)


def test_too_many_are_refused_with_the_number() -> None:
    with pytest.raises(UserError, match=r"stands for 9 prompts, which makes 18 pictures; at most 16"):
        permutations("{a|b|c} {d|e|f}", count=2)
    with pytest.raises(UserError, match=r"1,048,576 prompts"):
        permutations("{a|b}" * 20)


@given(st.text(max_size=60))
def test_an_escaped_prompt_is_itself(prompt: str) -> None:
    assert permutations(escaped(prompt.replace("\\", "/"))) == [prompt.replace("\\", "/")]


@given(st.text("ab{|}\\ ", max_size=40))
def test_whatever_is_typed_ends_in_a_few_prompts_or_a_sentence(prompt: str) -> None:
    try:
        found = permutations(prompt)
    except UserError:
        return
    assert 1 <= len(found) <= MAX_PERMUTED


@given(st.lists(st.tuples(WORD, st.lists(CHOICE, min_size=2, max_size=3, unique=True)), min_size=1, max_size=3), WORD)
def test_groups_multiply(groups: list[tuple[str, list[str]]], end: str) -> None:
    prompt = "".join(f"{before}{{{'|'.join(choices)}}}" for before, choices in groups) + end
    number = math.prod(len(choices) for _, choices in groups)
    if number > MAX_PERMUTED:
        with pytest.raises(UserError, match=f"stands for {number} prompts"):
            permutations(prompt)
        return
    found = permutations(prompt)
    assert len(found) == number
    assert found[0] == "".join(before + choices[0] for before, choices in groups) + end
    assert found[-1] == "".join(before + choices[-1] for before, choices in groups) + end
