"""What people see of a generation: its status, its result, its end."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.catalog import DEV_LORA, FINE_TUNE_DEV, SCHNELL, find_model
from bot.domain.entities import JobState
from bot.domain.notices import Notice
from bot.domain.prompts import MAX_PROMPT
from bot.views.outcomes import Painted
from cogs.layouts import generation
from cogs.layouts.parts import Post
from tests.cogs import things
from tests.cogs.seen import LONG, alt_texts, buttons, check, text

BELOW = [
    *("Again", "Vary subtle", "Vary strong", "Edit prompt", "Same seed"),
    *("Edit", "Upscale", "Use as start picture", "Compare", "Delete"),
]


def result(outcome: Painted, *, here: bool = True) -> Post:
    return check(generation.result(outcome, generation.images_of(outcome), here=here))


def test_the_small_print_names_what_pictures_are_compared_by(tmp_path: Path):
    chosen = {"width": 640, "height": 512, "go_fast": True, "second_scale": 0.7, "lora_scale": 0.8, "megapixels": "1"}
    settings = FINE_TUNE_DEV.choose(chosen | {"second_lora": "acme/secret/weights"})
    recipe = things.recipe(settings=settings, second="bora", second_id=8)
    begun = things.recipe(sources={"image": ["sources/1/image-1.png"]})
    assert " · 1:1 · " not in text(result(things.painted(tmp_path, recipe=begun)))
    post = result(things.painted(tmp_path, recipe=recipe, remote_url="https://replicate.com/p/abc"))
    facts = "dev · 28 steps · guidance 3 · LoRA scale 0.8 · fast · 640 × 512 · second LoRA `bora` at 0.7 · seed `42`"
    assert facts in text(post)
    assert "secret" not in text(post)
    assert text(post).endswith("$0.015 · [Open on Replicate](https://replicate.com/p/abc)")


@pytest.mark.parametrize(
    ("key", "missing"),
    [
        ("kontext-pro", {"Vary strong"}),
        ("kontext-dev", {"Vary strong", "Same seed"}),
        ("redux-dev", {"Vary strong", "Edit prompt", "Same seed"}),
        ("real-esrgan", {"Again", "Vary strong", "Edit prompt", "Same seed"}),
    ],
)
def test_what_a_model_cannot_do_has_no_button(tmp_path: Path, key: str, missing: set[str]):
    row = find_model(key)
    recipe = things.recipe(prompt="", model=key, remote=row.remote, settings=row.choose({}), count=1)
    post = result(things.painted(tmp_path, 1, recipe=recipe, fine_tune_id=None))
    assert set(BELOW) - set(buttons(post)) == missing | {"Vary subtle", "Compare"}
    assert buttons(post)["Vary"].startswith("vary:")
    assert ("seed" in text(post)) == bool(row.takes("seed"))
    assert ">" not in text(post)


@pytest.mark.parametrize(
    "url", ["https://replicate.com/x) [y](z", "http://replicate.com/p/a", "https://evil.example/p"]
)
def test_an_address_that_is_not_replicates_is_no_link(tmp_path: Path, url: str):
    assert "Open on Replicate" not in text(result(things.painted(tmp_path, remote_url=url)))


def test_a_status_says_what_is_done_to_a_picture(tmp_path: Path):
    row = find_model("real-esrgan")
    settings = row.choose({"scale": 4})
    recipe = things.recipe(prompt="", model=row.key, remote=row.remote, settings=settings, count=1, fine_tune="")
    post = check(generation.status(things.generation(recipe=recipe, fine_tune_id=None)))
    assert text(post).startswith("Upscaling 1 picture with Real-ESRGAN · about $0.016")


def test_the_small_print_names_a_lora_from_elsewhere_without_what_signs_its_address(tmp_path: Path):
    address = "https://cdn.example.org/b.safetensors?signature=abc"
    settings = DEV_LORA.choose({"lora": address, "prompt_strength": 0.6})
    post = result(things.painted(tmp_path, recipe=things.recipe(model=DEV_LORA.key, settings=settings)))
    assert "dev-lora · LoRA `cdn.example.org/b.safetensors` · 28 steps · guidance 3 · strength 0.6" in text(post)
    assert "signature" not in text(post)


def test_a_status_names_what_paints_how_much_and_what_for():
    post = check(generation.status(things.generation(note=(Notice.of("trigger-added", word="ZIKI"),))))
    assert "Painting 2 pictures with **anna** v2 · about $0.016" in text(post)
    assert "> ZIKI on a beach" in text(post)
    assert "Added the trigger word `ZIKI`." in text(post)
    assert buttons(post) == {"Cancel": "cancel:1300000000000000001"}


def test_a_result_tells_how_it_was_made_and_offers_what_comes_next(tmp_path: Path):
    post = result(things.painted(tmp_path))
    assert "2 pictures with **anna** v2" in text(post)
    assert "dev · 28 steps · guidance 3 · 1:1 · seed `42` · 4.2 s · $0.015" in text(post)
    assert alt_texts(post) == ["ZIKI on a beach"] * 2
    assert list(buttons(post)) == BELOW


def test_a_result_without_a_fine_tune_names_the_model_and_leaves_out_what_it_does_not_take(tmp_path: Path):
    plain = things.recipe(model="schnell", settings=SCHNELL.choose({}))
    outcome = things.painted(tmp_path, recipe=plain, fine_tune_id=None, version=None)
    post = result(replace(outcome, fine_tune=None))
    assert "with FLUX.1 schnell" in text(post)
    assert "schnell · 4 steps · 1:1" in text(post)
    assert "guidance" not in text(post)


def test_an_unusual_lora_scale_is_told(tmp_path: Path):
    assert "LoRA scale 1.5" in text(
        result(things.painted(tmp_path, recipe=things.recipe(settings=FINE_TUNE_DEV.choose({"lora_scale": 1.5}))))
    )


def test_a_result_of_a_deleted_fine_tune_says_so(tmp_path: Path):
    assert "a fine-tune that is deleted" in text(result(replace(things.painted(tmp_path), fine_tune=None)))


def test_a_failure_says_why_and_offers_another_try(tmp_path: Path):
    failed = things.finished(
        state=JobState.FAILED, cost=0, error=Notice.written("Replicate was interrupted. Press *Again*.")
    )
    post = result(Painted(generation=failed, fine_tune=things.fine_tune()))
    assert "Replicate was interrupted. Press *Again*." in text(post)
    assert "nothing charged" in text(post)
    assert list(buttons(post)) == ["Again", "Edit prompt"]


def test_a_cancelled_generation_is_no_failure(tmp_path: Path):
    post = result(Painted(generation=things.finished(state=JobState.CANCELED, cost=0), fine_tune=None))
    assert text(post).startswith("Cancelled")


def test_a_direct_message_has_no_buttons_and_says_why_it_comes(tmp_path: Path):
    post = result(things.painted(tmp_path), here=False)
    assert buttons(post) == {}
    assert f"I may not write in <#{things.CHANNEL}>" in text(post)
    assert "1300000000000000001" not in text(post)


def test_pictures_that_discord_does_not_take_are_explained(tmp_path: Path):
    post = check(generation.result(things.painted(tmp_path), []))
    assert "too large" in text(post)


def test_the_longest_result_fits(tmp_path: Path):
    outcome = things.painted(
        tmp_path, 4, recipe=things.recipe(prompt=LONG, count=4), note=(Notice.written("n" * 3000),)
    )
    result(outcome)
    failed = replace(
        outcome, generation=replace(outcome.generation, state=JobState.FAILED, error=Notice.written("e" * 5000))
    )
    result(failed)
    result(failed, here=False)
    check(generation.status(outcome.generation))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(min_size=1, max_size=MAX_PROMPT))
def test_any_prompt_makes_a_message_that_discord_takes(tmp_path: Path, prompt: str):
    result(things.painted(tmp_path, 1, recipe=things.recipe(prompt=prompt)))
