"""Whatever Replicate says, it is read as a run or as none, and never ends in a traceback."""

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replicate_api.runs import IDENTITY, LONGEST_ERROR, LONGEST_LOGS, MOST_OUTPUTS, Run, RunState, read_run
from bot.replicate_api.wire import problem

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
TIMES = st.datetimes(timezones=st.timezones()).map(lambda t: t.isoformat()) | st.text("0123456789-T:.Z+", max_size=40)
KEYS = (
    "status",
    "model",
    "version",
    "error",
    "logs",
    "input",
    "destination",
    "data_removed",
    "output",
    "metrics",
    "urls",
)
RUNS = st.fixed_dictionaries(
    {"id": st.from_regex(IDENTITY, fullmatch=True)}, optional={**dict.fromkeys(KEYS, JSON), "created_at": TIMES | JSON}
)


@given(JSON)
def test_anything_is_a_run_or_none(raw: Any) -> None:
    assert isinstance(read_run(raw), Run | None)


@given(RUNS)
def test_whatever_has_an_id_is_a_run(raw: dict[str, Any]) -> None:
    run = read_run(raw)
    assert run is not None
    assert run.id == raw["id"]
    assert all(isinstance(url, str) for url in run.outputs)
    assert run.seconds is None or 0 <= run.seconds < 1e7
    assert run.web is None or run.web.startswith("https://replicate.com/")
    assert run.trained is None or run.trained.count("/") == 1
    for text in (run.error, run.logs, run.model, run.version, *run.outputs):
        text.encode()  # halves of characters would break whatever keeps or shows them


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.integers(400, 599))
def test_any_bad_answer_is_an_error_of_ours(body: bytes, status: int) -> None:
    assert str(status) in str(problem(status, body, {})) or status == 429


@pytest.mark.parametrize("word", list(RunState))
def test_every_state_has_its_word(word: RunState) -> None:
    run = read_run({"id": "r", "status": word.value})
    assert run is not None
    assert run.state is word
    assert word.is_over == (word not in ("starting", "processing"))


@pytest.mark.parametrize(
    ("output", "outputs"),
    [
        ("https://a", ("https://a",)),
        (["https://a", None, 3, "https://b"], ("https://a", "https://b")),
        (None, ()),
        (7, ()),
    ],
)
def test_an_output_has_four_shapes(output: object, outputs: tuple[str, ...]) -> None:
    run = read_run({"id": "r", "output": output})
    assert run is not None
    assert run.outputs == outputs


@pytest.mark.parametrize(
    ("version", "trained"),
    [("o/n:abc", "o/n:abc"), ("o/n", None), ("abc", None), ("o/n:", None), ("a/b/c:d", None), (5, None), (None, None)],
)
def test_a_training_made_a_version_only_when_it_says_so_in_full(version: object, trained: str | None) -> None:
    run = read_run({"id": "r", "output": {"weights": "https://w", "version": version}})
    assert run is not None
    assert run.trained == trained


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-07T08:09:10.123Z",
        "2026-10-07T08:09:10.123456Z",
        "2026-10-07T08:09:10.123456789Z",
        "2026-10-07T08:09:10Z",
    ],
)
def test_times_have_up_to_nine_digits(written: str) -> None:
    run = read_run({"id": "r", "created_at": written})
    whole = datetime.datetime(2026, 10, 7, 8, 9, 10, tzinfo=datetime.UTC).timestamp()
    assert run is not None
    assert whole <= run.created_at < whole + 0.1235


@pytest.mark.parametrize(
    "identity",
    ["../../v1/account?x=", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "x" * 65, "ümlaut", "\ud800", "", 5, None],
)
def test_an_id_that_would_lead_elsewhere_is_none(identity: object) -> None:
    assert read_run({"id": identity, "status": "succeeded"}) is None


def test_what_a_run_tells_is_cut_to_what_anybody_reads() -> None:
    told = {"id": "r", "error": "e" * 9_000_000, "logs": "old" + "l" * LONGEST_LOGS, "output": ["x"] * 1_000_000}
    run = read_run(told | {"model": "m" * 10**6, "output": ["x"] * 1_000_000})
    assert run is not None
    assert (len(run.error), len(run.logs), len(run.outputs)) == (LONGEST_ERROR, LONGEST_LOGS, MOST_OUTPUTS)
    assert "old" not in run.logs
    assert len(run.model) < 1000


@pytest.mark.parametrize(
    "web", ["https://evil.example/p/r", "https://replicate.com.evil.example/p/r", "javascript:x", 5]
)
def test_a_page_that_is_not_replicates_is_not_shown_to_members(web: object) -> None:
    run = read_run({"id": "r", "urls": {"web": web}})
    assert run is not None
    assert run.web == "https://replicate.com/p/r"


@pytest.mark.parametrize(
    ("state", "seconds"), [("failed", 90.5), ("canceled", 90.5), ("succeeded", None), ("aborted", None)]
)
def test_a_run_that_failed_unmeasured_took_the_time_between_its_beginning_and_its_end(
    state: str, seconds: float | None
) -> None:
    times = {"started_at": "2026-11-27T00:00:00.5Z", "completed_at": "2026-11-27T00:01:31.000000001Z"}
    run = read_run({"id": "a" * 26, "status": state, "metrics": {}, **times})
    assert run is not None
    assert run.seconds == seconds
    measured = read_run({"id": "a" * 26, "status": state, "metrics": {"predict_time": 3e-06}, **times})
    assert measured is not None
    assert measured.seconds == 3e-06
