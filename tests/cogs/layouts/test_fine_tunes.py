"""What people see of fine-tunes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.views.fine_tunes import Visibility
from cogs.layouts import fine_tunes
from cogs.layouts.parts import Post
from tests.cogs import things
from tests.cogs.seen import buttons, check, text


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
    post = check(fine_tunes.visibility(Visibility(fine_tune=things.fine_tune(public=public), now=now)))
    assert says in text(post)
    assert [*buttons(post).values()] == ([offers] if offers else [])


def test_before_it_is_public_its_owner_reads_what_that_means():
    post = check(fine_tunes.confirm_publish(things.card()))
    assert "download its weights" in text(post)
    assert buttons(post) == {"Make it public": "publish:7", "Keep it private": "unpublish:7"}
    assert "public at Replicate" in text(check(fine_tunes.detail(things.card(fine_tune=things.fine_tune(public=True)))))


def test_an_empty_list_says_how_to_begin():
    assert "/train zip" in text(check(fine_tunes.listing([])))


def test_a_list_has_own_fine_tunes_first_and_stays_short():
    shared = things.card(mine=False, fine_tune=things.fine_tune(name="korp", shared=True, owner_id=99))
    cards = [shared, *(things.card(fine_tune=things.fine_tune(name=f"own-{n:028d}")) for n in range(60))]
    shown = text(check(fine_tunes.listing(cards)))
    assert shown.index("own-") < shown.index("… and 36 more")
    assert "korp" not in shown
    assert "**korp** `ZIKI` · v1 · by <@99>" in text(check(fine_tunes.listing([shared])))


def test_a_fine_tune_is_shown_with_its_versions_and_its_default():
    card = replace(things.card(1, 2, 3), fine_tune=things.fine_tune(default_version=2, shared=True))
    post = check(fine_tunes.detail(card))
    lines = text(post).splitlines()
    assert next(line for line in lines if "paints when none is named" in line).startswith("v2")
    assert "yours, shared with this server" in text(post)
    assert buttons(post) == {"Try it": "try:7", "Open on Replicate": "https://replicate.com/acme/anna"}


def test_the_default_is_told_with_its_lora_scale_and_who_said_so():
    assert text(check(fine_tunes.default(things.card(1, 2)))) == (
        "The newest version of **anna** paints from now on when none is named."
    )
    voted = replace(things.version(2), voted_scale=0.8)
    chosen = replace(voted, chosen_scale=0.75)
    for version, told in ((voted, "0.8 as the team voted"), (chosen, "0.75 as its owner chose")):
        card = things.card(versions=[things.version(1), version])
        assert f", at LoRA scale {told}." in text(check(fine_tunes.default(card)))
        assert f"paints when none is named, at LoRA scale {told}" in text(check(fine_tunes.detail(card)))


def test_where_a_fine_tune_lies_at_replicate_is_for_its_owner_alone():
    adopted = things.fine_tune(adopted=True, destination="fofr/flux-cars")
    mine = check(fine_tunes.detail(replace(things.card(), fine_tune=adopted)))
    assert "trained elsewhere on Replicate: `acme/anna:" in text(mine)
    assert "v1 · adopted" in text(mine)
    theirs = check(fine_tunes.detail(replace(things.card(), fine_tune=adopted, mine=False)))
    assert "trained elsewhere on Replicate." in text(theirs)
    assert "acme" not in text(theirs)
    assert "Open on Replicate" not in buttons(theirs)
    assert ", adopted" in text(check(fine_tunes.listing([replace(things.card(), fine_tune=adopted)])))


def test_deleting_what_was_adopted_promises_nothing_about_replicate():
    adopted = things.fine_tune(adopted=True)
    post = check(fine_tunes.confirm_delete(replace(things.card(), fine_tune=adopted)))
    assert "Replicate keeps what was trained elsewhere" in text(post)
    assert "deleted here and at Replicate" in text(check(fine_tunes.confirm_delete(things.card())))


def test_a_hundred_versions_fit():
    assert "… and 90 older" in text(check(fine_tunes.detail(things.card(*range(1, 101)))))


def test_a_fine_tune_in_training_cannot_be_tried_yet():
    post = check(fine_tunes.detail(things.card(versions=[], training=things.training())))
    assert "No version is finished yet." in text(post)
    assert "`/jobs` shows them" in text(post)
    assert buttons(post) == {}


@pytest.mark.parametrize("confirm", [fine_tunes.unshared, fine_tunes.renamed, fine_tunes.dropped])
def test_every_change_is_confirmed_by_name(confirm: Callable[..., Post]):
    assert "**anna**" in text(check(confirm(things.fine_tune())))


def test_who_has_to_name_a_fine_tune_of_ordinary_words_is_told():
    shared = things.card(fine_tune=things.fine_tune(shared=True, trigger_word="bad 70s food"))
    assert "ordinary" not in text(check(fine_tunes.shared(shared)))
    post = text(check(fine_tunes.shared(replace(shared, by_name=True, mine=True))))
    assert "`bad 70s food` is made of ordinary words" in post
    assert "Others name it: `/imagine model: anna`" in post
    assert "Name it: `/imagine model: anna`" in text(
        check(fine_tunes.detail(replace(shared, by_name=True, mine=False)))
    )


def test_what_was_adopted_under_anothers_word_says_so():
    other = things.fine_tune(name="bens", owner_id=33)
    assert "`ZIKI` also names **bens** of <@33>" in text(
        check(fine_tunes.adopted(replace(things.card(), rivals=[other])))
    )
