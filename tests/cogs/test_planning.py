"""What a member changes about a training before it is paid, and the import of a LoRA, as a member does it."""

from typing import Any

import pytest
from simcord.results import InteractionResult

from bot.domain import catalog
from bot.domain.entities import Actor, Kind
from bot.errors import UserError
from bot.studio.requests import ImportRequest
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, text

ZIP = ("photos.zip", b"PK" + bytes(40))


def anna(stage: Stage) -> Actor:
    return Actor(guild_id=stage.env.guild.id, user_id=stage.anna.id, channel_id=stage.channel.id)


async def report(stage: Stage, **plan: Any) -> InteractionResult:
    stage.studio.trainings.plan = plan
    return await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")


def job_of(stage: Stage) -> str:
    return stage.studio.trainings.calls[0][2]


def asked(form: InteractionResult) -> dict[str, Any]:
    """Give what a form asks for, with what stands in it."""
    assert form.modal is not None
    inner = [label["component"] for label in form.modal["components"]]
    return {
        one["custom_id"]: one.get("value") or next((o["value"] for o in one.get("options", ()) if o.get("default")), "")
        for one in inner
    }


async def test_advanced_shows_what_is_and_changes_the_report(stage: Stage):
    answer = await report(stage, settings={"resolution": "512"})
    form = await stage.anna.click(first(answer), label="Advanced")
    assert asked(form) == {
        "steps": "1000",
        "lora_rank": "16",
        "learning_rate": "0.0004",
        "resolution": "512",
        "batch_size": "1",
    }
    await stage.anna.submit_modal(form, {"steps": "1234", "lora_rank": "", "resolution": "512,768"})
    (name, actor, job_id, typed) = stage.studio.trainings.calls[-1]
    assert (name, actor, job_id) == ("change", anna(stage), job_of(stage))
    assert {"steps": "1234", "lora_rank": "", "resolution": "512,768"}.items() <= typed.items()
    assert "1,234 steps" in text(answer.response)
    assert [file.filename for file in first(answer).attachments] == ["contact-sheet.jpg"]


async def test_captions_and_layers_have_a_form_of_their_own(stage: Stage):
    answer = await report(stage)
    form = await stage.anna.click(first(answer), label="Captions, layers")
    assert asked(form) == {
        "autocaption_prefix": "",
        "autocaption_suffix": "",
        "caption_dropout_rate": "0.05",
        "optimizer": "adamw8bit",
        "layers_to_optimize_regex": "",
    }
    await stage.anna.submit_modal(form, {"optimizer": ["prodigy"], "autocaption_prefix": "a photo of ZIKI,"})
    typed = stage.studio.trainings.calls[-1][3]
    assert (typed["optimizer"], typed["autocaption_prefix"]) == ("prodigy", "a photo of ZIKI,")


@pytest.mark.parametrize(
    ("trainer", "advanced", "captions"),
    [
        (catalog.FAST_TRAINER, ["steps"], None),
        (
            f"{catalog.TRAINER}:{catalog.ARTICLE_TRAINER}",
            ["steps", "lora_rank", "learning_rate", "batch_size"],
            ["autocaption_prefix", "autocaption_suffix"],
        ),
    ],
)
async def test_a_form_asks_only_for_what_the_trainer_takes(
    stage: Stage, trainer: str, advanced: list[str], captions: list[str] | None
):
    answer = await report(stage, trainer=trainer)
    assert list(asked(await stage.anna.click(first(answer), label="Advanced"))) == advanced
    if captions is None:
        assert "Captions, layers" not in buttons(answer.response)
    else:
        assert list(asked(await stage.anna.click(first(answer), label="Captions, layers"))) == captions


async def test_what_is_out_of_range_is_told_in_private_and_leaves_the_report(stage: Stage):
    answer = await report(stage)
    before = text(answer.response)
    stage.studio.trainings.refuse["change"] = UserError("steps must be between 3 and 6000, not 9.")
    form = await stage.anna.click(first(answer), label="Advanced")
    sent = await stage.anna.submit_modal(form, {"steps": "9"})
    assert [text(message) for message in sent.followups] == ["steps must be between 3 and 6000, not 9."]
    assert sent.followups[0].ephemeral
    assert text(answer.response) == before


async def test_the_advice_is_taken_by_a_button(stage: Stage):
    answer = await report(stage)
    await stage.anna.click(first(answer), label="Use the advice")
    assert stage.studio.trainings.calls[-1] == ("take_advice", anna(stage), job_of(stage))
    assert "1,500 steps" in text(answer.response)


async def test_public_is_explained_before_it_is_chosen(stage: Stage):
    answer = await report(stage)
    await stage.anna.click(first(answer), label="Public")
    assert "download its weights" in text(answer.response)
    assert stage.studio.trainings.calls[-1][0] == "find"
    await stage.anna.click(first(answer), label="Make it public")
    assert stage.studio.trainings.calls[-1] == ("reveal", anna(stage), job_of(stage), True)
    assert "**Public:**" in text(answer.response)
    await stage.anna.click(first(answer), label="Keep it private")
    assert stage.studio.trainings.calls[-1] == ("reveal", anna(stage), job_of(stage), False)
    assert "**Public:**" not in text(answer.response)


async def test_the_fast_trainer_is_an_option(stage: Stage):
    await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI", trainer="fast")
    assert stage.studio.trainings.calls[0][3].fast is True


async def test_import_hands_over_its_options_and_shows_its_price(stage: Stage):
    answer = await stage.anna.slash(
        stage.channel, "train import", name="cyber", trigger_word="CYBRPNK", url="fofr/flux", kind="style"
    )
    [(name, actor, job_id, request)] = stage.studio.trainings.calls
    assert (name, actor) == ("prepare_import", anna(stage))
    assert request == ImportRequest(name="cyber", trigger_word="CYBRPNK", url="fofr/flux", kind=Kind.STYLE)
    assert answer.ephemeral
    assert "import of a LoRA" in text(answer.response)
    assert buttons(answer.response)["Start"] == f"start:{job_id}"
    assert first(answer).attachments == []
