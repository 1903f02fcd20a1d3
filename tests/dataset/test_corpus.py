"""Every archive and picture of the corpus beside the repository ends as its index says."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.dataset.images import PictureRefused, develop, encode
from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused
from bot.dataset.workshop import Upload, Workshop
from tests.dataset.conftest import Bench
from tests.shared import shared

PLANTED = (
    b"Exif\0",
    b"http://ns.adobe.com",
    b"ICC_PROFILE",
    b"eXIf",
    b"iCCP",
    b"tEXt",
    b"iTXt",
    b"zTXt",
    b"GPS",
    b"<x:xmpmeta",
)


def index(kind: str) -> list[dict[str, Any]]:
    return json.loads(shared(f"corpus/{kind}/INDEX.json").read_text("utf-8"))


def verdict(bench: Bench, path: Path) -> tuple[str, str, int]:
    try:
        report = bench.build(Upload(path, "set.zip"))
    except DatasetRefused as refused:
        return "reject", refused.code, 0
    return "accept", "", report.images


def test_every_archive_ends_as_expected(bench: Bench):
    wrong = list[str]()
    for row in index("zips"):
        got, code, images = verdict(bench, shared(f"corpus/zips/{row['file']}"))
        expected = row["expect"]
        right = {
            "accept": got == "accept" and images == row["images"],
            "reject": got == "reject" and code in row["code"].split("|"),
            "either": got == "accept" or code in row["code"].split("|"),
        }[expected]
        if not right:
            wrong.append(f"{row['file']}: expected {expected} {row['code']}, got {got} {code} {images}")
    assert wrong == []


def test_no_sound_container_by_a_real_archiver_is_refused(bench: Bench):
    for row in index("zips"):
        if row["container"] == "ok" and row["code"] in {"", "no_images"}:
            _, code, _ = verdict(bench, shared(f"corpus/zips/{row['file']}"))
            assert code in {"", "no_images"}, row["file"]


def test_every_picture_ends_as_expected_and_comes_out_clean():
    wrong = list[str]()
    for row in index("images"):
        try:
            developed = develop(shared(f"corpus/images/{row['file']}").read_bytes(), Limits())
        except PictureRefused:
            got = "reject"
        else:
            got = "accept"
            clean, _ = encode(developed.image, 1 << 30)
            wrong += [f"{row['file']} leaks {word!r}" for word in PLANTED if word in clean]
        expected = row["expect"]
        # "reject: ... (if a minimum side is set)": ours is a warning, so both are right.
        both = not expected.startswith(("accept", "reject")) or " or " in expected or "(if " in expected
        if not both and not expected.startswith(got):
            wrong.append(f"{row['file']}: expected {expected}, got {got}")
    assert wrong == []


def test_small_pictures_are_refused_where_the_operator_sets_a_smallest_side():
    limits = replace(Limits(), floor_side=128)
    for row in index("images"):
        if "if a minimum side is set" in row["expect"]:
            with pytest.raises(PictureRefused, match="too small"):
                develop(shared(f"corpus/images/{row['file']}").read_bytes(), limits)


@pytest.mark.parametrize(
    ("file", "codes"),
    [
        ("gen/good_unicode.zip", set[str]()),
        ("gen/good_1000_images.zip", set[str]()),
        ("gen/bomb_100k_entries.zip", {"count"}),
        ("gen/bomb_ratio_1030.zip", {"ratio", "total"}),
        ("gen/bomb_overlap_alias.zip", {"overlap", "dup", "ratio"}),
        ("gen/is_7z.zip", {"notzip"}),
    ],
)
async def test_the_child_process_judges_alike_in_little_memory(file: str, codes: set[str], bench: Bench):
    workshop = Workshop(Limits(memory=256 << 20))
    try:
        await workshop.prepare([Upload(shared(f"corpus/zips/{file}"), "set.zip")], bench.out)
        code = set[str]()
    except DatasetRefused as refused:
        code = {refused.code}
    assert code <= codes
    assert bool(code) == bool(codes)
