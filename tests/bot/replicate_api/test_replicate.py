"""The real client before a Replicate: what it asks for, and what it makes of every kind of answer."""

from pathlib import Path

import pytest

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.replicate_api import NotSentError, Replicate, RunState
from bot.replicate_api.wire import problem
from tests.bot.conftest import TOKEN, Far

SCHNELL = "black-forest-labs/flux-schnell"
TRAINER = "ostris/flux-dev-lora-trainer"
SEA = {"prompt": "a quiet sea", "seed": 7}


async def test_the_account_and_the_newest_trainer_are_looked_up(remote: Replicate) -> None:
    assert await remote.account() == "atelier-demo"
    assert len(await remote.newest_version(TRAINER)) == 64


async def test_a_model_is_made_private_and_found_the_second_time(remote: Replicate, far: Far) -> None:
    for _ in range(2):
        await remote.ensure_model("atelier-demo/ziki", "A fine-tune")
    sent = [e.request for e in far.world.exchanges if e.method == "POST"]
    assert {body["visibility"] for body in sent} == {"private"}
    assert [e.status for e in far.world.exchanges if e.method == "POST"] == [201, 409]


async def test_a_model_of_that_name_that_is_public_is_not_trained_into(remote: Replicate, far: Far) -> None:
    far.goes_wrong("POST /v1/models", status=409)
    far.goes_wrong("GET /v1/models/*", status=200, body={"visibility": "public"})
    with pytest.raises(RemoteRefused, match="public"):
        await remote.ensure_model("atelier-demo/ziki", "A fine-tune")


async def test_a_quick_picture_comes_with_the_answer_to_its_creation(remote: Replicate, far: Far) -> None:
    run = await remote.create_prediction(SCHNELL, SEA, hold=60, cancel_after=600)
    assert run.outputs
    assert run.outputs[0].startswith("https://replicate.delivery/")
    headers = far.world.exchanges[-1].headers
    assert (headers["prefer"], headers["cancel-after"]) == ("wait=60", "600s")


async def test_runs_are_listed_newest_first_over_pages(remote: Replicate, far: Far) -> None:
    far.world.habits.stuck = "starting"
    ids = [(await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)).id for _ in range(3)]
    assert [run.id async for run in remote.recent("predictions")] == ids[::-1]
    assert [run.id async for run in remote.recent("trainings")] == []


@pytest.mark.parametrize("status", [401, 422, 500])
async def test_a_refusal_that_repeats_our_secrets_keeps_them_to_itself(far: Far, status: int) -> None:
    echo = {
        "detail": f"{TOKEN} may not use marked-hf-token",
        "invalid_fields": [{"field": TOKEN, "description": TOKEN}],
    }
    far.goes_wrong("POST *predictions", status=status, body=echo)
    remote = Replicate(TOKEN, proxy=far.proxy, secrets=["marked-hf-token"])
    with pytest.raises(RemoteError) as refused:
        await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)
    await remote.close()
    assert "[redacted] may not use [redacted]" in str(refused.value)
    assert TOKEN not in repr(vars(refused.value))


@pytest.mark.parametrize("page", [{"results": None}, {"results": 5}, {"results": {"a": 1}}, {"results": [1, None]}, []])
async def test_a_list_that_is_none_is_empty(remote: Replicate, far: Far, page: object) -> None:
    far.goes_wrong("GET /v1/predictions", status=200, body=page)
    assert [run async for run in remote.recent("predictions")] == []


async def test_what_is_gone_already_is_deleted(remote: Replicate) -> None:
    await remote.delete_version(f"atelier-demo/nothing:{'a' * 64}")
    await remote.delete_model("atelier-demo/nothing")


async def test_an_upload_is_kept_under_an_address_of_its_own(remote: Replicate, far: Far, tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"PK\5\6" + bytes(18))
    one, other = [await remote.upload(tmp_path / "photos.zip", "t1.zip") for _ in range(2)]
    assert one != other
    assert [upload.name for upload in far.world.state.files.values()] == ["t1.zip", "t1.zip"]


@pytest.mark.parametrize("body", ["<html>teapot</html>", [1, 2], {"id": 5}, {"no": "id"}, {"id": ""}])
async def test_an_answer_that_is_no_run_is_unclear(remote: Replicate, far: Far, body: object) -> None:
    far.goes_wrong("POST *", status=201, body=body)
    with pytest.raises(RemoteUnclear):
        await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_server_in_trouble_is_unclear_and_asked_once(remote: Replicate, far: Far, status: int) -> None:
    fault = far.goes_wrong("*", status=status, times=9)
    with pytest.raises(RemoteUnclear, match=str(status)):
        await remote.account()
    assert fault.met == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422])
async def test_a_no_is_a_no_and_asked_once(remote: Replicate, far: Far, status: int) -> None:
    fault = far.goes_wrong("*", status=status, body={"detail": "Because."}, times=9)
    with pytest.raises(RemoteRefused) as refused:
        await remote.account()
    assert (refused.value.status, refused.value.detail, fault.met) == (status, "Because.", 1)


@pytest.mark.parametrize(
    ("told", "wait"),
    [("7", 7.0), ("86400", 60.0), ("0", 0.5), ("-1", 0.5), ("nan", 0.5), ("inf", 60.0), ("soon", 5.0), (None, 5.0)],
)
def test_a_later_is_believed_within_reason(told: str | None, wait: float) -> None:
    headers = {} if told is None else {"retry-after": told}
    error = problem(429, b'{"detail": "Slow down."}', headers)
    assert isinstance(error, RemoteThrottled)
    assert (error.retry_after, error.detail) == (wait, "Slow down.")


def test_a_refusal_of_settings_names_the_fields() -> None:
    body = b'{"title": "Wrong", "invalid_fields": [{"field": "input.steps", "description": "too many"}, 5]}'
    error = problem(422, body, {})
    assert isinstance(error, RemoteRefused)
    assert (error.detail, error.fields) == ("Wrong", (("steps", "too many"),))


async def test_a_lost_answer_is_unclear(remote: Replicate, far: Far) -> None:
    far.goes_wrong("POST *", lost=True, after_effect=True)
    with pytest.raises(RemoteUnclear) as error:
        await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)
    assert not isinstance(error.value, NotSentError)
    assert far.paid() == 1


@pytest.mark.parametrize("breakage", ["refuse", "tls"])
async def test_a_host_that_cannot_be_reached_was_not_asked(remote: Replicate, far: Far, breakage: str) -> None:
    far.internet.broken["api.replicate.com"] = breakage  # pyright: ignore[reportArgumentType] - one of its words
    with pytest.raises(NotSentError):
        await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)
    assert far.paid() == 0


async def test_no_error_carries_the_token(remote: Replicate, far: Far) -> None:
    for how in ({"status": 401, "body": {"detail": "no"}}, {"status": 500}, {"lost": True, "times": 2}):
        far.goes_wrong("*", **how)
        with pytest.raises((RemoteRefused, RemoteUnclear)) as error:
            await remote.account()
        assert TOKEN not in f"{error.value!r} {error.value} {error.value.__cause__!r}"


async def test_a_state_of_the_future_is_waited_out(remote: Replicate, far: Far) -> None:
    far.world.habits.status_word = "dreaming"
    run = await remote.create_prediction(SCHNELL, SEA, hold=1, cancel_after=60)
    assert run.state is RunState.PROCESSING
