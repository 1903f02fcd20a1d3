"""What could be better about pictures that are used: pure arithmetic on sizes and tiny grey thumbnails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.dataset.limits import Limits
from bot.dataset.report import Finding

WIDTH, HEIGHT = 17, 16  # of the grey thumbnail that is compared
_MOST_BITS = 12  # of 256 that may differ between two shots of one moment
_MOST_GREY = 8  # mean difference of 255; keeps apart what is flat and differs in brightness
_FEW = 10  # the trainer's own advice
_NARROW = 3
_WEAK = frozenset({"small", "narrow", "duplicate"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a picture once its pixels are gone."""

    width: int
    height: int
    animated: bool
    captioned: bool
    grey: bytes  # WIDTH x HEIGHT, row by row


def advise(seen: Sequence[Seen], limits: Limits) -> tuple[Finding, ...]:
    """Return the findings that apply, most useful first."""
    small = _numbers(min(s.width, s.height) < limits.min_side for s in seen)
    narrow = _numbers(max(s.width, s.height) > _NARROW * min(s.width, s.height) for s in seen)
    shrunk = _numbers(max(s.width, s.height) > limits.output_side for s in seen)
    animated = _numbers(s.animated for s in seen)
    found = [
        _few(len(seen)),
        *_duplicates(seen),
        _finding("small", small, side=limits.min_side),
        _finding("narrow", narrow),
        _finding("animated", animated),
        _captions(sum(s.captioned for s in seen), len(seen)),
        _finding("shrunk", shrunk, count=len(seen), side=limits.output_side),
    ]
    return tuple(finding for finding in found if finding is not None)


def weak(findings: Iterable[Finding]) -> frozenset[int]:
    """Return the numbers of the pictures that the set might be better without."""
    return frozenset(number for finding in findings if finding.code in _WEAK for number in finding.pictures)


def _numbers(flags: Iterable[bool]) -> tuple[int, ...]:
    return tuple(number for number, flag in enumerate(flags, 1) if flag)


def _finding(code: str, numbers: tuple[int, ...], **values: object) -> Finding | None:
    return Finding(code, numbers, values) if numbers else None


def _few(count: int) -> Finding | None:
    return Finding("few", values={"count": count}) if count < _FEW else None


def _captions(captioned: int, count: int) -> Finding | None:
    if captioned in {0, count}:
        return None
    return Finding("captions", values={"captioned": captioned, "count": count})


def _duplicates(seen: Sequence[Seen]) -> list[Finding]:
    """Return one finding for each group of pictures that look alike."""
    hashes = [_difference_hash(s.grey) for s in seen]
    groups: dict[int, list[int]] = {}
    for number, own in enumerate(hashes):
        for first, group in groups.items():
            if (own ^ hashes[first]).bit_count() <= _MOST_BITS and _alike(seen[number].grey, seen[first].grey):
                group.append(number + 1)
                break
        else:
            groups[number] = [number + 1]
    return [Finding("duplicate", tuple(group)) for group in groups.values() if len(group) > 1]


def _difference_hash(grey: bytes) -> int:
    bits = 0
    for row in range(0, WIDTH * HEIGHT, WIDTH):
        for column in range(row, row + WIDTH - 1):
            bits = bits << 1 | (grey[column] > grey[column + 1])
    return bits


def _alike(one: bytes, other: bytes) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) <= _MOST_GREY * len(one)
