"""What people see: within Discord's limits at the extremes, with words for every picture."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dataset.report import Finding, LeftOut, Picture
from bot.domain.catalog import DEV_LORA, FAST_TRAINER, FINE_TUNE_DEV, SCHNELL, model
from bot.domain.copies import HuggingFace, WeightsAndBiases
from bot.domain.entities import Generation, JobState, Kind, Progress, Training
from bot.domain.prompts import MAX_PROMPT
from bot.domain.training_advice import Advice
from bot.flows.announcing import Painted, Trained
from bot.studio.requests import Running, Visibility
from cogs.layouts import generation, jobs, models, training, vetting
from cogs.layouts.help import guide
from cogs.layouts.parts import Post, bar, sparkline
from tests.cogs import things
from tests.cogs.seen import alt_texts, buttons, text

LONG = "*" * MAX_PROMPT
FOREVER = 10**9


def check(post: Post) -> Post:
    """Hold a post against Discord's rules."""
    for file in post.files:
        file.close()  # nobody sends it
    assert post.view.has_components_v2()
    assert post.view.total_children_count <= 40
    assert 0 < post.view.content_length() <= 4000
    assert post.view.timeout is None
    assert all(len(custom_id) <= 100 for custom_id in buttons(post).values() if not custom_id.startswith("https"))
    assert all(len(label) <= 80 for label in buttons(post))
    assert len(alt_texts(post)) == len(post.files)
    assert all(1 <= len(words) <= 1024 for words in alt_texts(post))
    return post


def result(outcome: Painted, *, here: bool = True) -> Post:
    return check(generation.result(outcome, generation.images_of(outcome), here=here))


# generations

BELOW = [
    *("Again", "Vary subtle", "Vary strong", "Edit prompt", "Same seed"),
    *("Edit", "Upscale", "Use as start picture", "Compare", "Delete"),
]


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
    row = model(key)
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


def test_jobs_name_what_was_made_without_words():
    recipe = things.recipe(prompt="", model="real-esrgan", settings={}, count=1)
    post = check(jobs.listing([Running(job=things.finished(recipe=recipe), progress=None)], things.NOW))
    assert "1 picture with Real-ESRGAN ·" in text(post)


def test_a_status_says_what_is_done_to_a_picture(tmp_path: Path):
    row = model("real-esrgan")
    recipe = things.recipe(prompt="", model=row.key, remote=row.remote, settings=row.choose({"scale": 4}), count=1)
    post = check(generation.status(things.generation(recipe=recipe, fine_tune_id=None), None))
    assert text(post).startswith("Upscaling 1 picture with Real-ESRGAN · about $0.016")


def test_the_small_print_names_a_lora_from_elsewhere_without_what_signs_its_address(tmp_path: Path):
    address = "https://cdn.example.org/b.safetensors?signature=abc"
    settings = DEV_LORA.choose({"lora": address, "prompt_strength": 0.6})
    post = result(things.painted(tmp_path, recipe=things.recipe(model=DEV_LORA.key, settings=settings)))
    assert "dev-lora · LoRA `cdn.example.org/b.safetensors` · 28 steps · guidance 3 · strength 0.6" in text(post)
    assert "signature" not in text(post)


def test_a_status_names_what_paints_how_much_and_what_for():
    post = check(generation.status(things.generation(note="Added the trigger word `ZIKI`."), things.fine_tune()))
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
    failed = things.finished(state=JobState.FAILED, cost=0, error="Replicate was interrupted. Press *Again*.")
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
    assert "generation 1300000000000000001" in text(post)


def test_pictures_that_discord_does_not_take_are_explained(tmp_path: Path):
    post = check(generation.result(things.painted(tmp_path), []))
    assert "too large" in text(post)


def test_the_longest_result_fits(tmp_path: Path):
    outcome = things.painted(tmp_path, 4, recipe=things.recipe(prompt=LONG, count=4), note="n" * 3000)
    result(outcome)
    failed = replace(outcome, generation=replace(outcome.generation, state=JobState.FAILED, error="e" * 5000))
    result(failed)
    result(failed, here=False)
    check(generation.status(outcome.generation, outcome.fine_tune))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(min_size=1, max_size=MAX_PROMPT))
def test_any_prompt_makes_a_message_that_discord_takes(tmp_path: Path, prompt: str):
    result(things.painted(tmp_path, 1, recipe=things.recipe(prompt=prompt)))


# trainings


def test_a_status_before_the_first_step_says_what_is_going_on():
    assert "Waiting for a machine" in text(check(training.status(things.training(), None, things.NOW)))
    phase = Progress(phase="Describing the photos")
    assert "Describing the photos" in text(check(training.status(things.training(), phase, things.NOW)))


def test_a_status_shows_progress_loss_and_when_it_is_ready():
    job = things.training(remote_url="https://replicate.com/p/abc")
    losses = tuple(1 - step / 1000 for step in range(420))
    post = check(
        training.status(job, Progress(phase="", step=420, total=1000, seconds_left=600, losses=losses), things.NOW)
    )
    assert "████████░░░░░░░░░░░░ step 420 of 1,000" in text(post)
    assert f"`{sparkline(losses)}` 0.581" in text(post)
    assert f"ready <t:{things.NOW + 600:.0f}:R>" in text(post)
    assert buttons(post) == {"Cancel": f"cancel:{job.id}", "Open on Replicate": "https://replicate.com/p/abc"}


def test_a_status_that_is_being_cancelled_cannot_be_cancelled_again():
    post = check(training.status(things.training(cancel_requested=True), None, things.NOW))
    assert "Cancelling" in text(post)
    assert buttons(post) == {}


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED])
def test_a_closed_status_has_no_cancel(state: JobState):
    assert buttons(check(training.closed(things.trained(state=state)))) == {}


def test_the_model_card_mentions_its_owner_and_tells_how_to_use_it(tmp_path: Path):
    outcome = things.outcome(tmp_path)
    post = check(training.card(outcome, training.sheet_of(outcome)))
    assert text(post).startswith(f"<@{things.OWNER}> Your fine-tune is ready.")
    assert "## anna v2" in text(post)
    assert "`/imagine prompt: a photo of ZIKI on a windy beach`" in text(post)
    assert "1,000 steps · rank 16 · 21 min · $1.83" in text(post)
    assert alt_texts(post) == [f"sample {n} of ZIKI" for n in range(4)]
    assert buttons(post) == {"Try it": "try:7"}
    assert training.marker(outcome.training) in text(post)


def test_the_model_card_shows_one_sheet_and_offers_its_scales_for_a_vote(tmp_path: Path):
    sheet = tmp_path / "sheet.jpg"
    sheet.write_bytes(b"\xff\xd8\xff")
    outcome = replace(things.outcome(tmp_path), sheet=sheet, votes={0.8: 0, 1.0: 2, 1.25: 1})
    post = check(training.card(outcome, training.sheet_of(outcome)))
    [alt] = alt_texts(post)
    assert "sample 0 of ZIKI" in alt
    job = outcome.training.id
    assert buttons(post) == {
        "Try it": "try:7",
        "0.8": f"vote:{job}:0.8",
        "1.0 · 2": f"vote:{job}:1.0",
        "1.25 · 1": f"vote:{job}:1.25",
    }
    assert "Vote below" in text(post)
    assert "vote" not in text(training.card(outcome, [], here=False)).lower()


@pytest.mark.parametrize(
    ("scales", "told"),
    [
        ({"voted_scale": 0.8}, "LoRA scale **0.8**, as the votes stand"),
        ({"voted_scale": 0.8, "chosen_scale": 1.1}, "LoRA scale **1.1**, as its owner chose"),
    ],
)
def test_the_model_card_tells_what_imagine_paints_with(tmp_path: Path, scales: dict[str, float], told: str):
    outcome = things.outcome(tmp_path)
    assert outcome.version is not None
    outcome = replace(outcome, votes={0.8: 1, 1.0: 0}, version=replace(outcome.version, **scales))
    assert told in text(check(training.card(outcome, [])))


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELED])
def test_a_training_without_a_version_says_what_to_do(state: JobState):
    job = things.trained(state=state, cost=0, error="The trainer stopped. Run /train again.")
    post = check(training.card(Trained(training=job, fine_tune=things.fine_tune(), version=None), []))
    assert "The trainer stopped. Run /train again." in text(post)
    assert "nothing charged" in text(post)
    assert training.marker(job) in text(post)


def test_a_failure_without_words_still_says_what_to_do():
    job = things.trained(state=JobState.FAILED, error=None)
    assert "Run /train again" in text(
        training.card(Trained(training=job, fine_tune=things.fine_tune(), version=None), [])
    )


# reports


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
        left_out=tuple(LeftOut("`](" * 80, "type", "reason " * 60) for _ in range(200)),
        left_out_more=300,
        findings=tuple(Finding("small", "advice " * 60, tuple(range(1, 900))) for _ in range(50)),
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


# fine-tunes


@pytest.mark.parametrize(
    ("public", "now", "says", "offers"),
    [
        (True, "public", "**anna** is public at Replicate", "https://replicate.com/acme/anna"),
        (False, "private", "**anna** is private at Replicate", None),
        (True, "private", "It still is private", "https://replicate.com/acme/anna/settings"),
        (False, "public", "Until then, nothing new is trained into it", "https://replicate.com/acme/anna/settings"),
        (True, "", "no model of it yet", None),
    ],
)
def test_who_may_see_a_fine_tune_and_what_is_left_to_do(public: bool, now: str, says: str, offers: str | None):
    post = check(models.visibility(Visibility(fine_tune=things.fine_tune(public=public), now=now)))
    assert says in text(post)
    assert [*buttons(post).values()] == ([offers] if offers else [])


def test_before_it_is_public_its_owner_reads_what_that_means():
    post = check(models.confirm_publish(things.card()))
    assert "download its weights" in text(post)
    assert buttons(post) == {"Make it public": "publish:7", "Keep it private": "unpublish:7"}
    assert "public at Replicate" in text(check(models.detail(things.card(fine_tune=things.fine_tune(public=True)))))


def test_an_empty_list_says_how_to_begin():
    assert "/train zip" in text(check(models.listing([])))


def test_a_list_has_own_fine_tunes_first_and_stays_short():
    shared = things.card(mine=False, fine_tune=things.fine_tune(name="korp", shared=True, owner_id=99))
    cards = [shared, *(things.card(fine_tune=things.fine_tune(name=f"own-{n:028d}")) for n in range(60))]
    shown = text(check(models.listing(cards)))
    assert shown.index("own-") < shown.index("… and 36 more")
    assert "korp" not in shown
    assert "**korp** `ZIKI` · v1 · by <@99>" in text(check(models.listing([shared])))


def test_a_fine_tune_is_shown_with_its_versions_and_its_default():
    card = replace(things.card(1, 2, 3), fine_tune=things.fine_tune(default_version=2, shared=True))
    post = check(models.detail(card))
    lines = text(post).splitlines()
    assert next(line for line in lines if "paints when none is named" in line).startswith("v2")
    assert "yours, shared with this server" in text(post)
    assert buttons(post) == {"Try it": "try:7", "Open on Replicate": "https://replicate.com/acme/anna"}


def test_the_default_is_told_with_its_lora_scale_and_who_said_so():
    assert text(check(models.default(things.card(1, 2)))) == (
        "The newest version of **anna** paints from now on when none is named."
    )
    voted = replace(things.version(2), voted_scale=0.8)
    chosen = replace(voted, chosen_scale=0.75)
    for version, told in ((voted, "0.8 as the team voted"), (chosen, "0.75 as its owner chose")):
        card = things.card(versions=[things.version(1), version])
        assert f", at LoRA scale {told}." in text(check(models.default(card)))
        assert f"paints when none is named, at LoRA scale {told}" in text(check(models.detail(card)))


def test_where_a_fine_tune_lies_at_replicate_is_for_its_owner_alone():
    adopted = things.fine_tune(adopted=True, destination="fofr/flux-cars")
    mine = check(models.detail(replace(things.card(), fine_tune=adopted)))
    assert "trained elsewhere on Replicate: `acme/anna:" in text(mine)
    assert "v1 · adopted" in text(mine)
    theirs = check(models.detail(replace(things.card(), fine_tune=adopted, mine=False)))
    assert "trained elsewhere on Replicate." in text(theirs)
    assert "acme" not in text(theirs)
    assert "Open on Replicate" not in buttons(theirs)
    assert ", adopted" in text(check(models.listing([replace(things.card(), fine_tune=adopted)])))


def test_deleting_what_was_adopted_promises_nothing_about_replicate():
    adopted = things.fine_tune(adopted=True)
    post = check(models.confirm_delete(replace(things.card(), fine_tune=adopted)))
    assert "Replicate keeps what was trained elsewhere" in text(post)
    assert "deleted here and at Replicate" in text(check(models.confirm_delete(things.card())))


def test_a_hundred_versions_fit():
    assert "… and 90 older" in text(check(models.detail(things.card(*range(1, 101)))))


def test_a_fine_tune_in_training_cannot_be_tried_yet():
    post = check(models.detail(things.card(versions=[], training=things.training())))
    assert "No version is finished yet." in text(post)
    assert "`/jobs` shows them" in text(post)
    assert buttons(post) == {}


@pytest.mark.parametrize("confirm", [models.shared, models.unshared, models.renamed, models.dropped])
def test_every_change_is_confirmed_by_name(confirm: Callable[..., Post]):
    assert "**anna**" in text(check(confirm(things.fine_tune())))


# jobs and help


def test_jobs_are_listed_with_progress_and_a_way_to_stop_them():
    running = [
        Running(job=things.training(), progress=Progress(phase="", step=10, total=100, seconds_left=90)),
        Running(job=things.generation(recipe=things.recipe(prompt="@everyone `x`" * 50)), progress=None),
        Running(job=things.generation(id="3", cancel_requested=True), progress=None),
    ]
    post = check(jobs.listing(running, things.NOW))
    assert "step 10 of 100" in text(post)
    assert "waiting for a machine" in text(post)
    assert "being cancelled" in text(post)
    assert len([1 for part in post.view.walk_children() if getattr(part, "custom_id", "").startswith("cancel:")]) == 2


def test_jobs_that_are_over_say_where_their_result_is():
    over = [
        Running(job=things.finished(delivered="message", message_id=5), progress=None),
        Running(job=things.finished(delivered="kept"), progress=None),
        Running(job=things.finished(delivered="direct message"), progress=None),
        Running(job=things.trained(state=JobState.FAILED, error="The trainer stopped."), progress=None),
        Running(job=things.trained(state=JobState.CANCELED), progress=None),
    ]
    shown = text(check(jobs.listing(over, things.NOW)))
    assert f"[see it](https://discord.com/channels/{things.GUILD}/{things.CHANNEL}/5)" in shown
    assert "The trainer stopped." in shown
    assert "Your jobs: 0 running" in shown


@pytest.mark.parametrize(
    ("job", "shown"),
    [
        (things.finished(id="1", delivered="kept"), {"Show": "show:1"}),
        (things.trained(id="2", delivered="message"), {"Show": "show:2"}),
        (things.trained(id="3", delivered="kept", state=JobState.FAILED), {}),
        (things.finished(id="4", delivered="kept", state=JobState.CANCELED), {}),
    ],
)
def test_what_is_done_can_be_seen_once_more_and_what_came_to_nothing_cannot(
    job: Generation | Training, shown: dict[str, str]
):
    assert buttons(check(jobs.listing([Running(job=job, progress=None)], things.NOW))) == shown


def test_no_jobs_says_how_to_begin():
    assert "/imagine" in text(check(jobs.listing([], things.NOW)))


def test_many_jobs_fit():
    running = [Running(job=things.generation(recipe=things.recipe(prompt=LONG)), progress=None) for _ in range(100)]
    assert "… and 90 more" in text(check(jobs.listing(running, things.NOW)))


def test_cancelling_is_confirmed():
    assert "**anna** is being cancelled" in text(jobs.cancelling(things.training()))
    assert "being cancelled" in text(jobs.cancelling(things.generation()))
    assert "over already" in text(jobs.cancelling(things.finished()))


def test_help_speaks_to_a_newcomer_and_to_an_owner_in_their_own_words():
    newcomer = check(guide([], things.allowance()))
    assert "/imagine prompt: a lighthouse" in text(newcomer)
    assert "Left for you this month: $4.00" in text(newcomer)
    assert buttons(newcomer) == {}
    owner = check(guide([things.card(versions=[]), things.card()], things.allowance()))
    assert "/imagine prompt: a photo of ZIKI on a windy beach" in text(owner)
    assert buttons(owner) == {"Try anna": "try:7"}


def test_help_does_not_offer_what_is_no_longer_paid_for():
    post = check(guide([things.card()], things.allowance(member_spent=5_000_000)))
    assert "budget is spent" in text(post)
    assert buttons(post) == {}


# parts


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bar_has_always_the_same_length(fraction: float):
    assert len(bar(fraction)) == 20


@given(st.lists(st.floats(width=32), max_size=300))
def test_a_sparkline_takes_any_losses(losses: list[float]):
    assert len(sparkline(losses)) <= 24


def test_a_sparkline_falls_with_the_loss():
    assert sparkline([3, 2, 1]) == "█▅▁"
    assert sparkline([1, 1]) == "▁▁"
    assert sparkline([]) == sparkline([float("nan"), float("inf")]) == ""


def test_kinds_are_named_on_the_card(tmp_path: Path):
    outcome = things.outcome(tmp_path, plan=things.plan(kind=Kind.STYLE))
    assert "· style" in text(training.card(outcome, []))
