"""What of a language model's answer is used: its prose, with trigger words and lettering as they were, or nothing."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import sentences
from bot.domain.prompting.enriching import instructions, model_input, read_answer
from bot.domain.prompting.lettering import lettering
from bot.domain.prompts import MAX_PROMPT
from tests.bot.things import enrichment

PROSE = "ZIKI, an adult man, walks along a windy beach at dusk. Warm light falls on the wet sand."
SIGN = "ZIKI holds a sign “OPEN 24/7” in the rain."


def prose(told: str, prompt: str = "ZIKI on a beach") -> str:
    answer = read_answer(told, prompt, ["ZIKI"])
    assert not answer.fault
    return answer.prompt


@pytest.mark.parametrize(
    "told",
    [
        PROSE,
        f"  {PROSE}\n",
        f'"{PROSE}"',
        f"“{PROSE}”",
        f"**{PROSE}**",
        f"```\n{PROSE}\n```",
        f"Sure! Here's the rewritten prompt:\n\n{PROSE}",
        f'Here is a rewritten version of your prompt:\n\n"{PROSE}"\n\nLet me know if you\'d like changes!',
        f"Certainly!\n\n{PROSE}",
        f"**Prompt:** {PROSE}",
        f"Enhanced prompt: {PROSE}",
        f"# Prompt:\n{PROSE}\n\n(Note: I kept the trigger word.)",
        PROSE.replace(". ", ".\n\n"),
        f"- {PROSE}",
        f"<prompt>{PROSE}</prompt>",
    ],
)
def test_the_prose_is_taken_out_of_the_chat(told: str) -> None:
    assert prose(told) == PROSE


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("", "gave no prompt"),
        (" \u200b\n", "gave no prompt"),
        ("Here is your prompt:", "gave no prompt"),
        ("I'm sorry, but I can't help with ZIKI.", "gave no prompt"),
        ("I cannot create content about ZIKI.", "gave no prompt"),
        ("A man walks along a beach.", "trigger word `ZIKI`"),
        ("Ziki walks along a beach.", "trigger word `ZIKI`"),
        ("ZIKIs walk along a beach.", "trigger word `ZIKI`"),
        ("ZIKI walks. " * 200, "2,399 characters, of which FLUX takes 2,000"),
        ('ZIKI wears a shirt that says "BEACH".', "made up lettering"),
    ],
)
def test_what_cannot_be_used_is_named(told: str, fault: str) -> None:
    answer = read_answer(told, "ZIKI on a beach", ["ZIKI"])
    assert fault in sentences.of(answer.fault)
    assert answer.prompt == ""


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("ZIKI holds a neon sign that says “OPEN 24/7” in the rain.", ""),
        ('ZIKI holds a neon sign that says "OPEN 24/7" in the rain.', ""),
        ('"OPEN 24/7" says the neon sign that ZIKI holds, and again "OPEN 24/7"', ""),
        ("ZIKI holds a sign that says “Open 24/7”.", "changed the lettering"),
        ("ZIKI holds a sign that says OPEN 24/7.", "changed the lettering"),
        ("ZIKI holds a sign.", "changed the lettering"),
        ("ZIKI holds a sign “OPEN 24/7” beside a shop “BAKERY”.", "made up lettering"),
    ],
)
def test_lettering_stays_letter_by_letter(told: str, fault: str) -> None:
    answer = read_answer(told, SIGN, ["ZIKI"])
    assert (bool(answer.fault), answer.prompt) == (bool(fault), "" if fault else told)
    assert fault in sentences.of(answer.fault)


@pytest.mark.parametrize("blank", ["\n", " \n", "\n\t"])
def test_any_number_of_blank_lines_is_read_at_once(blank: str) -> None:
    begins, ends = PROSE.split(". ")
    assert prose(f"{begins}.{blank * 100_000}{ends}") == PROSE  # it took hours, in which the bot did nothing else


def test_a_trigger_word_that_the_prompt_does_not_name_is_not_asked_for() -> None:
    assert read_answer("A fox sits in the snow.", "a fox", ["ZIKI"]).prompt


def test_a_trigger_word_stays_as_its_writer_spelled_it() -> None:
    assert read_answer("A photo of ziki at sea.", "ziki at sea", ["ZIKI"]).prompt
    assert read_answer("A photo of ZIKI at sea.", "ziki at sea", ["ZIKI"]).fault


def test_the_instructions_name_what_must_not_change() -> None:
    told = instructions(enrichment(prompt="ziki holds a sign “OPEN” {now}", trigger_words=("ZIKI", "MOPS")))
    assert 'exactly as they are, letter by letter: ziki, "OPEN". ' in told
    assert "MOPS" not in told
    assert "letter by letter" not in instructions(enrichment(prompt="a fox", trigger_words=("ZIKI",)))


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"prompt": {}, "seed": {}}, {"prompt", "seed"}),
        ({"prompt": {}, "system_instruction": {}, "thinking_budget": {}}, {"prompt", "system_instruction"}),
        (
            {"prompt": {}, "system_prompt": {}, "max_tokens": {"minimum": 4096}},
            {"prompt", "system_prompt", "max_tokens"},
        ),
    ],
)
def test_a_language_model_gets_what_its_schema_lists_within_its_limits(fields: Any, sent: set[str]) -> None:
    asked = model_input(enrichment(prompt="a fox"), fields)
    assert set(asked) == sent
    assert "natural prose" in str(asked.get("system_prompt") or asked.get("system_instruction") or asked["prompt"])
    assert re.search(r"(\A|<prompt>)a fox(</prompt>)?\Z", str(asked["prompt"]))
    assert asked.get("max_tokens", 4096) == 4096


@given(st.text(max_size=200))
def test_whatever_a_model_says_is_usable_or_has_a_fault(told: str) -> None:
    answer = read_answer(told, SIGN, ["ZIKI"])
    assert bool(answer.prompt) is not bool(answer.fault)
    assert len(answer.prompt) <= MAX_PROMPT
    if answer.prompt:
        assert "ZIKI" in answer.prompt
        assert set(lettering(answer.prompt)) == {"OPEN 24/7"}
