"""Every command, as a member runs it: what the studio is asked, and what the member sees."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.entities import Actor, Kind, Variant
from bot.errors import UserError
from bot.studio.requests import AdoptRequest, ImagineRequest, TrainRequest
from bot.views.jobs import Running
from bot.views.outcomes import Painted, Trained
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import alt_texts, buttons, first, text

ZIP = ("photos.zip", b"PK" + bytes(40))


def anna(stage: Stage) -> Actor:
    return Actor(guild_id=stage.env.guild.id, user_id=stage.anna.id, channel_id=stage.channel.id)


async def test_train_zip_hands_over_every_option_and_shows_the_report_in_private(stage: Stage):
    answer = await stage.anna.slash(
        stage.channel,
        "train zip",
        zip=ZIP,
        name="anna",
        trigger_word="ZIKI",
        kind="style",
        steps=500,
        lora_rank=32,
        autocaption=False,
        trainer="standard",
        zip2=("more.zip", b"PK"),
    )
    [(name, actor, job_id, request, attachments)] = stage.studio.trainings.calls
    assert (name, actor) == ("prepare", anna(stage))
    assert request == TrainRequest(
        name="anna", trigger_word="ZIKI", kind=Kind.STYLE, steps=500, lora_rank=32, autocaption=False, fast=False
    )
    assert [(file.name, file.size) for file in attachments] == [("photos.zip", 42), ("more.zip", 2)]
    assert all(file.url.startswith("https://") for file in attachments)
    assert answer.ephemeral
    assert {"Start": f"start:{job_id}", "Cancel": f"discard:{job_id}"}.items() <= buttons(answer.response).items()
    assert [file.filename for file in first(answer).attachments] == ["contact-sheet.jpg"]


async def test_train_zip_needs_only_a_zip_a_name_and_a_trigger_word(stage: Stage):
    await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")
    assert stage.studio.trainings.calls[0][3] == TrainRequest(name="anna", trigger_word="ZIKI")


async def test_train_photos_takes_loose_pictures_in_a_form(stage: Stage):
    form = await stage.anna.slash(stage.channel, "train photos")
    photos = [(f"IMG_{n}.jpg", b"\xff\xd8" + bytes(n)) for n in range(10)]
    answer = await stage.anna.submit_modal(
        form, {"photos": photos, "name": "anna", "trigger_word": "ZIKI", "kind": "product"}
    )
    [(_, actor, _, request, attachments)] = stage.studio.trainings.calls
    assert actor == anna(stage)
    assert request == TrainRequest(name="anna", trigger_word="ZIKI", kind=Kind.PRODUCT)
    assert [file.name for file in attachments] == [name for name, _ in photos]
    assert answer.ephemeral
    assert "Start" in buttons(answer.response)


async def test_start_starts_and_says_where_to_look(stage: Stage):
    report = await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")
    job_id = stage.studio.trainings.calls[0][2]
    await stage.anna.click(first(report), label="Start")
    assert stage.studio.trainings.calls[-1] == ("start", anna(stage), job_id)
    assert f"Follow **anna** in <#{stage.channel.id}>" in text(report.response)
    assert buttons(report.response) == {}
    assert first(report).attachments == []


async def test_cancel_below_a_report_throws_the_upload_away(stage: Stage):
    report = await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")
    job_id = stage.studio.trainings.calls[0][2]
    await stage.anna.click(first(report), label="Cancel")
    assert stage.studio.trainings.calls[-1] == ("discard", anna(stage), job_id)
    assert "nothing was charged" in text(report.response)
    assert buttons(report.response) == {}


async def test_a_second_press_of_start_is_told_in_private_and_leaves_the_message(stage: Stage):
    report = await stage.anna.slash(stage.channel, "train zip", zip=ZIP, name="anna", trigger_word="ZIKI")
    before = text(report.response)
    stage.studio.trainings.refuse["start"] = UserError("This training has been started already.")
    press = await stage.anna.click(first(report), label="Start")
    assert text(report.response) == before
    assert [text(message) for message in press.followups] == ["This training has been started already."]
    assert press.followups[0].ephemeral


async def test_imagine_hands_over_every_option_and_then_runs_with_the_message_that_shows_it(stage: Stage):
    answer = await stage.anna.slash(
        stage.channel,
        "imagine",
        prompt="ZIKI on a beach",
        model="ft:7:2",
        variant="schnell",
        aspect_ratio="16:9",
        count=3,
        steps=20,
        guidance=2.5,
        lora_scale=0.8,
        seed=42,
    )
    (asked, ran) = stage.studio.generations.calls
    job_id = asked[2]
    assert asked == (
        "imagine",
        anna(stage),
        job_id,
        ImagineRequest(
            prompt="ZIKI on a beach",
            model="ft:7:2",
            variant=Variant.SCHNELL,
            count=3,
            seed=42,
            settings={"aspect_ratio": "16:9", "steps": 20, "guidance": 2.5, "lora_scale": 0.8},
        ),
    )
    assert (ran[0], ran[1].id, ran[2]) == ("run", job_id, first(answer).id)
    assert not answer.ephemeral
    assert "Painting 3 pictures with **anna** v2" in text(answer.response)
    assert buttons(answer.response) == {"Cancel": f"cancel:{job_id}"}


async def test_imagine_hands_over_the_rarer_settings_by_their_words(stage: Stage):
    await stage.anna.slash(
        stage.channel,
        "imagine",
        prompt="ZIKI and BORA",
        second_lora="ft:8",
        second_scale=0.7,
        width=640,
        height=512,
        format="png",
        quality=80,
        go_fast=True,
        megapixels="0.25",
        more="raw = yes, resolution=2 MP",
    )
    assert stage.studio.generations.calls[0][3].settings == {
        "second_lora": "ft:8",
        "second_scale": 0.7,
        "width": 640,
        "height": 512,
        "format": "png",
        "quality": 80,
        "go_fast": True,
        "megapixels": "0.25",
        "raw": "yes",
        "resolution": "2 MP",
    }


async def test_imagine_begins_with_a_picture(stage: Stage):
    picture, mask = ("dog.png", b"\x89PNG" + bytes(9)), ("mask.png", b"\x89PNG" + bytes(5))
    await stage.anna.slash(
        stage.channel, "imagine", prompt="a fox", image=picture, mask=mask, prompt_strength=0.6, more="raw=no"
    )
    request = stage.studio.generations.calls[0][3]
    assert request.settings == {"prompt_strength": 0.6, "raw": "no"}
    given = {word: [(file.name, file.size) for file in files] for word, files in request.pictures.items()}
    assert given == {"image": [("dog.png", 13)], "mask": [("mask.png", 9)]}


async def test_imagine_takes_a_lora_from_elsewhere(stage: Stage):
    await stage.anna.slash(stage.channel, "imagine", prompt="a fox", lora="huggingface.co/a/b", lora_scale=0.5)
    assert stage.studio.generations.calls[0][3].settings == {"lora": "huggingface.co/a/b", "lora_scale": 0.5}


async def test_what_is_not_written_as_pairs_is_told_how(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox", more="raw")
    assert "`raw=yes, safety_tolerance=4`" in text(answer.response)
    assert answer.ephemeral
    assert stage.studio.generations.calls == []


async def test_the_values_of_the_chosen_model_are_offered(stage: Stage):
    async def offered(option: str, typed: str, **chosen: str) -> list[str]:
        choices = await stage.anna.autocomplete(stage.channel, "imagine", option, typed, prompt="a fox", **chosen)
        return [choice["value"] for choice in choices]

    assert await offered("aspect_ratio", "16") == ["16:9", "9:16"]
    assert await offered("aspect_ratio", "match", model="2-pro") == ["match_input_image"]
    assert "custom" not in await offered("aspect_ratio", "", model="1.1-pro")
    assert await offered("format", "", model="1.1-pro-ultra") == ["jpg", "png"]
    assert await offered("megapixels", "", model="2-klein-4b") == ["0.25", "0.5", "1", "2", "4"]
    assert await offered("megapixels", "", model="2-pro") == []
    assert await offered("more", "raw", model="1.1-pro-ultra") == ["raw=yes", "raw=no"]
    assert await offered("more", "raw=yes, safety_tolerance=6", model="1.1-pro-ultra") == [
        "raw=yes, safety_tolerance=6"
    ]
    assert stage.studio.generations.calls[-1][2].model == "1.1-pro-ultra"


async def test_where_imagine_would_refuse_nothing_is_offered(stage: Stage):
    stage.studio.generations.refuse["takes"] = UserError("There is no fine-tune.")
    assert await stage.anna.autocomplete(stage.channel, "imagine", "more", "", prompt="a fox", model="ghost") == []


async def test_models_adopt_hands_over_its_options_and_shows_where_it_comes_from(stage: Stage):
    answer = await stage.anna.slash(
        stage.channel, "models adopt", name="cars", trigger_word="pixar car", model="fofr/flux-cars", kind="style"
    )
    request = AdoptRequest(name="cars", trigger_word="pixar car", model="fofr/flux-cars", kind=Kind.STYLE)
    assert stage.studio.fine_tunes.calls == [("adopt", anna(stage), request)]
    assert answer.ephemeral
    assert "**cars** is yours" in text(answer.response)
    assert buttons(answer.response) == {
        "Try it": "try:7",
        "Open on Replicate": "https://replicate.com/fofr/flux-cars",
    }


async def test_imagine_needs_only_a_prompt(stage: Stage):
    await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert stage.studio.generations.calls[0][3] == ImagineRequest(prompt="a fox")


async def test_a_status_asks_for_nothing_more(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert [call[0] for call in stage.studio.generations.calls] == ["imagine", "run"]
    assert stage.studio.fine_tunes.calls == []
    assert "with **anna** v2" in text(answer.response)


async def test_a_refusal_is_private_and_leaves_nothing_in_the_channel(stage: Stage):
    stage.studio.generations.refuse["imagine"] = UserError("This costs more than is left. Ask for fewer pictures.")
    answer = await stage.anna.slash(stage.channel, "imagine", prompt="a fox")
    assert answer.response is None
    assert [text(message) for message in answer.followups] == ["This costs more than is left. Ask for fewer pictures."]
    assert answer.followups[0].ephemeral
    assert [call[0] for call in stage.studio.generations.calls] == ["imagine"]


@pytest.mark.parametrize(
    ("command", "options", "asked", "shown"),
    [
        ("models list", {}, ("list",), "**anna**"),
        ("models show", {"name": "ft:7"}, ("show", "ft:7"), "## anna"),
        ("models share", {"name": "ft:7"}, ("share", "ft:7"), "Everybody in this server"),
        ("models unshare", {"name": "ft:7"}, ("unshare", "ft:7"), "yours alone again"),
        ("models unpublish", {"name": "ft:7"}, ("unpublish", "ft:7"), "is private at Replicate"),
        ("models rename", {"name": "ft:7", "new_name": "nora"}, ("rename", "ft:7", "nora"), "**nora**"),
        ("models default", {"name": "ft:7", "version": 2}, ("set_default", "ft:7", 2, None), "Version 2 of **anna**"),
        ("models default", {"name": "ft:7"}, ("set_default", "ft:7", None, None), "The newest version of **anna**"),
        ("models default", {"name": "ft:7", "lora_scale": 0.9}, ("set_default", "ft:7", None, 0.9), "of **anna**"),
    ],
)
async def test_models(stage: Stage, command: str, options: dict[str, object], asked: tuple[object], shown: str):
    answer = await stage.anna.slash(stage.channel, command, **options)
    name, *arguments = asked
    assert stage.studio.fine_tunes.calls == [(name, anna(stage), *arguments)]
    assert answer.ephemeral
    assert shown in text(answer.response)


async def test_models_delete_asks_before_it_deletes(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "models delete", name="anna")
    assert [call[0] for call in stage.studio.fine_tunes.calls] == ["show"]
    await stage.anna.click(first(answer), label="Delete for good")
    assert stage.studio.fine_tunes.calls[-1] == ("delete", anna(stage), "ft:7")
    assert "is deleted" in text(answer.response)
    assert buttons(answer.response) == {}


async def test_models_publish_asks_before_it_publishes(stage: Stage):
    stage.studio.fine_tunes.visibility = "public"
    answer = await stage.anna.slash(stage.channel, "models publish", name="anna")
    assert [call[0] for call in stage.studio.fine_tunes.calls] == ["show"]
    assert answer.ephemeral
    await stage.anna.click(first(answer), label="Make it public")
    assert stage.studio.fine_tunes.calls[-1] == ("publish", anna(stage), "ft:7")
    assert "is public at Replicate" in text(answer.response)


async def test_models_publish_can_be_thought_over(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "models publish", name="anna")
    await stage.anna.click(first(answer), label="Keep it private")
    assert stage.studio.fine_tunes.calls[-1] == ("unpublish", anna(stage), "ft:7")


async def test_models_publish_does_not_even_ask_about_another_members_fine_tune(stage: Stage):
    stage.studio.fine_tunes.cards = [things.card(mine=False)]
    answer = await stage.anna.slash(stage.channel, "models publish", name="anna")
    assert "is not yours" in text(answer.response)
    assert buttons(answer.response) == {}


async def test_models_delete_can_be_thought_over(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "models delete", name="anna")
    await stage.anna.click(first(answer), label="Keep it")
    assert [call[0] for call in stage.studio.fine_tunes.calls] == ["show"]
    assert "Nothing was deleted" in text(answer.response)


async def test_models_delete_does_not_even_ask_about_another_members_fine_tune(stage: Stage):
    stage.studio.fine_tunes.cards = [things.card(mine=False)]
    answer = await stage.anna.slash(stage.channel, "models delete", name="anna")
    assert "is not yours" in text(answer.response)
    assert buttons(answer.response) == {}


async def test_jobs_lists_and_cancels(stage: Stage):
    stage.studio.jobs.known = [Running(job=things.training(), progress=None)]
    answer = await stage.anna.slash(stage.channel, "jobs")
    assert answer.ephemeral
    assert "Training **anna**" in text(answer.response)
    press = await stage.anna.click(first(answer), label="Cancel")
    assert stage.studio.jobs.calls[-1] == ("cancel", anna(stage), things.training().id)
    assert press.ephemeral
    assert "is being cancelled" in text(press.response)


@pytest.mark.parametrize(
    ("make", "says", "pictures"),
    [(things.painted, "2 pictures with **anna** v2", 2), (things.outcome, "Your fine-tune is ready", 4)],
)
async def test_a_result_is_shown_once_more_to_its_owner_alone(
    stage: Stage, tmp_path: Path, make: Callable[[Path], Painted | Trained], says: str, pictures: int
):
    stage.studio.jobs.known = [Running(job=things.finished(delivered="kept"), progress=None)]
    stage.studio.jobs.result = make(tmp_path)
    answer = await stage.anna.slash(stage.channel, "jobs")
    shown = await stage.anna.click(first(answer), label="Show")
    assert stage.studio.jobs.calls[-1] == ("outcome", anna(stage), things.finished().id)
    assert shown.ephemeral
    assert says in text(shown.response)
    assert len(alt_texts(shown.response)) == pictures


async def test_help_is_about_the_member_who_asks(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "help")
    assert stage.studio.spending.calls == [("allowance", anna(stage))]
    assert answer.ephemeral
    assert "Left for you this month: $4.00" in text(answer.response)


@pytest.mark.parametrize(
    ("command", "own"),
    [
        ("models show", False),
        ("models share", True),
        ("models unshare", True),
        ("models publish", True),
        ("models unpublish", True),
        ("models rename", True),
        ("models default", True),
        ("models delete", True),
    ],
)
async def test_names_complete_themselves(stage: Stage, command: str, own: bool):
    offered = await stage.anna.autocomplete(stage.channel, command, "name", "an")
    assert [(choice["name"], choice["value"]) for choice in offered] == [("anna · ZIKI · yours", "ft:7")]
    assert stage.studio.fine_tunes.calls == [("suggest", anna(stage), "an", own, False)]


async def test_what_can_paint_completes_itself_with_the_plain_models_included(stage: Stage):
    offered = await stage.anna.autocomplete(stage.channel, "imagine", "model", "an", prompt="a fox")
    assert [choice["value"] for choice in offered] == ["ft:7"]
    assert stage.studio.fine_tunes.calls == [("suggest", anna(stage), "an", False, True)]


async def test_an_autocomplete_that_is_refused_offers_nothing(stage: Stage):
    stage.studio.fine_tunes.refuse["suggest"] = UserError("No.")
    assert await stage.anna.autocomplete(stage.channel, "models show", "name", "an") == []
