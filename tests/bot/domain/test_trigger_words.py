"""Trigger words and phrases: what is taken, where a prompt names one, how they are put in and exchanged."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import trigger_words as words
from bot.domain.prompting.lettering import lettering
from bot.errors import UserError
from tests.bot.things import BEN, fine_tune

TRIGGERS = st.lists(st.text("aZk9_", min_size=1, max_size=5), min_size=1, max_size=5).map(" ".join)
SPACELESS = st.text(
    st.characters(min_codepoint=0x3041, max_codepoint=0x3096) | st.sampled_from("海辺歩写真照片사진에서ทะเลเดินที่")
)
LATIN = st.sampled_from("aZé9_ßøŁｚ９")
PAIRS = st.sampled_from(['""', "“”", "„“", "«»", "‹›", "「」", "『』", "''", "‘’"])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" ZiKi_1 ", "ZiKi_1"), ("bad  70s\nfood", "bad 70s food"), ("a-b c", "a-b c"), ("a b c d e", "a b c d e")],
)
def test_a_trigger_of_one_to_five_words_is_kept_as_it_is_spelled(typed: str, kept: str) -> None:
    assert words.check_trigger_word(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "a b c d e f", "tök", "花子", "-a", "a-", "a.b", "ZIKI!", "a" * 61, "`a`"])
def test_a_trigger_that_is_none_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(UserError, match="ZIKI"):
        words.check_trigger_word(typed)


@pytest.mark.parametrize(
    ("trigger", "common"),
    [
        ("dog", True),
        ("DOG", True),
        ("ab", True),
        ("1984", True),
        ("35mm", True),
        ("TOK", True),
        ("bad 70s food", True),
        ("bad-food", True),
        ("ZIKI", False),
        ("bad ZIKI food", False),
        ("dog1", False),
    ],
)
def test_a_trigger_of_ordinary_words_and_scraps_is_common(trigger: str, common: bool) -> None:
    assert words.is_common(trigger, {"dog", "bad", "food"}) is common


@given(TRIGGERS)
def test_invented_words_could_be_triggers(trigger: str) -> None:
    assert len(words.inventions(trigger)) > 20
    for word in words.inventions(trigger):
        assert words.check_trigger_word(word) == word
        assert len(word) >= words.SHORTEST


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("ZIKI at sea", True),
        ("a portrait of ziki", True),
        ("a portrait (Ziki), close", True),
        ("it's ZIKI's hat, and the dogs' ball", True),
        ("the '90s, ZIKI and the boys' hats", True),
        ('a 6" tall ZIKI and a 4" dog', True),
        ("ZIKIが海辺を歩く写真", True),
        ("海辺を歩くZIKIの写真", True),
        ("ＺＩＫＩが海辺を歩く", True),
        ("在海边的ZIKI照片", True),
        ("지키가 아니라 ZIKI가 걷는다", True),
        ("ภาพของZIKIเดินที่ชายหาด", True),
        ("ที่ZIKI", True),
        ("портрет ZIKIом", True),
        ("صورة وZIKI", True),
        ("ZIKING", False),
        ("xZIKI", False),
        ("ZIKI2 at sea", False),
        ("BAZIKI", False),
        ("ZIKI_", False),
        ("ZIKIé", False),
        ("éZIKI", False),
        ("ZIKI\u0301", False),
        ("ＸZIKI", False),
        ("z i k i", False),
        ('a sign that says "ZIKI OPEN"', False),
        ("a sign that says 'ZIKI'", False),
        ("a sign “ZIKI”", False),
        ("ein Schild „ZIKI“", False),
        ("une enseigne « ZIKI »", False),
        ("「ZIKI」と書いた看板", False),
        ("看板に'ZIKI'と", False),
        ('ZIKI holds a sign "ZIKI"', True),
    ],
)
def test_a_trigger_word_counts_as_a_word_of_its_own(prompt: str, named: bool) -> None:
    assert words.has_trigger(prompt, "ZIKI") is named
    assert words.with_trigger(prompt, "ZIKI") == (prompt if named else f"ZIKI, {prompt}")


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a plate of BAD 70s Food", True),
        ("bad\n 70s\u3000food, bad light", True),
        ("これはbad 70s foodの写真", True),
        ("bad food of the 70s", False),
        ("bad 70s foods", False),
        ('bad "70s food"', False),
        ("bad, 70s food", False),
    ],
)
def test_a_phrase_counts_as_a_whole(prompt: str, named: bool) -> None:
    assert words.has_trigger(prompt, "bad 70s food") is named


@given(TRIGGERS, SPACELESS, SPACELESS)
def test_a_trigger_is_found_between_letters_of_any_script_without_spaces(word: str, before: str, after: str) -> None:
    prompt = f"{before}{word.swapcase()}{after}"
    assert words.has_trigger(prompt, word)
    assert words.spellings(prompt, word) == [word.swapcase()]


@given(TRIGGERS, LATIN, st.booleans())
def test_a_trigger_within_a_longer_latin_word_is_none(word: str, letter: str, before: bool) -> None:
    assert not words.has_trigger(letter + word if before else word + letter, word)


@given(TRIGGERS, PAIRS, st.sampled_from(["", " "]))
def test_a_trigger_in_quotation_marks_of_any_kind_is_lettering(word: str, marks: str, space: str) -> None:
    prompt = f"the sign {marks[0]}{space}{word} open{space}{marks[1]} by the sea"
    assert lettering(prompt)
    assert not words.has_trigger(prompt, word)
    assert words.has_trigger(f"{word} and {prompt}", word)


@given(st.text(), TRIGGERS)
def test_the_trigger_word_is_put_in_once(prompt: str, word: str) -> None:
    once = words.with_trigger(prompt, word)
    assert words.has_trigger(once, word)
    assert once.endswith(prompt)
    assert words.with_trigger(once, word) == once


@given(st.lists(st.sampled_from(["bad", "70s", "food", "ZIKI", "MOPSI", ",", '"ZIKI"', "海"])), TRIGGERS)
def test_what_was_readdressed_names_the_new_one_alone(pieces: list[str], word: str) -> None:
    told = words.readdressed(" ".join(pieces), word, ["bad 70s food", "ZIKI", "food"])
    assert '"ZIKI"' in told or '"ZIKI"' not in pieces
    assert words.readdressed(told, word, ["bad 70s food", "ZIKI"]) == told
    if not words.meet(word, "ZIKI"):
        assert not words.has_trigger(told, "ZIKI")


def test_a_phrase_that_holds_another_trigger_is_exchanged_whole() -> None:
    assert words.readdressed("ZIKI dog at sea", "DGX", ["ZIKI", "ZIKI dog"]) == "DGX at sea"
    assert words.readdressed("ziki dog and DOG", "ZIKI dog", ["dog"]) == "ziki dog and ZIKI dog"


def test_every_fine_tune_that_a_prompt_names_is_listed_in_order() -> None:
    mine, theirs, other = fine_tune(), fine_tune(BEN, trigger_word="Ziki"), fine_tune(trigger_word="MOPS")
    assert words.triggered("ziki at sea", [mine, theirs, other]) == [mine, theirs]


def test_every_latin_letter_of_unicode_belongs_to_a_word() -> None:
    names = ("LATIN SMALL LETTER", "LATIN CAPITAL LETTER", "FULLWIDTH LATIN")
    letters = [chr(n) for n in range(0x10000) if unicodedata.name(chr(n), "").startswith(names)]
    assert len(letters) > 1000
    assert [it for it in letters if it.isalpha() and words.has_trigger(f"ZIKI{it}", "ZIKI")] == []
