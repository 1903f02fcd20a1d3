"""What was found in an upload of photos, in sentences: of a file that is left out, or of pictures by their numbers."""

from collections.abc import Callable, Mapping, Sequence

LISTED = 12  # pictures that are named by their numbers


def listed(numbers: Sequence[int]) -> str:
    """Name pictures by their numbers: "Picture 3", "Pictures 3, 5 and 9", "Pictures 1, 2, 3 and 40 more"."""
    if len(numbers) == 1:
        return f"Picture {numbers[0]}"
    shown = [str(number) for number in numbers[:LISTED]]
    last = f"{len(numbers) - LISTED} more" if len(numbers) > LISTED else shown.pop()
    return f"Pictures {', '.join(shown)} and {last}"


def _are(numbers: Sequence[int]) -> str:
    return f"{listed(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _few(count: int, **_: object) -> str:
    noun = "1 picture is" if count == 1 else f"{count} pictures are"
    return f"{noun} few; 10 to 30 different ones train best."


def _small(pictures: Sequence[int], side: int) -> str:
    return f"{_are(pictures)} under {side} pixels; the fine-tune may become soft."


def _narrow(pictures: Sequence[int]) -> str:
    return f"{_are(pictures)} over three times as long as wide; the trainer cuts the ends off."


def _animated(pictures: Sequence[int]) -> str:
    return f"{_are(pictures)} animated; the first frame is used."


def _duplicate(pictures: Sequence[int]) -> str:
    return f"{listed(pictures)} look the same; one of them is enough."


def _captions(captioned: int, count: int, **_: object) -> str:
    return f"{captioned} of {count} pictures have a caption; autocaption can write the others."


def _shrunk(pictures: Sequence[int], count: int, side: int) -> str:
    which = "All pictures are" if 1 < len(pictures) == count else f"{len(pictures)} of {count} pictures are"
    return f"{which} shrunk to {side:,} pixels; the trainer looks at 1,024."


SENTENCES: Mapping[str, Callable[..., str]] = {
    # Files that are left out
    "empty": "The file is empty.".format,
    "format": "It is a {kind} file; save it as JPEG, PNG or WebP.".format,
    "not_image": "It is not a picture.".format,
    "unreadable": "It cannot be read as a picture; save it again.".format,
    "corrupt": "It is damaged or cut short; save it again.".format,
    "pixels": "It has too many pixels ({size}); the most is {most} megapixels and {side:,} a side.".format,
    "too_small": (
        "It is too small ({width} × {height}); the least is {least} pixels a side, and 1,024 suits best."
    ).format,
    "memory": "It needs too much memory to be opened; save it as a JPEG of 2048 pixels.".format,
    "full": "The training set is full; fewer pictures train as well.".format,
    "caption": "There is no picture of that name beside it.".format,
    "long_caption": "It is too long for a caption.".format,
    # Pictures that are used
    "few": _few,
    "duplicate": _duplicate,
    "small": _small,
    "narrow": _narrow,
    "animated": _animated,
    "captions": _captions,
    "shrunk": _shrunk,
}
