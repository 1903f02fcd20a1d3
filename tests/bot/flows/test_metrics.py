"""What an operator draws is what happened: every figure is counted, once, at its place."""

import asyncio
from collections import Counter

import pytest
from prometheus_client import REGISTRY

from bot import metrics
from bot.domain.entities import JobState
from bot.flows.generation import GenerationKind
from bot.replicate_api.counting import route
from bot.studio.requests import CompareRequest, ImagineRequest
from tests.bot.app import App
from tests.bot.conftest import Far
from tests.bot.things import ANNA

SEA = ImagineRequest(prompt="a quiet sea", count=2)


def figures(name: str) -> Counter[tuple[str, ...]]:
    """Read a counter, by its labels."""
    found: Counter[tuple[str, ...]] = Counter()
    for family in REGISTRY.collect():
        for sample in family.samples:
            if sample.name == name:
                found[tuple(sample.labels.values())] = round(sample.value * 1_000_000)
    return found


class Since:
    """The figures of one test: other tests of the process have theirs."""

    def __init__(self) -> None:
        self._before = {name: figures(name) for name in ("atelier_jobs_total", "atelier_spent_dollars_total")}
        self._before["atelier_replicate_requests_total"] = figures("atelier_replicate_requests_total")

    def of(self, name: str) -> dict[tuple[str, ...], int]:
        """Give what was counted since, in millionths."""
        return {key: number for key, number in (figures(name) - self._before[name]).items() if number}

    @property
    def jobs(self) -> dict[tuple[str, ...], int]:
        return {key: number // 1_000_000 for key, number in self.of("atelier_jobs_total").items()}

    @property
    def requests(self) -> dict[tuple[str, ...], int]:
        return {key: number // 1_000_000 for key, number in self.of("atelier_replicate_requests_total").items()}


@pytest.fixture
def since() -> Since:
    return Since()


async def paints(app: App, job_id: str, request: ImagineRequest = SEA) -> None:
    wish = await app.studio.generations.imagine(ANNA, job_id, request)
    await app.studio.generations.run(wish, 42)
    await app.told(job_id)


async def test_jobs_and_their_money_are_counted_when_they_are_over(app: App, far: Far, since: Since) -> None:
    await paints(app, "g1")
    far.world.habits.fail_with = "E1001"
    await paints(app, "g2")
    assert since.jobs == {("generation", "succeeded"): 1, ("generation", "failed"): 1}
    assert since.of("atelier_spent_dollars_total") == {("generation",): far.world.billed}
    assert (await app.studio.spending.allowance(ANNA)).member_spent == far.world.billed


async def test_a_flow_that_runs_again_counts_nothing_again(app: App, since: Since) -> None:
    app.announcer.trouble = [OSError("the line is dead")]
    await paints(app, "g1")
    kind = app.flows["generate"]
    assert isinstance(kind, GenerationKind)
    await kind.end(await app.store.generations.get("g1"), JobState.FAILED, 5)
    assert since.jobs == {("generation", "succeeded"): 1}
    assert since.of("atelier_spent_dollars_total") == {("generation",): 6_000}


async def test_the_pictures_of_a_sheet_are_charged_for_with_it(app: App, far: Far, since: Since) -> None:
    sheet = CompareRequest(prompt="a quiet sea", models=("schnell", "dev"))
    batch = await app.studio.comparisons.prepare(ANNA, "c1", sheet)
    await app.studio.batches.paint(ANNA, batch.id)
    await app.told("c1")
    assert since.jobs == {("generation", "succeeded"): 2, ("comparison", "succeeded"): 1}
    assert since.of("atelier_spent_dollars_total") == {("comparison",): far.world.billed}


async def test_every_request_to_replicate_is_counted_by_its_route_and_answer(app: App, far: Far, since: Since) -> None:
    far.goes_wrong("GET /v1/predictions", status=500)
    far.goes_wrong("POST /v1/models/*/predictions", lost=True)
    await paints(app, "g1")
    seen = Counter((route(one.method, one.path), str(one.status)) for one in far.world.exchanges)
    create = "POST /v1/models/*/*/predictions"
    seen[create, "none"] = seen.pop((create, "500"))  # what was said, and never arrived
    assert seen["GET /v1/predictions", "500"] == 1
    assert since.requests == seen


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/predictions", "/v1/predictions"),
        ("/v1/predictions/rm3r0vpm5srm80cm2x7bpsx8wc/cancel", "/v1/predictions/*/cancel"),
        ("/v1/models/anna/boats/versions/26dce37a/trainings", "/v1/models/*/*/versions/*/trainings"),
        ("/v1/webhooks/default/secret", "/v1/webhooks/default/secret"),
        ("/elsewhere/v1/predictions", "/v1/*/*/*/predictions"),
    ],
)
def test_a_route_names_no_single_thing(path: str, name: str) -> None:
    assert route("GET", path) == f"GET {name}"


async def test_the_lag_of_the_loop_is_measured() -> None:
    before = REGISTRY.get_sample_value("atelier_loop_lag_seconds_count") or 0
    watch = asyncio.create_task(metrics.watch_loop())
    while not (REGISTRY.get_sample_value("atelier_loop_lag_seconds_count") or 0) > before:  # noqa: ASYNC110 - a figure tells nobody
        await asyncio.sleep(metrics.PULSE)
    watch.cancel()
    assert (REGISTRY.get_sample_value("atelier_loop_lag_worst_seconds") or 0) > 0


def test_every_figure_is_on_the_page() -> None:
    page = metrics.page().decode()
    for name in ("jobs_total", "spent_dollars_total", "replicate_requests_total", "webhooks_total", "loop_lag_seconds"):
        assert f"# HELP atelier_{name} " in page
