"""What `/imagine` says of a prompt that FLUX does not read as it was meant, and that it is silent otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import sentences
from bot.domain.prompting.advice import DEV_TOKENS, SCHNELL_TOKENS, advice, estimated_tokens


def told(prompt: str, guidance: float | None = None, tokens: int = DEV_TOKENS) -> str:
    return "\n".join(map(sentences.of, advice(prompt, tokens=tokens, guidance=guidance)))


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a fox, (red fur:1.3), in snow", "no weights such as `(red fur:1.3)`"),
        ("a fox ((very red)) in snow", "no weights such as `((very red))`"),
        ("a fox in [deep] snow", "no weights such as `[deep]`"),
        ("a fox in snow --ar 16:9", "no flags such as `--ar`: use the option `aspect_ratio`"),
        ("a fox in snow —ar 16:9", "use the option `aspect_ratio`"),
        ("a fox in snow --v 6", "no flags such as `--v`: leave it out"),
        ("a fox in snow --no people", "describe what is to be there instead"),
        ("a fox. Negative prompt: blurry, ugly", "no negative prompt"),
        ("a fox, no people, no text", "list of “no …”"),
        ("a street without cars, without people", "describe what is to be there instead"),
        ("fox, snow, 8k, masterpiece, best quality, trending", "sentences better than a list of tags"),
    ],
)
def test_what_flux_ignores_is_said_with_what_to_do(prompt: str, words: str) -> None:
    assert words in told(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "A fox sits in deep snow (a sunny morning), its breath visible in the cold air.",
        "A woman without a hat walks through a market, a basket in her hand.",
        "A street where nobody is, no cars anywhere, early in the morning.",
        "A station clock (at 10:30) above the platform",
        "A frame (ratio 16:9) on a wall",
        "A shop front with the words “((SALE:50)) [today] --ar no, no, no” in red letters",
        "ZIKI, an adult man, in a café -- he smiles",
        "red, blue and green lanterns over a river",
        "",
    ],
)
def test_sentences_get_no_advice(prompt: str) -> None:
    assert advice(prompt, tokens=DEV_TOKENS, guidance=5.0) == []


@pytest.mark.parametrize(("guidance", "is_told"), [(None, False), (3.0, False), (5.0, False), (5.1, True), (7.5, True)])
def test_guidance_above_five_is_called_harsh(guidance: float | None, is_told: bool) -> None:
    assert ("lower it to 3.5" in told("A fox sits in snow.", guidance)) is is_told


def test_a_prompt_is_held_against_what_the_model_reads() -> None:
    long = "A fox sits in the snow and looks at us. " * 35
    assert SCHNELL_TOKENS < estimated_tokens(long) < DEV_TOKENS
    assert "reads the first 256" in told(long, tokens=SCHNELL_TOKENS)
    assert told(long) == ""


@given(st.text(max_size=300))
def test_every_advice_is_one_sentence_that_says_what_to_do(prompt: str) -> None:
    for sentence in map(sentences.of, advice(prompt, tokens=20, guidance=9.0)):
        assert ":" in sentence
        assert "\n" not in sentence
        assert sentence[-1] == "."
        assert sentence.count("`") % 2 == 0
