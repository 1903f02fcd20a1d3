"""The sandbox's Replicate as replicate's own client meets it."""

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from replicate.exceptions import ReplicateError

from sandbox.replicate.jobs import API
from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, photo, photos, scene
from tests.shared import FOREVER

SCHNELL = "black-forest-labs/flux-schnell"
PROGRESS = re.compile(
    r"flux_train_replicate:\s+(\d+)%\|.*?\|\s*(\d+)/(\d+)\s*\[([^<\]]+)<([^,\]]+),.*? loss: ([\d.e+-]+)"
)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


async def test_a_stranger_is_told_so_in_replicates_words(at: Scene) -> None:
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic r8_x"}):
        at.http.headers.pop("Authorization", None)
        answer = await at.http.get("/v1/account", headers=header)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json() == {
            "title": "Unauthenticated",
            "detail": "You did not pass a valid authentication token",
            "status": 401,
        }
        assert "ratelimit-remaining" not in answer.headers


async def test_both_ways_to_send_the_token_are_taken(at: Scene) -> None:
    for scheme in ("Bearer", "Token"):
        answer = await at.http.get("/v1/account", headers={"Authorization": f"{scheme} r8_any"})
        assert answer.json() == {"type": "user", "username": "atelier-demo"}


async def test_a_model_lives_from_creation_to_deletion(at: Scene) -> None:
    ref = await at.model()
    model = await at.client.models.async_get(ref)
    assert (model.visibility, model.latest_version, model.run_count) == ("private", None, 0)
    with pytest.raises(ReplicateError, match="A model with that name and owner already exists") as taken:
        await at.model()
    assert taken.value.status == 409
    assert await at.client.models.async_delete(ref)
    with pytest.raises(ReplicateError, match="could not be found"):
        await at.client.models.async_get(ref)


async def test_a_model_cannot_be_made_for_someone_else_or_with_a_bad_name(at: Scene) -> None:
    body = {"owner": "someone", "name": "x1", "visibility": "private", "hardware": "cpu"}
    assert (await at.http.post("/v1/models", json=body)).status_code == 403
    body |= {"owner": "atelier-demo", "name": "Not A Name"}
    refused = await at.http.post("/v1/models", json=body)
    assert (refused.status_code, refused.json()["invalid_fields"][0]["field"]) == (422, "name")


async def test_the_newest_trainer_is_named_by_its_model(at: Scene) -> None:
    trainer = await at.client.models.async_get(TRAINER)
    assert trainer.latest_version is not None
    assert trainer.latest_version.id == NEWEST
    versions = (await at.http.get(f"/v1/models/{TRAINER}/versions")).json()["results"]
    assert versions[0]["id"] == NEWEST
    assert "TrainingInput" in versions[0]["openapi_schema"]["components"]["schemas"]


async def test_hardware_is_listed(at: Scene) -> None:
    assert "gpu-t4" in {one.sku for one in await at.client.hardware.async_list()}


async def test_a_file_is_kept_listed_and_deleted(at: Scene) -> None:
    content = b"not really a zip"
    upload = await at.client.files.async_create(io.BytesIO(content), filename="my.zip", metadata={"job": "7"})
    assert (upload.name, upload.size, upload.metadata) == ("my.zip", len(content), {"job": "7"})
    assert upload.checksums["sha256"] == hashlib.sha256(content).hexdigest()
    assert upload.urls["get"] == f"{API}/files/{upload.id}"
    assert "." not in upload.id
    assert [one.id for one in await at.client.files.async_list()] == [upload.id]
    assert await at.client.files.async_delete(upload.id)
    gone = await at.http.get(f"/v1/files/{upload.id}")
    assert (gone.status_code, gone.json()) == (404, {"detail": "File not found"})


async def test_a_file_of_100_mb_is_refused_and_leaves_nothing(at: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.replicate.files_api.MOST_BYTES", 1000)
    refused = await at.http.post("/v1/files", files={"content": ("big.zip", b"x" * 1001)})
    assert (refused.status_code, refused.json()) == (413, {"detail": "Files must be less than 100MB in size"})
    assert list((at.world.state.directory / "files").iterdir()) == []


async def test_a_training_teaches_a_new_version_that_paints(at: Scene) -> None:
    ref = await at.model()
    training = await at.train(ref, photos())
    assert (training["status"], training["error"]) == ("succeeded", None)
    assert "destination" not in training
    name, _, version = training["output"]["version"].partition(":")
    assert (name, len(version)) == (ref, 64)
    assert training["output"]["weights"].endswith("/trained_model.tar")
    assert training["metrics"]["predict_time"] > 200 * 1.05 / 2
    model = await at.client.models.async_get(ref)
    assert model.latest_version is not None
    assert model.latest_version.id == version
    assert "lora_scale" in model.latest_version.openapi_schema["components"]["schemas"]["Input"]["properties"]

    prediction = await at.predict(training["output"]["version"], prompt="ZIKI in a forest", num_outputs=2)
    assert len(prediction["output"]) == 2
    assert prediction["output"][0].startswith("https://replicate.delivery/")
    picture = await at.picture(prediction["output"][0])
    assert (picture.format, picture.size) == ("WEBP", (1024, 1024))
    assert "Using seed: 1\n" in prediction["logs"]
    assert prediction["metrics"]["predict_time"] > 1
    assert "image_count" not in prediction["metrics"]  # billed by the second


async def test_the_log_of_a_training_grows_as_the_trainers_does(at: Scene) -> None:
    training = await at.train(await at.model(), photos(), steps=400)
    logs = training["logs"]
    order = ["Extracted 5 files", "Caption for input_images/0.jpg", "Starting train job", "Running  1 process"]
    order += [
        "create LoRA network. base dim (rank): 16",
        "Found 5 images",
        "1024x1024: 5 files",
        "flux_train_replicate: ",
    ]
    places = [logs.index(line) for line in order]
    assert places == sorted(places)
    steps = [(int(match[2]), float(match[6])) for match in PROGRESS.finditer(logs)]
    assert steps[-1][0] == 400
    assert steps[-1][1] < steps[0][1] / 3  # the loss is the true error, and it falls
    assert logs.count("\r") == len(steps)


async def test_a_trainings_addresses_switch_as_they_do_in_reality(at: Scene) -> None:
    ref = await at.model()
    upload = await at.client.files.async_create(io.BytesIO(photos()), filename="data.zip")
    body = {"destination": ref, "input": {"input_images": upload.urls["get"]}}
    created = (await at.http.post(f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json=body)).json()
    job = created["id"]
    assert created["urls"] == {"get": f"{API}/predictions/{job}", "cancel": f"{API}/predictions/{job}/cancel"}
    assert (created["status"], created["logs"]) == ("starting", "")
    assert "output" not in created
    read = (await at.http.get(f"/v1/trainings/{job}")).json()
    assert read["urls"] == {"get": f"{API}/trainings/{job}", "cancel": f"{API}/trainings/{job}/cancel"}
    assert (read["metrics"], read["output"]) == ({}, None)
    assert (await at.http.get(f"/v1/predictions/{job}")).json()["id"] == job
    listed = (await at.http.get("/v1/trainings")).json()["results"]
    assert [one["id"] for one in listed] == [job]
    assert "logs" not in listed[0]
    cancelled = (await at.http.post(f"/v1/trainings/{job}/cancel")).json()
    assert cancelled["urls"]["get"] == f"{API}/predictions/{job}"
    assert (cancelled["status"], cancelled["logs"], cancelled["metrics"]["predict_time"]) == ("canceled", None, 3e-06)


async def test_the_client_reads_a_training_and_finds_its_destination_only_at_the_end(at: Scene) -> None:
    ref = await at.model()
    upload = await at.client.files.async_create(io.BytesIO(photos(2)), filename="data.zip")
    training = await at.client.trainings.async_create(
        TRAINER, NEWEST, {"input_images": upload.urls["get"], "steps": 10}, destination=ref
    )
    assert training.destination is None
    await at.followed(f"/v1/trainings/{training.id}")
    training = await at.client.trainings.async_get(training.id)
    assert (training.status, training.destination) == ("succeeded", ref)


async def test_a_destination_must_exist_and_be_ours(at: Scene) -> None:
    for destination in ("atelier-demo/missing", SCHNELL, "<invalid>"):
        body = {"destination": destination, "input": {"input_images": "https://x.example/data.zip"}}
        refused = await at.http.post(f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json=body)
        assert refused.status_code == 404
        assert refused.json() == {"detail": "The specified training destination does not exist", "status": 404}
    assert at.world.created == []


async def test_a_held_creation_answers_with_the_output_while_still_processing(at: Scene) -> None:
    answer = await at.http.post(
        f"/v1/models/{SCHNELL}/predictions", json={"input": {"prompt": "sea"}}, headers={"Prefer": "wait=10"}
    )
    held = answer.json()
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=10")
    assert answer.headers["location"] == f"{API}/predictions/{held['id']}"
    assert (held["status"], held["version"], len(held["output"])) == ("processing", "hidden", 1)
    assert "completed_at" not in held
    assert "metrics" not in held
    done = await at.followed(f"/v1/predictions/{held['id']}")
    assert (done["status"], done["metrics"]["image_count"]) == ("succeeded", 1)
    assert at.world.billed == 3_000


async def test_a_held_creation_gives_up_after_its_time(at: Scene) -> None:
    at.world.habits.stuck = "processing"
    answer = await at.http.post(
        "/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}}, headers={"Prefer": "wait=1"}
    )
    assert (answer.status_code, answer.json()["output"]) == (202, None)


async def test_cancel_after_aborts_what_waits_and_cancels_what_runs(at: Scene) -> None:
    ends: dict[str, str] = {}
    for stuck in ("starting", "processing"):
        at.world.habits.stuck = stuck
        answer = await at.http.post(
            "/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}}, headers={"Cancel-After": "5s"}
        )
        assert "deadline" in answer.json()
        ends[stuck] = (await at.followed(f"/v1/predictions/{answer.json()['id']}"))["status"]
    assert ends == {"starting": "aborted", "processing": "canceled"}
    at.world.habits.stuck = None
    refused = await at.http.post(
        "/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}}, headers={"Cancel-After": "2s"}
    )
    assert refused.status_code == 422


async def test_the_client_cancels_a_prediction_and_it_stays_cancelled(at: Scene) -> None:
    at.world.habits.stuck = "processing"
    prediction = await at.client.models.predictions.async_create(SCHNELL, {"prompt": "sea"})
    cancelled = await at.client.predictions.async_cancel(prediction.id)
    assert cancelled.status == "canceled"
    again = await at.client.predictions.async_cancel(prediction.id)
    assert (again.status, again.output) == ("canceled", None)


@pytest.mark.parametrize("named", ["{version}", "{ref}:{version}"])
async def test_a_version_is_named_by_hash_or_in_full(at: Scene, named: str) -> None:
    ref = "prunaai/flux-schneller"
    version = (await at.client.models.async_get(ref)).latest_version
    assert version is not None
    prediction = await at.predict(named.format(ref=ref, version=version.id))
    assert isinstance(prediction["output"], str)  # this model gives one address, not a list
    assert prediction["version"] == version.id


@pytest.mark.parametrize("named", ["a" * 64, "atelier-demo/ziki", f"someone/else:{NEWEST}", TRAINER])
async def test_a_version_that_is_not_there_is_a_422(at: Scene, named: str) -> None:
    await at.model()
    refused = await at.http.post("/v1/predictions", json={"version": named, "input": {"prompt": "sea"}})
    assert refused.status_code == 422
    assert refused.json()["title"] == "Invalid version or not permitted"


async def test_only_official_models_are_predicted_by_name(at: Scene) -> None:
    refused = await at.http.post(f"/v1/models/{TRAINER}/predictions", json={"input": {"prompt": "sea"}})
    assert refused.json() == {"detail": "The requested resource could not be found.", "status": 404}


async def test_a_wrong_input_is_refused_in_the_validators_words(at: Scene) -> None:
    values = {"output_format": "gif", "num_inference_steps": 28, "seed": "x", "image": None, "whatever": 1}
    refused = await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": values})
    assert refused.status_code == 422
    assert refused.json()["title"] == "Input validation failed"
    assert refused.json()["invalid_fields"] == [
        {"type": "required", "field": "input", "description": "prompt is required"},
        {
            "type": "number_lte",
            "field": "input.num_inference_steps",
            "description": "Must be less than or equal to 4",
        },
        {
            "type": "invalid_type",
            "field": "input.seed",
            "description": "Invalid type. Expected: integer, given: string",
        },
        {
            "type": "enum",
            "field": "input.output_format",
            "description": 'output_format must be one of the following: "webp", "jpg", "png"',
        },
    ]
    assert refused.json()["detail"].startswith("- input: prompt is required\n- input.num_inference_steps: Must be")


async def test_an_unknown_key_beside_the_input_is_refused_and_one_inside_is_only_noted(at: Scene) -> None:
    refused = await at.http.post("/v1/predictions", json={"model": SCHNELL, "input": {"prompt": "sea"}})
    assert refused.json()["invalid_fields"] == [
        {"type": "required", "field": "", "description": "version is required"},
        {
            "type": "additional_property_not_allowed",
            "field": "",
            "description": "Additional property model is not allowed",
        },
    ]
    await at.predict(SCHNELL, negative_prompt="blur")
    assert at.world.unlisted_fields == [(SCHNELL, "negative_prompt")]


async def test_the_input_is_echoed_sorted_and_without_secrets(at: Scene) -> None:
    values = {"prompt": "sea", "hf_api_token": "hf_secret", "aspect_ratio": "16:9"}
    body = {"version": "black-forest-labs/flux-dev-lora", "input": values}
    created = (await at.http.post("/v1/predictions", json=body)).json()
    assert list(created["input"].items()) == [
        ("aspect_ratio", "16:9"),
        ("hf_api_token", "[REDACTED]"),
        ("prompt", "sea"),
    ]
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", created["id"])


@pytest.mark.parametrize(
    ("values", "size", "kind"),
    [
        ({"aspect_ratio": "16:9", "output_format": "png"}, (1344, 768), "PNG"),
        ({"aspect_ratio": "9:21", "megapixels": "0.25", "output_format": "jpg"}, (320, 768), "JPEG"),
        ({"aspect_ratio": "4:5"}, (896, 1088), "WEBP"),
    ],
)
async def test_pictures_have_the_size_and_format_asked_for(
    at: Scene, values: dict[str, str], size: tuple[int, int], kind: str
) -> None:
    prediction = await at.predict(SCHNELL, **values)
    picture = await at.picture(prediction["output"][0])
    assert (picture.size, picture.format) == (size, kind)


async def test_unsafe_pictures_are_left_out_of_the_list(at: Scene) -> None:
    some = await at.predict(SCHNELL, prompt="nsfw, but only some", num_outputs=4)
    assert [url.rsplit("/", 1)[1] for url in some["output"]] == ["out-1.webp", "out-3.webp"]
    assert "NSFW content detected in image 0\n" in some["logs"]
    assert "Total safe images: 2 out of 4" in some["logs"]
    none = await at.predict(SCHNELL, prompt="nsfw")
    assert (none["status"], none["output"]) == ("failed", None)
    assert none["error"].startswith("All generated images contained NSFW content.")
    closed = await at.predict("black-forest-labs/flux-1.1-pro", prompt="nsfw")
    assert closed["error"].endswith("(E005)")
    unchecked = await at.predict(SCHNELL, prompt="nsfw", disable_safety_checker=True)
    assert unchecked["status"] == "succeeded"


async def test_after_an_hour_the_data_of_a_prediction_are_gone(at: Scene) -> None:
    prediction = await at.predict(SCHNELL)
    at.world.lifecycle.forget(at.world.state.jobs[prediction["id"]])
    left = (await at.http.get(f"/v1/predictions/{prediction['id']}")).json()
    assert (left["output"], left["data_removed"], left["input"], left["status"]) == (None, True, {}, "succeeded")
    url = prediction["output"][0].removeprefix("https://replicate.delivery")
    assert (await at.delivery.get(url)).status_code == 404


async def test_retention_runs_on_the_worlds_clock(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.world.lifecycle.retention = 0.5
        prediction = await at.predict(SCHNELL)
        job = at.world.state.jobs[prediction["id"]]
        async with asyncio.timeout(FOREVER):
            while not job.data_removed:
                await job.changed.wait()


async def test_lists_come_newest_first_in_pages_of_100(at: Scene) -> None:
    at.world.habits.stuck = "starting"
    created = [
        (await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": str(index)}})).json()
        for index in range(103)
    ]
    first = (await at.http.get("/v1/predictions")).json()
    assert [one["id"] for one in first["results"]] == [one["id"] for one in reversed(created)][:100]
    assert (first["previous"], "logs" in first["results"][0]) == (None, False)
    assert first["next"].startswith(f"{API}/predictions?cursor=")
    second = (await at.http.get(first["next"].removeprefix("https://api.replicate.com"))).json()
    assert [one["id"] for one in second["results"]] == [one["id"] for one in reversed(created)][100:]
    assert second["next"] is None
    late = created[-2]["created_at"]
    recent = (await at.http.get("/v1/predictions", params={"created_after": late})).json()["results"]
    assert {one["id"] for one in recent} >= {one["id"] for one in created[-1:]}
    assert len(recent) < 100


async def test_versions_and_models_are_deleted_by_the_rules(at: Scene) -> None:
    ref = await at.model()
    training = await at.train(ref, photos(2), steps=10)
    assert (await at.http.delete(f"/v1/models/{ref}")).status_code == 400  # it has a version
    version = training["output"]["version"].partition(":")[2]
    assert (await at.http.delete(f"/v1/models/{ref}/versions/{version}")).status_code == 202
    async with asyncio.timeout(FOREVER):
        while (await at.http.get(f"/v1/models/{ref}/versions/{version}")).status_code == 200:
            pass  # accepted is not done
    assert (await at.http.delete(f"/v1/models/{ref}")).status_code == 204


async def test_yesterdays_fine_tunes_are_there_after_a_restart(tmp_path: Path) -> None:
    async with scene(tmp_path) as first:
        ref = await first.model()
        trained = (await first.train(ref, photos(3)))["output"]["version"]
        before = await first.predict(trained, prompt="ZIKI", output_format="png")
        old = (await first.picture(before["output"][0])).tobytes()
        first.world.habits.stuck = "processing"
        running = (await first.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "x"}})).json()
    async with scene(tmp_path) as second:
        assert (await second.client.models.async_get(ref)).latest_version is not None
        after = await second.predict(trained, prompt="ZIKI", output_format="png")
        assert (await second.picture(after["output"][0])).tobytes() == old
        assert (await second.followed(f"/v1/predictions/{running['id']}"))["status"] == "succeeded"
        assert after["id"] not in {before["id"], running["id"]}


async def test_a_second_lora_and_a_start_picture_change_what_is_painted(at: Scene) -> None:
    ref, other = await at.model("one"), await at.model("two")
    one = (await at.train(ref, photos(3), steps=20))["output"]["version"]
    await at.train(other, photos(3, "purple"), steps=20)
    start = await at.client.files.async_create(io.BytesIO(photo(0, "green")), filename="start.jpg")
    seen: set[bytes] = set()
    for values in ({}, {"extra_lora": other}, {"lora_scale": 0.0}, {"image": start.urls["get"]}):
        prediction = await at.predict(one, prompt="ZIKI", output_format="png", megapixels="0.25", **values)
        seen.add((await at.picture(prediction["output"][0])).tobytes())
    assert len(seen) == 4


async def test_a_custom_size_is_needed_in_full(at: Scene) -> None:
    pro = "black-forest-labs/flux-pro"
    half = await at.predict(pro, aspect_ratio="custom", width=512)
    assert half["error"] == "width and height must be defined if aspect ratio is 'custom'"
    whole = await at.predict(pro, aspect_ratio="custom", width=512, height=272)
    assert (await at.picture(whole["output"])).size == (512, 272)


async def test_an_input_that_leads_nowhere_fails_the_run(at: Scene) -> None:
    lost = await at.predict("black-forest-labs/flux-kontext-pro", input_image="https://nowhere.example/a.png")
    assert (lost["status"], "Failed to resolve" in lost["error"]) == ("failed", True)
