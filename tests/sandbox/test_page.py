"""The sandbox's page under a person's hands, while others keep the channel busy."""

import asyncio
import shutil

import pytest
from playwright.async_api import async_playwright

from sandbox.discord.page import PortInUseError, open_page
from tests.sandbox.scene import Scene

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
async def test_buttons_answer_though_the_channel_changes_all_the_time(scene: Scene):
    async def chatter() -> None:
        while True:
            await scene.bob.send(scene.studio, "chatter")
            await asyncio.sleep(0.2)

    await scene.alice.slash(scene.studio, "paint")
    await scene.alice.wait_for(lambda message: "fox" in message.text)
    async with open_page(scene.discord, scene.studio, (scene.alice, scene.bob)) as page, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = await browser.new_page()
        await tab.goto(page.address)
        talking = asyncio.create_task(chatter())
        last = None
        for _ in range(5):
            await tab.get_by_role("button", name="Vary").first.click()
            last = await scene.alice.wait_for(lambda message: message.content == "varied 9 for alice", after=last)
        talking.cancel()
        await browser.close()


async def test_a_port_in_use_is_named(scene: Scene):
    async with open_page(scene.discord, scene.studio, (scene.alice,)) as page:
        port = int(page.address.split("/")[2].split(":")[1])
    other = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
    async with other:
        with pytest.raises(PortInUseError, match=str(port)):
            async with open_page(scene.discord, scene.studio, (scene.alice,), port=port):
                pass
