"""A newcomer's first minutes: `python -m sandbox`, and the whole job by hand in the browser."""

import asyncio
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, async_playwright, expect

from sandbox.album import album

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).parent.parent.parent
RESULTS = PROJECT / "test-results"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WITHIN = 300_000  # milliseconds; a training takes seven seconds at this speed, and longer where the machine is busy
OPEN_WITHIN = 300.0
SPEED = "3"  # slow enough for a training to be watched
LEAST_SIDE = 256
SIDES = "images => images.map(image => Math.min(image.naturalWidth, image.naturalHeight))"


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ("-m", "sandbox", "--port", str(port), "--data", str(tmp_path / "sandbox"), "--speed", SPEED)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=PROJECT, stdout=asyncio.subprocess.PIPE)
    yield process
    if process.returncode is None:  # the test failed before it ended the sandbox
        process.send_signal(signal.SIGINT)
        await process.wait()


@pytest_asyncio.fixture
async def page() -> AsyncGenerator[Page]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (on Debian: apt install chromium)")
    RESULTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(WITHIN)
        expect.set_options(timeout=WITHIN)
        yield opened
        await opened.screenshot(path=RESULTS / "last.png")
        await browser.close()


async def address(sandbox: asyncio.subprocess.Process) -> str:
    assert sandbox.stdout is not None
    async with asyncio.timeout(OPEN_WITHIN):
        while line := await sandbox.stdout.readline():
            if found := re.search(rb"http://\S+", line):
                return found[0].decode()
    raise AssertionError(f"The sandbox ended before it was open: {await sandbox.wait()}")


async def pick(page: Page, command: str) -> None:
    """Choose a slash command in the picker, which opens when one begins to type."""
    composer = page.get_by_label("Message", exact=True)
    await composer.click()
    await composer.press_sequentially(command)
    await page.get_by_role("option").filter(has_text=command).first.click()


async def fill(page: Page, option: str, value: str) -> None:
    await page.get_by_label(f"{option}, required").fill(value)


async def see_latest(page: Page, name: str) -> None:
    """Scroll to the end of the conversation and keep a picture of it."""
    await page.locator("#channel-timeline").evaluate("timeline => timeline.scrollTo(0, timeline.scrollHeight)")
    await page.screenshot(path=RESULTS / f"{name}.png")


async def send(page: Page) -> None:
    await page.get_by_role("button", name="Send").click()


def message(page: Page, text: str) -> Locator:
    """Find the latest message with this text."""
    return page.locator("article.channel-message").filter(has_text=text).last


async def check_pictures(shown: Locator, count: int) -> None:
    """Wait until the browser has decoded so many pictures; the page replaces them while it renders."""
    pictures = shown.locator("img.gallery-image")
    await expect(pictures).to_have_count(count)
    async with asyncio.timeout(WITHIN / 1000):
        while min(await pictures.evaluate_all(SIDES)) < LEAST_SIDE:  # noqa: ASYNC110  # the page tells nobody
            await asyncio.sleep(0.1)


async def test_a_newcomer_trains_and_paints_on_the_page(
    sandbox: asyncio.subprocess.Process, page: Page, tmp_path: Path
):
    archive = tmp_path / "owl.zip"
    archive.write_bytes(album())
    await page.goto(await address(sandbox))
    await expect(page.get_by_label("Viewing as")).to_contain_text("alice")

    await pick(page, "/train zip")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_text("Choose file").click()
    await (await chooser.value).set_files(archive)
    await fill(page, "name", "owl")
    await fill(page, "trigger_word", "ZIKOWL")
    await see_latest(page, "1-command")
    await send(page)

    report = message(page, "12 pictures to train on")
    await check_pictures(report, 1)
    await see_latest(page, "2-report")
    await report.get_by_role("button", name="Start").click()

    await expect(message(page, "Training owl")).to_contain_text(re.compile(r"█.*step [\d,]+ of 1,000"))
    await see_latest(page, "3-progress")
    card = message(page, "Your fine-tune is ready")
    await check_pictures(card, 1)
    await see_latest(page, "4-samples")

    await pick(page, "/imagine")
    await fill(page, "prompt", "ZIKOWL on the moon, oil painting")
    await send(page)
    painted = message(page, "picture with owl")
    await check_pictures(painted, 1)
    await expect(painted.get_by_role("button", name="Again")).to_be_enabled()
    await see_latest(page, "5-picture")

    sandbox.send_signal(signal.SIGINT)
    printed, _ = await sandbox.communicate()
    assert sandbox.returncode == 0
    assert "The sandbox is closed." in printed.decode()
    assert "Traceback" not in (tmp_path / "sandbox" / "bot.log").read_text()
