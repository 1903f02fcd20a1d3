"""The small parts of messages."""

from hypothesis import given
from hypothesis import strategies as st

from cogs.layouts.parts import bar, sparkline


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bar_has_always_the_same_length(fraction: float):
    assert len(bar(fraction)) == 20


@given(st.lists(st.floats(width=32), max_size=300))
def test_a_sparkline_takes_any_losses(losses: list[float]):
    assert len(sparkline(losses)) <= 24


def test_a_sparkline_falls_with_the_loss():
    assert sparkline([3, 2, 1]) == "█▅▁"
    assert sparkline([1, 1]) == "▁▁"
    assert sparkline([]) == sparkline([float("nan"), float("inf")]) == ""
