"""Every end has a sentence, and no sentence repeats what Replicate said word for word where that could mislead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import outcomes, sentences


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("All generated images contained NSFW content.", "safety check"),
        ("The input or output was flagged as sensitive. (E005)", "safety check"),
        ("Prediction interrupted; please retry (code: PA)", "interrupted"),
        ("Director: unexpected error handling prediction (E9828)", "interrupted"),
        ("Given up: Replicate does not know it", "did not finish in time"),
        ("", "could not paint"),
    ],
)
def test_a_picture_that_did_not_come(error: str, told: str) -> None:
    assert told in sentences.of(outcomes.picture_failure(error))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("ValueError: input_images must be a zip file", "could not read the photos"),
        ("CUDA out of memory. (E1001)", "smaller lora_rank"),
        ("The regex 'nothing' didn't match any layers.", "fits no layer of FLUX"),
        ("Timeout starting prediction (E6716)", "interrupted"),
        ("Given up: it took too long", "did not finish in time"),
        ("", "stopped with an error"),
    ],
)
def test_a_training_that_made_no_version(error: str, told: str) -> None:
    assert told in sentences.of(outcomes.training_failure(error))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("Command '['pget', '-f', 'https://huggingface.co/a', 'lora']' returned non-zero exit status 1.", "Hugging"),
        ("Invalid URL. Use a HuggingFace download URL like https://huggingface.co/a", "Hugging Face did not hand"),
        ("Prediction interrupted; please retry (code: PA)", "Run /train again."),
        ("", "stopped with an error"),
    ],
)
def test_an_import_that_made_no_version(error: str, told: str) -> None:
    assert told in sentences.of(outcomes.import_failure(error))


def test_a_refusal_repeats_no_secret_of_what_was_sent() -> None:
    detail = "input.lora_weights: https://civitai.com/api/download/models/1?token=0123abcd is not it"
    told = sentences.of(outcomes.refusal(422, detail))
    assert "civitai.com/api/download/models/1?token=…" in told
    assert "0123abcd" not in told


@given(st.integers(400, 499), st.text(max_size=5000))
def test_a_refusal_says_that_nothing_was_charged_and_stays_short(status: int, detail: str) -> None:
    sentence = sentences.of(outcomes.refusal(status, detail))
    assert len(sentence) < 400
    assert sentence.endswith(".")
    assert "Nothing was charged" in sentence or "nothing was charged" in sentence or status == 404
