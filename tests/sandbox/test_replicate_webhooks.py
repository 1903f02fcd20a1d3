"""Webhooks as Replicate sends them, and as they go wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from replicate.exceptions import ReplicateError
from replicate.webhook import InvalidSignatureError, Webhooks, WebhookSigningSecret

from sandbox.replicate.webhooks import sign
from tests.sandbox.replicate_scene import Scene, photos, scene, serve
from tests.shared import FOREVER

SCHNELL = "black-forest-labs/flux-schnell"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


class Ear:
    """Hears webhooks; answers the statuses in `answers`, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.answers: list[int] = []

    async def hear(self, request: web.Request) -> web.Response:
        headers = {key.lower(): value for key, value in request.headers.items()}
        self.heard.put_nowait((headers, await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def next(self) -> tuple[dict[str, str], dict[str, Any]]:
        async with asyncio.timeout(FOREVER):
            headers, body = await self.heard.get()
        return headers, json.loads(body)


@asynccontextmanager
async def ear() -> AsyncIterator[Ear]:
    it, app = Ear(), web.Application()
    app.add_routes([web.post("/hook", it.hear)])
    runner, url = await serve(app)
    it.url = f"{url}/hook?job=7"
    try:
        yield it
    finally:
        await runner.cleanup()


async def predict(at: Scene, it: Ear, events: list[str] | None = None) -> str:
    body: dict[str, Any] = {"version": SCHNELL, "input": {"prompt": "sea"}, "webhook": it.url}
    if events is not None:
        body["webhook_events_filter"] = events
    created = await at.http.post("/v1/predictions", json=body)
    assert created.status_code == 201
    return created.json()["id"]


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_real_client_accepts_our_signature(at: Scene) -> None:
    secret = await at.client.webhooks.default.async_secret()
    async with ear() as it:
        await predict(at, it, ["completed"])
        headers, body = await it.heard.get()
    Webhooks.validate(headers=headers, body=body.decode(), secret=secret, tolerance=60)
    with pytest.raises(InvalidSignatureError):
        Webhooks.validate(headers=headers, body=body.decode() + " ", secret=secret)
    assert isinstance(secret, WebhookSigningSecret)


async def test_the_body_is_what_get_shows(at: Scene) -> None:
    async with ear() as it:
        job = await predict(at, it, ["completed"])
        headers, body = await it.next()
    assert headers["webhook-id"].startswith("msg_")
    assert body == (await at.http.get(f"/v1/predictions/{job}")).json()


async def test_all_events_come_when_all_are_asked_for(at: Scene) -> None:
    async with ear() as it:
        await predict(at, it, ["start", "output", "logs", "completed"])
        bodies = []
        while not bodies or bodies[-1]["status"] != "succeeded":
            bodies.append((await it.next())[1])
    assert bodies[0]["status"] == "processing"
    assert any(body["logs"] for body in bodies[:-1])


async def test_without_a_filter_outputs_and_the_end_are_told(at: Scene) -> None:
    async with ear() as it:
        await predict(at, it)
        bodies = [(await it.next())[1], (await it.next())[1]]
    assert sorted(body["status"] for body in bodies) == ["processing", "succeeded"]
    assert all(body["output"] for body in bodies)


async def test_a_training_tells_too(at: Scene) -> None:
    async with ear() as it:
        ref = await at.model()
        upload = await at.client.files.async_create(_file(photos(2)), filename="a.zip")
        await at.client.trainings.async_create(
            "ostris/flux-dev-lora-trainer",
            "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2",
            {"input_images": upload.urls["get"], "steps": 10},
            destination=ref,
            webhook=it.url,
            webhook_events_filter=["completed"],
        )
        _, body = await it.next()
    assert body["output"]["version"].startswith(f"{ref}:")
    assert body["urls"]["get"].endswith(f"/v1/trainings/{body['id']}")


async def test_only_the_last_word_is_said_again_with_the_same_id(at: Scene) -> None:
    async with ear() as it:
        it.answers = [500, 404]
        await predict(at, it, ["completed"])
        first, second, third = await it.next(), await it.next(), await it.next()
        assert first[0]["webhook-id"] == second[0]["webhook-id"] == third[0]["webhook-id"]
        assert first[1] == third[1]
        it.answers = [500]
        await predict(at, it, ["start"])
        await at.followed(f"/v1/predictions/{at.world.created[-1].id}")
        assert it.heard.qsize() == 1


async def test_no_one_is_called_without_tls_but_this_machine(at: Scene) -> None:
    with pytest.raises(ReplicateError) as refused:
        await at.client.predictions.async_create(
            version=SCHNELL, input={"prompt": "sea"}, webhook="http://bot.example/hook"
        )
    assert refused.value.status == 422


async def test_webhooks_come_ten_times_or_not_at_all(at: Scene) -> None:
    async with ear() as it:
        at.world.habits.webhooks = "duplicate"
        await predict(at, it, ["completed"])
        ids = {(await it.next())[0]["webhook-id"] for _ in range(10)}
        assert len(ids) == 1
        at.world.habits.webhooks = "none"
        job = await predict(at, it, ["completed"])
        await at.followed(f"/v1/predictions/{job}")
        assert it.heard.empty()


async def test_webhooks_come_in_the_wrong_order(at: Scene) -> None:
    async with ear() as it:
        at.world.habits.webhooks = "reorder"
        await predict(at, it)
        assert [(await it.next())[1]["status"], (await it.next())[1]["status"]] == ["succeeded", "processing"]


@pytest.mark.parametrize("trick", ["forge", "stale"])
async def test_webhooks_of_a_liar_do_not_pass_the_check(at: Scene, trick: str) -> None:
    secret = await at.client.webhooks.default.async_secret()
    at.world.habits.webhooks = trick  # type: ignore[assignment]  # the literals above
    async with ear() as it:
        it.answers = [401]
        await predict(at, it, ["completed"])
        tries = [await it.heard.get()]
        at.world.habits.webhooks = None  # the next ones are true; what was refused comes again as it was
        tries.append(await it.heard.get())
    for headers, body in tries:
        with pytest.raises(ValueError, match=r"signature|timestamp|Timestamp|Signature"):
            Webhooks.validate(headers=headers, body=body.decode(), secret=secret, tolerance=300)


def _file(content: bytes) -> Any:
    import io

    return io.BytesIO(content)
