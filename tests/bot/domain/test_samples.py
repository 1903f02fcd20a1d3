import pytest

from bot.domain import prompts, samples


@pytest.mark.parametrize("kind", ["subject", "style", "product"])
def test_the_sample_sheet_names_the_trigger_word_four_times(kind: str) -> None:
    sheet = samples.sample_prompts(kind, "ZIKI")
    assert len(set(sheet)) == 4
    assert all(prompts.has_trigger(prompt, "ZIKI") for prompt in sheet)


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_the_short_example_names_the_trigger_word(kind: str) -> None:
    assert prompts.has_trigger(samples.example_prompt(kind, "ZIKI"), "ZIKI")
