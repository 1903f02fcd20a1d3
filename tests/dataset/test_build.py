"""From uploads to the clean zip, the report and the contact sheet."""

import hashlib
import io
import json
import random
import zipfile

import pytest
from PIL import Image

from bot.dataset.limits import Limits
from bot.dataset.refusals import DatasetRefused
from bot.dataset.report import Report
from bot.domain import sentences
from tests.dataset.conftest import Bench
from tests.hostile import PICTURE, Member, Sample, archive, hostile, picture, sound


def contents(bench: Bench) -> dict[str, bytes]:
    with zipfile.ZipFile(bench.out) as clean:
        assert all(info.compress_type == zipfile.ZIP_STORED for info in clean.infolist())
        return {info.filename: clean.read(info) for info in clean.infolist()}


def photo(seed: int, size: tuple[int, int] = (400, 300), kind: str = "JPEG") -> bytes:
    image = Image.open(io.BytesIO(picture(seed, 300, "PNG"))).resize(size)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("sample", list(sound()), ids=str)
def test_sound_archives_become_training_sets(sample: Sample, bench: Bench):
    report = bench.build(bench.upload(sample.data))
    assert report.images >= sample.images
    assert len(contents(bench)) == report.images + report.captions


@pytest.mark.parametrize("sample", list(hostile()), ids=str)
def test_hostile_archives_are_refused_in_a_sentence(sample: Sample, bench: Bench):
    with pytest.raises(DatasetRefused) as caught:
        bench.build(bench.upload(sample.data))
    assert caught.value.code in sample.codes
    assert caught.value.text.endswith(".")


def test_a_members_folder_becomes_flat_names_with_captions_beside_their_pictures(bench: Bench):
    report = bench.build(
        bench.upload(
            archive(
                Member(b"set/"[:-1] + b"/img10.jpg", photo(10)),
                Member(b"set/img2.jpg", photo(2)),
                Member(b"set/img2.txt", "ZIKI, a\tfox\nin the\u202e snow\x07".encode()),
                Member(b"set/deep/img2.png", photo(3, kind="PNG")),
                Member(b"set/deep/IMG2.TXT", "a café".encode("utf-16")),
                Member(b"other/img2.webp", photo(4, kind="WEBP")),
                Member(b"other/img2.webp.txt", "naïve".encode("cp1252")),
                Member(b"set/img10.txt", b"  \n "),
                Member(b"__MACOSX/set/._img2.jpg", b"\0\5\x16\7"),
                Member(b"set/deep/.DS_Store", b"Bud1"),
                Member(b"lonely.txt", b"no picture"),
                Member(b"movie.mov", b"\0\0\0\x14ftypqt  "),
                Member(b"broken.jpg", photo(5)[:900]),
                Member(b"long.png", photo(6, kind="PNG")),
                Member(b"long.txt", b"x" * 70_000),
            )
        )
    )
    clean = contents(bench)
    assert [p.name for p in report.pictures] == ["long.png", *(f"{n}" for n in (
        "other/img2.webp", "set/deep/img2.png", "set/img2.jpg", "set/img10.jpg"))]  # fmt: skip
    assert [p.captioned for p in report.pictures] == [False, True, True, True, False]
    texts = {name: data.decode() for name, data in clean.items() if name.endswith(".txt")}
    assert texts == {"0002.txt": "naïve", "0003.txt": "a café", "0004.txt": "ZIKI, a fox in the snow"}
    assert sorted(clean.keys() - texts.keys()) == [f"000{n}.jpg" for n in range(1, 6)]
    assert {(item.name, item.code) for item in report.left_out} == {
        ("lonely.txt", "caption"), ("movie.mov", "not_image"), ("broken.jpg", "corrupt"), ("long.txt", "long_caption"),
    }  # fmt: skip
    assert (report.junk, report.images, report.captions) == (2, 5, 3)
    assert bench.sha256 == hashlib.sha256(bench.out.read_bytes()).hexdigest()


def test_captions_are_cut_at_the_limit(bench: Bench):
    upload = bench.upload(archive(Member(), Member(b"a.txt", b"word " * 1000)))
    bench.build(upload, limits=Limits(caption_characters=12))
    assert contents(bench)["0001.txt"] == b"word word wo"


def test_several_zips_and_loose_pictures_make_one_set(bench: Bench):
    report = bench.build(
        bench.upload(archive(Member(b"a.png", picture(1)), Member(b"a.txt", b"first")), "one.zip"),
        bench.upload(archive(Member(b"a.png", picture(2))), "two.zip"),
        bench.upload(picture(3, kind="JPEG"), "C:\\Users\\me\\IMG_1.JPG"),
        bench.upload(b"loose", "img_1.txt"),
        bench.upload(picture(4, kind="GIF"), "fun.gif"),
    )
    assert [p.name for p in report.pictures] == ["a.png", "a.png", "IMG_1.JPG"]
    texts = {name: data for name, data in contents(bench).items() if name.endswith(".txt")}
    assert texts == {"0001.txt": b"first", "0003.txt": b"loose"}
    assert [(item.name, item.code) for item in report.left_out] == [("fun.gif", "format")]


def test_one_bad_zip_of_several_is_named(bench: Bench):
    with pytest.raises(DatasetRefused, match=r"^b\.zip: The zip is cut short"):
        bench.build(bench.upload(archive(Member()), "a.zip"), bench.upload(archive(Member())[:500], "b.zip"))


def test_a_picture_called_zip_is_no_zip(bench: Bench):
    with pytest.raises(DatasetRefused, match="not a zip"):
        bench.build(bench.upload(PICTURE, "photos.ZIP"))


def test_nothing_usable_is_refused_with_the_first_reason(bench: Bench):
    with pytest.raises(DatasetRefused, match=r"fox\.gif: It is a GIF file") as caught:
        bench.build(bench.upload(archive(Member(b"fox.gif", picture(kind="GIF")))))
    assert (caught.value.code, [item.name for item in caught.value.left_out]) == ("no_images", ["fox.gif"])


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_pictures=2), "count"),
        (Limits(uploads=0), "count"),
        (Limits(archive_bytes=2_000), "too_large"),
        (Limits(entry_bytes=9_000), "total"),
        (Limits(floor_side=65), "no_images"),
        (Limits(pixels=4_000), "no_images"),
        (Limits(longest_side=63), "no_images"),
        (Limits(output_bytes=2_000), "no_images"),
    ],
)
def test_limits_are_settings(limits: Limits, code: str, bench: Bench):
    upload = bench.upload(archive(*(Member(b"%d.png" % n, picture(n)) for n in range(3))))
    with pytest.raises(DatasetRefused) as caught:
        bench.build(upload, limits=limits)
    assert caught.value.code == code


def test_the_clean_zip_stays_below_its_limit(bench: Bench):
    noise = random.Random(1)
    images = [Image.frombytes("RGB", (600, 600), noise.randbytes(600 * 600 * 3)) for _ in range(6)]
    members = list[Member]()
    for number, image in enumerate(images):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=95)
        members.append(Member(b"%d.jpg" % number, out.getvalue(), 0))
    report = bench.build(bench.upload(archive(*members)), limits=Limits(output_bytes=1_000_000))
    assert report.images == 6
    assert report.archive_bytes == bench.out.stat().st_size < 1_000_000


def test_the_same_pictures_give_the_same_bytes(bench: Bench):
    first, second = (archive(*members) for members in ([Member(), Member(b"b.png", picture(1))],) * 2)
    bench.build(bench.upload(first))
    once = bench.sha256
    bench.build(bench.upload(second))
    assert bench.sha256 == once


def test_advice_names_pictures_by_their_numbers(bench: Bench):
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    report = bench.build(
        bench.upload(
            archive(
                Member(b"1.jpg", photo(1)),
                Member(b"1.txt", b"a caption"),
                Member(b"2.jpg", photo(1, (410, 307))),
                Member(b"3.jpg", photo(3, (1200, 300))),
                Member(b"4.jpg", photo(4, (200, 400))),
                Member(b"5.jpg", photo(5, (2600, 1300))),
                Member(b"6.webp", moving.getvalue()),
            )
        )
    )
    found = {finding.code: finding.pictures for finding in report.findings}
    expected = {"few": (), "duplicate": (1, 2), "small": (4,), "narrow": (3,), "animated": (6,), "captions": ()}
    assert found == expected | {"shrunk": (5,)}
    texts = {finding.code: sentences.of(finding.advice) for finding in report.findings}
    assert texts["duplicate"] == "Pictures 1 and 2 look the same; one of them is enough."
    assert texts["small"].startswith("Picture 4 is under 256 pixels")
    assert texts["captions"].startswith("1 of 6 pictures")


def test_the_smallest_side_is_a_setting(bench: Bench):
    upload = bench.upload(archive(*(Member(b"%d.png" % n, picture(n)) for n in range(12))))
    assert [f.code for f in bench.build(upload, limits=Limits(min_side=64)).findings] == []
    assert [f.code for f in bench.build(upload, limits=Limits(min_side=65)).findings] == ["small"]


def test_a_report_survives_json(bench: Bench):
    report = bench.build(bench.upload(archive(Member(), Member(b"a.txt", b"hello"), Member(b"x.gif", b"GIF89a"))))
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_the_list_of_what_was_left_out_ends_somewhere(bench: Bench):
    report = bench.build(bench.upload(archive(Member(), *(Member(b"%d.md" % n, b"x") for n in range(250)))))
    assert (len(report.left_out), report.left_out_more) == (200, 50)


@pytest.mark.parametrize(("count", "size"), [(1, (264, 264)), (5, (1272, 264)), (10, (1272, 516)), (40, (1524, 1272))])
def test_the_contact_sheet_shows_up_to_thirty(count: int, size: tuple[int, int], bench: Bench):
    bench.build(bench.upload(archive(*(Member(b"%d.png" % n, picture(n)) for n in range(count)))))
    with Image.open(bench.sheet) as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", size)


def test_names_are_shown_inert(bench: Bench):
    name = "gnp.\u202egpj`@everyone [x](example.com).png"
    report = bench.build(
        bench.upload(archive(Member(name.encode(), flags=0x800), Member(b"d/" * 31 + b"x" * 90, picture(1))))
    )
    shown = [p.name for p in report.pictures]
    assert all(len(name) <= 60 for name in shown)
    assert "gnp.gpj'@everyone [x](example.com).png" in shown
