"""A ReplicateWorld on loopback ports, with replicate's real client before it, held against Replicate's contract."""

import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from PIL import Image, ImageDraw
from replicate.client import Client

from sandbox.replicate_world import ReplicateWorld
from tests.contract.replicate_schema import ReplicateContract
from tests.shared import FOREVER, SHARED

CONTRACT = SHARED / "contracts" / "replicate-openapi.json"
TOKEN = "r8_marked_token_of_the_tests"
TRAINER = "ostris/flux-dev-lora-trainer"
NEWEST = "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2"
FAST = 25.0  # so that a training takes a second


@dataclass
class Scene:
    world: ReplicateWorld
    client: Client
    http: httpx.AsyncClient  # without the retries of `client`
    delivery: httpx.AsyncClient

    async def model(self, name: str = "ziki") -> str:
        model = await self.client.models.async_create(
            "atelier-demo", name, visibility="private", hardware="gpu-t4", description="A fine-tune"
        )
        return model.id

    async def train(self, destination: str, archive: bytes, *, version: str = NEWEST, **values: Any) -> dict[str, Any]:
        """Upload, train and follow to the end; return the training as GET shows it."""
        upload = await self.client.files.async_create(io.BytesIO(archive), filename="data.zip")
        values = {"input_images": upload.urls["get"], "trigger_word": "ZIKI", "steps": 200} | values
        body = {"destination": destination, "input": values}
        created = await self.http.post(f"/v1/models/{TRAINER}/versions/{version}/trainings", json=body)
        assert created.status_code == 201, created.text
        return await self.followed(f"/v1/trainings/{created.json()['id']}")

    async def predict(self, version: str, **values: Any) -> dict[str, Any]:
        body = {"version": version, "input": {"prompt": "a quiet sea", "seed": 1} | values}
        created = await self.http.post("/v1/predictions", json=body)
        assert created.status_code == 201, created.text
        return await self.followed(f"/v1/predictions/{created.json()['id']}")

    async def followed(self, path: str) -> dict[str, Any]:
        """Wait until the job at `path` is over and return it."""
        job = self.world.state.jobs[path.rpartition("/")[2]]
        while not job.done:
            await job.changed.wait()
        return (await self.http.get(path)).json()

    async def picture(self, url: str) -> Image.Image:
        answer = await self.delivery.get(httpx.URL(url).path)
        assert answer.status_code == 200
        return Image.open(io.BytesIO(answer.content))


@asynccontextmanager
async def scene(directory: Path, *, speed: float = FAST, workers: int = 0, **options: Any) -> AsyncIterator[Scene]:
    world = ReplicateWorld(directory, speed=speed, workers=workers, **options)
    await world.start()
    apps = world.apps()
    api, delivery = await serve(apps["api.replicate.com"]), await serve(apps["replicate.delivery"])
    client = Client(api_token=TOKEN, base_url=api[1])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        async with (
            httpx.AsyncClient(base_url=api[1], headers=headers, timeout=FOREVER) as http,
            httpx.AsyncClient(base_url=delivery[1], timeout=FOREVER) as files,
        ):
            yield Scene(world, client, http, files)
    finally:
        await client._async_client.aclose()
        for runner in (api[0], delivery[0]):
            await runner.cleanup()
        await world.stop()
    assert_in_contract(world)


def assert_in_contract(world: ReplicateWorld) -> None:
    if not CONTRACT.exists():
        return
    contract = ReplicateContract(CONTRACT)
    for exchange in world.exchanges:
        contract(exchange)
    assert not contract.problems, "\n".join(contract.problems)


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def photo(index: int, colour: str = "orange") -> bytes:
    image = Image.new("RGB", (320, 320), "#c8d4e0")
    draw = ImageDraw.Draw(image)
    x = 90 + 12 * (index % 5)
    draw.ellipse((x, 60, x + 140, 230), fill=colour)
    draw.rectangle((0, 260, 320, 320), fill="#6a5a48")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def photos(count: int = 5, colour: str = "orange") -> bytes:
    """Zip some photos."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(count):
            archive.writestr(f"{index}.jpg", photo(index, colour))
    return buffer.getvalue()
