"""Presets: every one makes prose of a short prompt and leaves its words alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prompting.advice import SCHNELL_TOKENS, advice, estimated_tokens
from bot.domain.prompting.lettering import lettering, without_lettering
from bot.domain.prompting.presets import BY_KEY, PRESETS, Preset, applied

each = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)


def test_a_choice_of_discord_holds_them_all() -> None:
    assert len(BY_KEY) == len(PRESETS) <= 25
    assert all(len(preset.title) <= 100 for preset in PRESETS)


@each
@pytest.mark.parametrize("prompt", ["ZIKI, an adult woman", "a “Jazz Night” sign", "ZIKI", "a fox, "])
def test_a_short_prompt_becomes_prose_with_its_words_untouched(preset: Preset, prompt: str) -> None:
    made = applied(preset, prompt)
    assert prompt.strip(" ,")[1:] in made
    assert lettering(made) == lettering(prompt)
    assert advice(made, tokens=SCHNELL_TOKENS) == []
    assert estimated_tokens(made) < SCHNELL_TOKENS
    assert not set("{}|") & set(made)
    assert ".." not in made
    assert made[0].isupper()
    assert made.endswith(".")


@each
def test_a_prompt_in_sentences_stays_whole(preset: Preset) -> None:
    prompt = "ZIKI laughs. Rain falls"
    assert applied(preset, prompt).startswith("ZIKI laughs. Rain falls. ")


def test_lettering_with_a_full_stop_within_is_still_one_phrase() -> None:
    made = applied(BY_KEY["poster"], "a fox and “Go. Now.”")
    assert made.startswith("A printed poster that shows a fox and “Go. Now.”, large")
    assert "across the top" in made


def test_nothing_is_said_of_lettering_where_there_is_none() -> None:
    assert "lettering" not in applied(BY_KEY["poster"], "a fox").lower()


@each
@given(prompt=st.text("aZ .,!{}|“”\n", min_size=1).filter(lambda text: text.strip(" .,;:!\n")))
def test_any_prompt_keeps_its_lettering(preset: Preset, prompt: str) -> None:
    made = applied(preset, prompt)
    assert lettering(made)[: len(lettering(prompt))] == lettering(prompt)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ('a sign "OPEN"', ["OPEN"]),
        ("“a” and „b“ and «c» and ‘d’ and 'e f'", ["a", "b", "c", "d", "e f"]),
        ("the dogs' bowls and a cat's tail, it's late", []),
        ('an inch is 1"', []),
    ],
)
def test_lettering_is_what_stands_in_quotation_marks(prompt: str, words: list[str]) -> None:
    assert lettering(prompt) == words
    assert lettering(without_lettering(prompt)) == []
