"""The archive reader against archives that the project makes itself."""

import io
import random
import zipfile
import zlib

import pytest

from bot.dataset.archive import SENTENCES, Archive
from bot.dataset.limits import Limits
from bot.dataset.records import ArchiveRefused
from tests.hostile import PICTURE, SEED, Member, Sample, archive, hostile, mutated, picture, sound


def read(data: bytes, limits: Limits | None = None) -> Archive:
    return Archive(io.BytesIO(data), limits or Limits())


@pytest.mark.parametrize("sample", list(sound()), ids=str)
def test_sound_archives_are_read_whole(sample: Sample):
    opened = read(sample.data)
    contents = [opened.read(entry) for entry in opened.entries]
    assert PICTURE in contents or picture(0) in contents
    with zipfile.ZipFile(io.BytesIO(sample.data)) as reference:
        assert sorted(contents) == sorted(reference.read(info) for info in reference.infolist())


@pytest.mark.parametrize("sample", [s for s in hostile() if "no_images" not in s.codes], ids=str)
def test_hostile_archives_are_refused_for_the_right_reason(sample: Sample):
    with pytest.raises(ArchiveRefused) as caught:
        read(sample.data)
    assert caught.value.code in sample.codes
    assert SENTENCES[caught.value.code].endswith(".")


def test_hostile_archives_stay_hostile_to_zipfile():
    """Most of them would be read without complaint; if that changed, the generator would have become tame."""
    read_happily = 0
    for sample in hostile():
        try:
            with zipfile.ZipFile(io.BytesIO(sample.data)) as naive:
                for info in naive.infolist():
                    if info.file_size < 1 << 24:
                        naive.read(info)
            read_happily += 1
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
            continue
    assert read_happily > 40


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(archive_bytes=1000), "too_large"),
        (Limits(entries=2), "count"),
        (Limits(entry_bytes=100), "total"),
        (Limits(unpacked_bytes=len(PICTURE) * 2), "total"),
    ],
)
def test_each_limit_is_a_setting(limits: Limits, code: str):
    data = archive(*(Member(b"%d.png" % n, PICTURE) for n in range(3)))
    with pytest.raises(ArchiveRefused) as caught:
        read(data, limits)
    assert caught.value.code == code


def test_inflation_stops_at_the_declared_size():
    class Counting(io.BytesIO):
        total = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.total += len(data)
            return data

    lying = {"size": 1000}
    file = Counting(archive(Member(data=random.Random(SEED).randbytes(1 << 20), central=lying, local=lying)))
    size = file.getbuffer().nbytes
    with pytest.raises(ArchiveRefused, match="size"):
        Archive(file, Limits())
    assert file.total < size / 2  # the search for the end record, and one chunk of the bomb


def test_ten_thousand_mutations_end_in_a_known_reason():
    print(f"seed {SEED}")  # noqa: T201 - pytest shows it when this fails
    dice = random.Random(SEED)
    seeds = [s.data for s in (*sound(), *hostile()) if 30 < len(s.data) < 30_000]
    limits = Limits(entry_bytes=1 << 20, unpacked_bytes=1 << 21)
    codes: dict[str, int] = {}
    for _ in range(10_000):
        data = mutated(dice.choice(seeds), dice)
        try:
            read(data, limits)
            code = "accepted"
        except ArchiveRefused as refused:
            code = refused.code
        codes[code] = codes.get(code, 0) + 1
    assert codes.keys() - {"accepted"} <= SENTENCES.keys()
    assert len(codes) > 20, codes
