"""Progress is read off a trainer's log, whatever else stands in it."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.replicate_api.progress import BAR, read_progress
from bot.replicate_api.runs import LONGEST_LOGS

REAL = "flux_train_replicate:  83%|████████▎ | 2482/3000 [43:27<09:04,  1.05s/it, lr: 4.0e-04 loss: 2.472e-01]"  # facts
LATENTS = "100%|██████████| 12/12 [00:03<00:00,  3.9it/s]\n"


def bar(step: int, total: int = 1000, left: str = "09:04", loss: str = "2.5e-01") -> str:
    done = f"flux_train_replicate: {100 * step // total:3d}%|██▎  | {step}/{total} "
    return f"{done}[43:27<{left},  1.05s/it, lr: 4.0e-04 loss: {loss}]\r"


def test_a_real_line_is_read() -> None:
    read = read_progress(f"Loading Flux model\n{LATENTS}{REAL}")
    assert (read.phase, read.step, read.total, read.seconds_left, read.losses) == (
        "Training",
        2482,
        3000,
        544.0,
        (0.2472,),
    )
    assert read.fraction == pytest.approx(0.827, abs=0.001)


@pytest.mark.parametrize(
    ("logs", "phase"),
    [
        ("", "Waiting for a machine"),
        ("Downloaded base weights in 4.2 seconds\n", "Unpacking the pictures"),
        ("Extracted 12 files from zip to input_images\n", "Unpacking the pictures"),
        ("Extracted 12 files\nCaption for input_images/a.jpg: a dog\n", "Describing the pictures"),
        (f"Caption for a.jpg: x\nLoading Flux model\n{LATENTS}", "Loading FLUX"),
    ],
)
def test_before_the_first_step_there_is_a_phase(logs: str, phase: str) -> None:
    assert read_progress(logs).phase == phase
    assert read_progress(logs).fraction == 0


def test_the_last_bar_counts_and_the_losses_are_thinned() -> None:
    read = read_progress("".join(bar(step, loss=f"{step}.0e+00") for step in range(1, 1001)))
    assert (read.step, read.losses[0]) == (1000, 1.0)
    assert len(read.losses) < 60


@pytest.mark.parametrize(
    ("left", "seconds"), [("09:04", 544.0), ("1:02:03", 3723.0), ("?", None), ("00:00", 0.0), ("²:³", None)]
)
def test_the_time_left_is_tqdms(left: str, seconds: float | None) -> None:
    assert read_progress(bar(5, left=left)).seconds_left == seconds


@pytest.mark.parametrize("loss", ["1e999", "--", ".", "nan"])
def test_a_loss_that_is_no_number_is_left_out(loss: str) -> None:
    assert read_progress(bar(5, loss=loss)).losses == ()


@given(st.text() | st.lists(st.from_regex(BAR, fullmatch=True), max_size=3).map("\r".join))
@example("flux_train_replicate: 1%|| " + "9" * 5000 + "/1 [1<1]")
@example("flux_train_replicate: 1%|| 1/1 [1<" + "9" * 400 + "]")
def test_any_log_is_read(logs: str) -> None:
    read = read_progress(logs)
    assert read.phase
    assert all(math.isfinite(loss) for loss in read.losses)
    assert read.seconds_left is None or math.isfinite(read.seconds_left)


@pytest.mark.parametrize(
    "unfinished", ["flux_train_replicate: 1%||1/1[", "flux_train_replicate: 1%||1/1[1<1,", "flux_train_replicate: 1%|"]
)
def test_a_log_of_bars_that_never_end_takes_a_time_that_grows_with_its_length_only(unfinished: str) -> None:
    """Each bar used to be searched for to the end of the log: for this one, half an hour."""
    assert read_progress(unfinished * (LONGEST_LOGS // len(unfinished))).phase
