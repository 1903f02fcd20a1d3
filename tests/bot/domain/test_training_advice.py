"""What is advised, to whom it is not, and that following it ends it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog
from bot.domain.entities import Kind
from bot.domain.training_advice import advice, changes_of
from bot.studio.plans import with_values
from tests.bot.things import plan

ARTICLE = f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}"


@pytest.mark.parametrize(
    ("changes", "photos", "captions", "wanted"),
    [
        ({}, 15, 0, {"autocaption_prefix": "a photo of ZIKI,"}),
        ({"kind": Kind.PRODUCT}, 15, 15, {"autocaption": False}),
        ({"autocaption": False}, 15, 0, {}),
        ({}, 4, 4, {"steps": 500, "autocaption": False}),
        ({"steps": 300}, 4, 4, {"autocaption": False}),
        ({"autocaption": False}, 40, 0, {"steps": 2000}),
        (
            {"kind": Kind.STYLE},
            20,
            0,
            {
                "steps": 1500,
                "lora_rank": 32,
                "caption_dropout_rate": 0.1,
                "autocaption_suffix": ", in the style of ZIKI",
            },
        ),
        (
            {"kind": Kind.STYLE, "autocaption": False, "lora_rank": 64, "settings": {"caption_dropout_rate": 0.3}},
            20,
            3,
            {"steps": 1500, "autocaption": True},
        ),
        ({"kind": Kind.STYLE, "trainer": catalog.FAST_TRAINER}, 20, 0, {"steps": 1500}),
        (
            {"kind": Kind.STYLE, "trainer": ARTICLE},
            20,
            20,
            {"steps": 1500, "lora_rank": 32, "autocaption": False},
        ),
        ({"pretrained": "https://huggingface.co/a/b/resolve/main/lora.safetensors"}, 0, 0, {}),
    ],
    ids=str,
)
def test_advice_by_kind_and_size(changes: dict[str, Any], photos: int, captions: int, wanted: dict[str, Any]) -> None:
    assert changes_of(advice(plan(**{"steps": 1000} | changes), photos, captions)) == wanted


@given(
    kind=st.sampled_from(Kind),
    trainer=st.sampled_from(["", catalog.FAST_TRAINER, ARTICLE]),
    steps=st.sampled_from([500, 1000, 1500, 2000]),
    autocaption=st.booleans(),
    photos=st.integers(1, 60),
    data=st.data(),
)
def test_whoever_follows_it_is_advised_no_more(
    *, kind: Kind, trainer: str, steps: int, autocaption: bool, photos: int, data: st.DataObject
) -> None:
    captions = data.draw(st.integers(0, photos))
    wish = plan(kind=kind, trainer=trainer, steps=steps, autocaption=autocaption)
    for _ in range(2):  # captions that a model writes first can then be framed
        wish = with_values(wish, changes_of(advice(wish, photos, captions)))
    assert advice(wish, photos, captions) == []
