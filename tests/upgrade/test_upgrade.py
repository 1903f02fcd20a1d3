"""The data folder of c626d95, killed in the middle of everything, and today's bot that is started on it.

An archive is never recorded anew for a change of the bot: that what it holds still works is what is tested.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from cogs.posting import number_of
from sandbox.discord import Message
from sandbox.visitor import check_buttons, check_pictures, check_text
from tests.e2e.stage import check_log, check_wires
from tests.upgrade.past import Past, open_past

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
ARCHIVE = Path(__file__).parent / "c626d95.tar.xz"
TRAININGS = ("finished", "sampled", "running", "unanswered", "unheard")
PICTURES = ("painted", "shown", "painting", "painting with a secret", "lost answer", "lost request", "uploading")
PROSE = ("writing", "unwritten")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Past]:
    async with open_past(ARCHIVE, tmp_path_factory.mktemp("past")) as opened:
        assert opened.unsettled(), "nothing was under way"
        await opened.bot.start()
        await opened.settled()
        yield opened
        check_wires(opened.world)
        check_log(opened.bot)


def shows(message: Message, mark: str, nonce: str = "") -> bool:
    """Tell whether this is a job's result, as today's version marks it or as the first one did."""
    marks = [message.number, *(button.custom_id for button in message.buttons), *message.text.splitlines()]
    return message.by_bot and bool({mark, f"-# {mark}", number_of(nonce)} & {*marks})


async def presses_first(past: Past, mark: str, label: str) -> Message:
    """Have Alice press the first of several buttons that say this."""
    message = past.message(mark)
    custom_id = next(button.custom_id for button in message.buttons if button.label == label)
    answer = await past.alice.person.click(message, custom_id=custom_id)
    return await past.alice.settled(answer, f"[{label}]", ignored=message.id)


async def test_every_job_is_ended_told_once_and_paid_once(past: Past):
    jobs = {row["id"]: row for row in past.everything()}
    runs = [row["remote_id"] for row in jobs.values() if row["remote_id"]]
    assert sorted(runs) == sorted(past.world.replicate.state.jobs)
    owed = {row["job_id"]: row["spent"] for row in past.rows("SELECT * FROM ledger")}
    messages = past.alice.person.messages(past.alice.channel)
    ends = dict.fromkeys(TRAININGS, ("training {}", "{}r"))
    ends |= dict.fromkeys(PICTURES, ("again:{}", "{}")) | {"comparison": ("comparison {}", "{}")}
    for name, (mark, nonce) in ends.items():
        job = jobs[past.marks[name]]
        assert (name, job["state"], job["delivered"]) == (name, "succeeded", "message")
        assert (name, owed[job["id"]]) == (name, job["cost"])
        told = [message for message in messages if shows(message, mark.format(job["id"]), nonce.format(job["id"]))]
        assert len(told) == 1, (name, told)
        check_pictures(told[0], 1)
    assert [message for message in messages if not message.ephemeral and "cancel:" in str(message.buttons)] == []


async def test_what_lay_open_is_for_the_bot_alone(past: Past):
    folder = past.bot.directory
    assert [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077] == []


async def test_a_prompt_that_was_being_written_waits_for_its_owner_to_press_show(past: Past):
    for name in PROSE:
        (status,) = [
            message
            for message in past.bob.person.messages(past.bob.channel)
            if shows(message, f"show-prompt:{past.marks[name]}")
        ]
        await past.bob.changes(status, "Show", "A")
        check_text(status, "**After**")
        check_buttons(status, "Paint this", "Edit", "Discard")


async def test_a_fine_tune_that_was_being_deleted_is_gone(past: Past):
    assert [row["name"] for row in past.rows("SELECT name FROM fine_tunes WHERE name = 'old-gone'")] == []
    assert [name for name in past.world.replicate.state.models if "old-gone" in name] == []
    gone = await past.alice.presses(past.message("card of the deleted"), "Try it")
    check_text(gone, "There is no fine-tune")


async def test_old_drafts_are_started_changed_and_thrown_away(past: Past):
    alice = past.alice
    status = await alice.starts(past.message("report draft-start"))
    await alice.changes(past.message("report draft-discard"), "Cancel", "The pictures are deleted")
    change = past.message("report draft-change")
    await alice.changes(change, "Use the advice", "draft-change")
    captions = {"autocaption_prefix": "a photo of", "optimizer": ["adamw"]}
    for label, typed in (("Advanced", {"steps": "70"}), ("Captions", captions)):
        form = await alice.person.click(change, label)
        await alice.person.submit_modal(form, typed)
    await alice.until(lambda: "70 steps" in change.text and "a photo of" in change.text, "the changed plan")
    public = past.message("report draft-public")
    await alice.changes(public, "Make it public", "draft-public v1")
    await alice.changes(public, "Keep it private", "draft-public v1")
    check_text(await alice.is_told(status), "draft-start v1")


async def test_old_results_are_painted_again_and_otherwise(past: Past):
    alice, result = past.alice, past.message("result 0")
    for label in ("Again", "Vary subtle", "Vary strong", "Upscale"):
        check_pictures(await alice.gets(await alice.person.click(result, label)), 1)
    forms = (
        ("Edit prompt", {"prompt": "OLDANNA in a boat"}),
        ("Same seed", {"prompt": "OLDANNA in a tree"}),
        ("Edit", {"prompt": "make it night"}),
        ("Use as start picture", {"prompt": "OLDANNA at night", "strength": "0.7"}),
    )
    for label, typed in forms:
        (custom_id,) = [button.custom_id for button in result.buttons if button.label == label]
        form = await alice.person.click(result, custom_id=custom_id)
        painted = await alice.gets(await alice.person.submit_modal(form, typed))
        check_text(painted, typed["prompt"])
    form = await alice.person.click(past.message("result of two"), "Upscale")
    check_text(await alice.gets(await alice.person.submit_modal(form, {"picture": "2"})), "larger")
    check_text(await alice.presses(result, "Compare"), "Compare 4 pictures")


async def test_old_results_are_their_owners(past: Past):
    check_text(await past.bob.presses(past.message("result 1"), "Delete"), "Only the person")
    await past.alice.changes(past.message("result 1"), "Delete", "are deleted")
    await past.alice.changes(past.message("sheet"), "Delete", "are deleted")
    check_text(await presses_first(past, "jobs", "Cancel"), "over already")
    check_pictures(await presses_first(past, "jobs", "Show"), 1)


async def test_what_waited_for_a_press_is_painted_or_dropped(past: Past):
    alice = past.alice
    last = alice.person.messages(alice.channel)[-1]
    await alice.changes(past.message("batch to paint"), "Paint all", "Painting 2")
    await alice.changes(past.message("batch to drop"), "Cancel", "Cancelled")
    for colour in ("red", "blue"):
        await alice.sees(f"a {colour} door", lambda m, it=colour: f"a {it} door" in m.text and m.pictures, after=last)
    await alice.changes(past.message("comparison to paint"), "Paint all", "Painting 2")
    await alice.sees("a sheet", lambda m: "2 pictures compared" in m.text and "a mill" in m.text, after=last)
    check_text(await alice.gets(await alice.person.click(past.message("prose"), "Paint this")), "a fox, prose")
    form = await alice.person.click(past.message("prose to edit"), "Edit")
    check_text(await alice.gets(await alice.person.submit_modal(form, {"prompt": "a grey fox"})), "a grey fox")
    await alice.changes(past.message("prose to discard"), "Discard", "nothing is painted")


async def test_the_old_gallery_turns_its_pages_and_old_words_are_found(past: Past):
    alice, gallery = past.alice, past.message("gallery")
    await alice.changes(gallery, "Older", "Newer")
    await alice.changes(gallery, "Newer", "a bridge")
    check_pictures(await presses_first(past, "gallery", "Show"), 1)
    check_text(await alice.runs("gallery", words="boat fo"), "a boat in the fog")
    recipe = await alice.person.context_menu(alice.channel, "Show recipe", past.message("result 0"))
    check_text(await alice.settled(recipe), "OLDANNA on hill 0", "seed:")


async def test_old_pictures_that_were_selected_are_used(past: Past):
    for mark in ("uses", "uses of a photo"):
        check_pictures(await past.alice.gets(await past.alice.person.click(past.message(mark), "Vary")), 1)


async def test_old_fine_tunes_paint_are_voted_on_and_deleted(past: Past):
    alice = past.alice
    check_text(await alice.imagines("OLDANNA on the moon", megapixels="0.25"), "loaded **old-anna**")
    for mark in ("card", "list", "help"):
        form = await alice.person.click(past.message(mark), "Try")
        check_text(await alice.gets(await alice.person.submit_modal(form, {"prompt": f"OLDANNA, {mark}"})), "old-anna")
    await alice.changes(past.message("card"), "0.8", "0.8 · 1")
    await alice.changes(past.message("question of publishing"), "Make it public", "public")
    await alice.changes(past.message("question answered with no"), "Keep it", "Nothing was deleted")
    await alice.changes(past.message("question answered with yes"), "Delete for good", "is deleted")


async def test_a_secret_in_an_address_served_until_its_run_was_over_and_is_kept_no_longer(past: Past):
    alice = past.alice
    for mark in ("result with a secret", "painting with a secret"):
        (result,) = [
            message
            for message in alice.person.messages(alice.channel)
            if str(message.id) == past.marks[mark] or shows(message, f"again:{past.marks[mark]}")
        ]
        recipe = await alice.person.context_menu(alice.channel, "Show recipe", result)
        check_text(await alice.settled(recipe), "civitai.com/api/download/models/746602?type=Model&token=…")
        for label in ("Again", "Vary subtle", "Edit prompt"):
            check_text(await alice.gets(await alice.person.click(result, label)), "has a secret in it", "Show recipe")
    await past.bot.stop()
    kept = {path.name: path.read_bytes() for path in past.bot.directory.glob("*.db*")}
    assert [name for name, content in kept.items() if b"civitai-secret" in content] == []
    assert "civitai-secret" not in past.bot.log_file.read_text()
