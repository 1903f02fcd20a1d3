"""What people see of an upload: the report, its price and its consent."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.dataset.report import Finding, LeftOut, Picture
from bot.domain.catalog import FAST_TRAINER
from bot.domain.copies import HuggingFace, WeightsAndBiases
from bot.domain.notices import WRITTEN
from bot.domain.training_advice import Advice
from cogs.layouts import vetting
from tests.cogs import things
from tests.cogs.seen import alt_texts, buttons, check, text


def test_a_report_shows_pictures_price_and_consent_above_its_buttons(tmp_path: Path):
    post = check(vetting.report(things.draft(tmp_path)))
    shown = text(post)
    assert "anna v2: 12 pictures to train on" in shown
    assert "`notes.pdf`: It is not a picture." in shown
    assert "Pictures 2 and 5 look the same" in shown
    assert "**$1.90**, about 20 min" in shown
    assert "trigger word `ZIKI`" in shown
    assert shown.endswith(vetting.CONSENT)
    verbs = {"Start": "start", "Cancel": "discard", "Advanced": "advanced", "Captions, layers": "captions"}
    assert buttons(post) == {label: f"{verb}:1300000000000000009" for label, verb in verbs.items()}
    assert alt_texts(post) == ["Contact sheet of 12 pictures"]


def test_a_report_offers_what_its_trainer_takes_and_a_new_fine_tune_may_be_public(tmp_path: Path):
    made = things.draft(tmp_path)
    quick = replace(made.dataset, plan=things.plan(trainer=FAST_TRAINER, steps=700))
    post = check(vetting.report(replace(made, dataset=quick, is_new=True)))
    assert "fast trainer, 700 steps, trigger word" in text(post)
    assert list(buttons(post)) == ["Start", "Cancel", "Advanced", "Public"]
    seen = check(vetting.report(replace(made, is_new=True, public=True)))
    assert "**Public:** everybody will see it" in text(seen)
    assert "Keep it private" in buttons(seen)


def test_a_report_gives_advice_with_a_button_and_says_what_is_copied_where(tmp_path: Path):
    advised = (Advice("Take 500 steps.", {"steps": 500}), Advice("Add photos."))
    notices = [HuggingFace("acme", "hf_x").notice, WeightsAndBiases("k" * 40, "faces").notice]
    post = check(vetting.report(replace(things.draft(tmp_path), advice=advised, notices=notices, basis="2 s a step")))
    for words in ("- Take 500 steps.", "- Add photos.", "into a private repository", "acme", "faces", "2 s a step"):
        assert words in text(post)
    assert "Use the advice" in buttons(post)
    assert "Use the advice" not in buttons(check(vetting.report(replace(things.draft(tmp_path), advice=advised[1:]))))


def test_what_else_a_trigger_names_is_said_above_start(tmp_path: Path):
    others = [things.fine_tune(name=f"other{n}", owner_id=30 + n, shared=True) for n in range(5)]
    post = check(vetting.report(replace(things.draft(tmp_path), rivals=others)))
    assert "`ZIKI` also names **other0** of <@30>, **other1** of <@31>, **other2** of <@32> and 2 more" in text(post)
    assert "also names" not in text(check(vetting.report(things.draft(tmp_path))))


def test_a_trigger_of_ordinary_words_is_said_above_start(tmp_path: Path):
    told = "made of ordinary words, so it will load this fine-tune by itself for you alone"
    assert told in text(check(vetting.report(replace(things.draft(tmp_path), by_name=True))))
    assert told not in text(check(vetting.report(things.draft(tmp_path))))


def test_an_import_is_shown_without_pictures_and_with_a_consent_of_its_own(tmp_path: Path):
    address = "https://huggingface.co/a/b/resolve/main/x.safetensors"
    dataset = replace(things.draft(tmp_path).dataset, plan=things.plan(pretrained=address))
    post = check(vetting.report(replace(things.draft(tmp_path), dataset=dataset, contact_sheet=None, is_new=True)))
    assert address in text(post)
    assert "these weights are mine" in text(post)
    assert list(buttons(post)) == ["Start", "Cancel", "Public"]
    assert post.files == []


@pytest.mark.parametrize(
    ("own", "autocaption", "said"),
    [
        (0, True, "No captions of yours; a model describes the pictures."),
        (0, False, "No captions of yours; nothing describes the pictures."),
        (12, True, "Captions of yours: 12, one for each picture."),
        (5, True, "Captions of yours: 5; a model describes the other 7."),
    ],
)
def test_a_report_says_who_describes_the_pictures(tmp_path: Path, own: int, autocaption: bool, said: str):
    made = things.draft(tmp_path)
    pictures = [replace(p, captioned=True) if n < own else p for n, p in enumerate(made.report.pictures)]
    dataset = replace(made.dataset, plan=things.plan(autocaption=autocaption))
    report = replace(made.report, pictures=tuple(pictures))
    assert said in text(check(vetting.report(replace(made, dataset=dataset, report=report))))


def test_a_report_on_a_heap_of_rubbish_fits_and_counts_the_rest(tmp_path: Path):
    rubbish = things.report(
        pictures=tuple(Picture(name="x" * 200, width=1, height=1) for _ in range(1000)),
        left_out=tuple(LeftOut("`](" * 80, "type", {WRITTEN: "reason " * 60}) for _ in range(200)),
        left_out_more=300,
        findings=tuple(Finding("small", tuple(range(1, 900)), {WRITTEN: "advice " * 60}) for _ in range(50)),
    )
    made = things.draft(tmp_path, report=rubbish)
    chosen = dict.fromkeys((*vetting.ADVANCED, *vetting.CAPTIONS)[2:], "`@everyone " * 20)
    crowded = replace(
        made,
        dataset=replace(made.dataset, plan=things.plan(name="n" * 32, trigger_word="W" * 24, settings=chosen)),
        advice=[Advice("advice " * 60, {"steps": 500})] * 5,
        notices=[HuggingFace("a" * 96, "hf_x").notice, WeightsAndBiases("k" * 40, "p" * 128).notice],
        basis="150 s and 1.05 s a step, which grow with resolution and batch_size, at $0.001525 a second on an H100",
        is_new=True,
        public=True,
    )
    shown = text(check(vetting.report(crowded)))
    assert "**Left out: 500**" in shown
    assert "… and 494 more" in shown
    assert "… and 45 more" in shown
    assert shown.endswith(vetting.CONSENT)
