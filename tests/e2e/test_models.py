"""What members see and do with fine-tunes and jobs."""

import pytest

from sandbox.visitor import Visitor, check_buttons, check_pictures, check_text
from tests.e2e.stage import Stage, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_the_life_of_a_fine_tune(stage: Stage, anna: Visitor, ben: Visitor):
    assert "early" not in (await anna.runs("models list")).text
    await anna.trains(zipped(4, seed=21), "early", "ZIKLIFE")
    check_text(await anna.runs("models list"), "early", "ZIKLIFE", "v1", "yours")
    check_text(await ben.runs("models show", name="early"), "There is no fine-tune")

    check_text(await anna.runs("models rename", name="early", new_name="late"), "**late**", "ZIKLIFE")
    check_text(await anna.runs("models default", name="late", version=1), "Version 1 of **late**")
    check_text(await anna.runs("models share", name="late"), "Everybody", "late")
    shown = await ben.runs("models show", name="late")
    check_text(shown, "late", "ZIKLIFE", "shared by")
    check_buttons(shown, "Try it")
    check_text(await ben.runs("models rename", name="late", new_name="bens"), "There is no fine-tune", "of yours")
    check_text(await anna.runs("models unshare", name="late"), "yours alone")
    assert "late" not in (await ben.runs("models list")).text

    (training,) = stage.ordered("atelier-early")
    assert training.destination in stage.world.replicate.state.models
    question = await anna.runs("models delete", name="late")
    await anna.changes(question, "Keep it", "Nothing was deleted")
    question = await anna.runs("models delete", name="late")
    await anna.changes(question, "Delete for good", "is deleted")
    assert "late" not in (await anna.runs("models list")).text


async def test_what_was_trained_elsewhere_is_adopted_shared_and_forgotten(stage: Stage, anna: Visitor, ben: Visitor):
    adopted = await anna.runs("models adopt", name="cars", trigger_word="pixar car", model="fofr/flux-pixar-cars")
    check_text(adopted, "**cars** is yours", "pixar car", "trained elsewhere", "fofr/flux-pixar-cars:")
    check_buttons(adopted, "Try it", "Open on Replicate")
    picture = await anna.imagines("a pixar car on a country road")
    check_text(picture, "**cars** v1", "loaded **cars**")
    check_pictures(picture, 1)
    check_text(await ben.runs("models show", name="cars"), "There is no fine-tune")
    await anna.runs("models share", name="cars")
    shown = await ben.runs("models show", name="cars")
    check_text(shown, "shared by", "trained elsewhere on Replicate.")
    assert "fofr" not in shown.text
    hidden = await anna.runs("models adopt", name="no", trigger_word="ZIKHIDDEN", model="someone-else/flux-hidden")
    check_text(hidden, "shows this bot no model")
    question = await anna.runs("models delete", name="cars")
    check_text(question, "Replicate keeps")
    await anna.changes(question, "Delete for good", "is deleted")
    assert "pixar car" not in (await anna.runs("models list")).text


async def test_nobody_takes_a_fine_tune_by_its_address(stage: Stage, anna: Visitor, ben: Visitor):
    await anna.trains(zipped(4, seed=23), "secret", "ZIKSECRET")
    destination = stage.ordered("atelier-secret")[0].destination
    assert destination
    answer = await ben.runs("models adopt", name="mine", trigger_word="ZIKSECRET", model=destination)
    check_text(answer, "shows this bot no model")
    paid = len(stage.world.replicate.created)
    for option in ("lora", "second_lora"):
        model = {"model": "dev-lora", "lora": "fofr/flux-pixar-cars"} if option == "second_lora" else {}
        refusal = await ben.imagines("ZIKSECRET at sea", **(model | {option: destination}))
        check_text(refusal, "account that Atelier works with")
    assert len(stage.world.replicate.created) == paid


async def test_jobs_shows_what_runs_and_cancels_it(stage: Stage, anna: Visitor, ben: Visitor):
    check_text(await anna.runs("jobs"), "Nothing of yours is running")
    report = await anna.hands_in(zipped(), "busy", "ZIKBUSY")
    with stage.slowly(1.0):
        status = await anna.starts(report)
        await stage.at_work()
        jobs = await anna.runs("jobs")
        check_text(jobs, "1 running", "Training **busy**")
        check_text(await ben.runs("jobs"), "Nothing of yours is running")
        check_text(await ben.presses(status, "Cancel"), "Only the person who started this")
        check_text(await anna.presses(jobs, "Cancel"), "being cancelled")
        check_text(await anna.is_told(status), "was cancelled")
    check_text(await anna.runs("jobs"), "0 running", "cancelled")


async def test_help_is_written_for_whoever_asks(anna: Visitor):
    guide = await anna.runs("help")
    check_text(guide, "/imagine prompt:", "/train zip", "/jobs", "Left for you this month")
    await anna.trains(zipped(4, seed=22), "guided", "ZIKGUIDE")
    check_text(await anna.runs("help"), "ZIKGUIDE", "loads guided by itself")


async def test_words_load_what_they_name_and_nothing_of_anothers(stage: Stage, anna: Visitor, ben: Visitor):
    refused = await anna.runs("models adopt", name="cliffs", trigger_word="a", model="fofr/flux-pixar-cars")
    check_text(refused, "`a` is too short", "for example `AZK a`")
    await anna.runs("models adopt", name="cars", trigger_word="bad 70s car", model="fofr/flux-pixar-cars")
    await anna.runs("models adopt", name="toys", trigger_word="ZIKTOY car", model="fofr/flux-pixar-cars")
    check_text(await anna.imagines("a bad  70s car on a cliff"), "loaded **cars**")

    question = await ben.imagines("ZIKTOY carが走る、a bad 70s car")
    assert question.ephemeral
    check_text(question, "`ZIKTOY car` belongs to", f"<@{anna.person.id}>", "about $0.003", "FLUX.1 schnell")
    assert stage.ordered("ZIKTOY") == []
    await stage.bot.kill()
    await stage.bot.start()
    await ben.changes(question, "Paint without it", "Painting. It comes into this channel")
    check_pictures(await ben.sees("the picture", lambda m: m.pictures and "ZIKTOY" in m.text), 1)
    assert len(stage.ordered("ZIKTOY")) == 1

    check_text(await anna.runs("models share", name="cars"), "ordinary words", "Others name it")
    check_text(await ben.imagines("a bad 70s car"), "FLUX.1 schnell")
    check_text(await ben.imagines("on a cliff", model="cars"), "**cars** v1", "bad 70s car, on a cliff")
    await anna.runs("models share", name="toys")
    check_text(await ben.imagines("ZIKTOY carが走る"), "loaded **toys**")
