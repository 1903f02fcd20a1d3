"""Pictures, made here, that are odd, broken or say too much."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from bot.dataset.images import PictureRefused, develop, encode
from bot.dataset.limits import Limits
from bot.domain.sentences import photos
from tests.hostile import PICTURE, SEED, mutated, picture

LIMITS = Limits()
SECRET = b"48.8583N 2.2945E Mallory"


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def halves(mode: str, left: Any, right: Any, size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Two colours side by side, so that turning and mirroring can be seen."""
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is and holds next to nothing."""
    chunks = [b"IHDR" + struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(99))]
    framed = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def corner(data: bytes) -> tuple[int, int, int]:
    value = develop(data, LIMITS).image.getpixel((2, 2))
    assert isinstance(value, tuple)
    red, green, blue = value
    return int(red), int(green), int(blue)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {}),
        ("HEIF", {}),
    ],
)
def test_what_people_photograph_with_is_taken(kind: str, options: dict[str, Any]):
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    developed = develop(picture(side=64, kind=kind, **options), LIMITS)
    assert (developed.image.mode, developed.image.size) == ("RGB", (64, 64))
    assert not developed.animated


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (halves("L", 80, 200), (80, 80, 80)),
        (halves("1", 1, 0), (255, 255, 255)),
        (halves("RGBA", (255, 0, 0, 0), (0, 0, 0, 255)), (255, 255, 255)),
        (halves("LA", (0, 128), (0, 255)), (127, 127, 127)),
        (halves("I;16", 0x1234, 0xFFFF), (0x12, 0x12, 0x12)),
        (halves("RGB", (10, 20, 30), (0, 0, 0)).quantize(4), (10, 20, 30)),
    ],
    ids=["grey", "one bit", "transparent", "grey with alpha", "16-bit grey", "palette"],
)
def test_every_mode_becomes_rgb_on_white(image: Image.Image, expected: tuple[int, int, int]):
    assert corner(saved(image)) == expected


def test_large_pictures_become_rgb_strip_by_strip():
    image = halves("RGBA", (0, 128, 0, 255), (0, 0, 0, 0), (5000, 4100))
    developed = develop(saved(image, compress_level=1), LIMITS)
    assert developed.image.size == (2048, 1679)
    assert (developed.width, developed.height) == (5000, 4100)
    rows = [[developed.image.getpixel((x, y)) for x in (5, 1000, 1050, 2040)] for y in range(1679)]
    assert rows == [[(0, 128, 0)] * 2 + [(255, 255, 255)] * 2] * 1679


def test_cmyk_becomes_rgb():
    red, green, blue = corner(saved(halves("CMYK", (0, 255, 255, 0), (0, 0, 0, 0)), "JPEG", quality=100))
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_upright(orientation: int, kind: str):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (80, 40), "white")
    image.paste("black", (0, 0, 30, 30))  # in the corner that orientation moves
    developed = develop(saved(image, kind, exif=exif), LIMITS)
    assert developed.image.size == (developed.width, developed.height) == ((80, 40) if orientation < 5 else (40, 80))
    right, bottom = developed.width - 5, developed.height - 5
    corners = [(5, 5), (right, 5), (right, bottom), (5, bottom)]
    dark = [n for n, place in enumerate(corners) if developed.image.convert("L").getpixel(place) < 90]  # type: ignore[operator]
    assert dark == [{1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]]


def test_colours_follow_their_profile_and_the_profile_goes():
    swapped = ImageCms.ImageCmsProfile(io.BytesIO(_profile_with_red_and_blue_swapped()))
    data = saved(halves("RGB", (250, 10, 10), (0, 0, 0)), icc_profile=swapped.tobytes())
    red, _, blue = corner(data)
    assert blue > 200
    assert red < 100


def _profile_with_red_and_blue_swapped() -> bytes:
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())  # type: ignore[no-untyped-call]
    for start in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12):
        swap = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
        data[start : start + 4] = swap.get(bytes(data[start : start + 4]), data[start : start + 4])
    return bytes(data).replace("sRGB".encode("utf-16-be"), "xxxx".encode("utf-16-be"))


def test_a_broken_profile_is_ignored():
    assert corner(saved(halves("RGB", (10, 20, 30), (0, 0, 0)), icc_profile=b"no profile" * 20)) == (10, 20, 30)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_of_animations_the_first_frame_is_used_and_said(kind: str):
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    developed = develop(saved(frames[0], kind, save_all=True, append_images=frames[1:]), LIMITS)
    assert developed.animated
    pixel = developed.image.getpixel((30, 30))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200


def test_a_phones_second_picture_is_no_animation():
    image = Image.new("RGB", (64, 64), "red")
    developed = develop(saved(image, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))]), LIMITS)
    assert not developed.animated


def test_nothing_of_the_file_but_its_pixels_survives():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    noisy = Image.open(io.BytesIO(PICTURE))
    files = [
        saved(noisy, "JPEG", exif=exif, comment=SECRET, xmp=SECRET) + SECRET,
        saved(noisy, "PNG", exif=exif, pnginfo=text, icc_profile=SECRET * 9) + SECRET,
        saved(noisy, "WEBP", exif=exif, xmp=SECRET, icc_profile=SECRET * 9) + SECRET,
        saved(halves("RGB", "red", "blue"), "PNG", exif=exif, pnginfo=text),
    ]
    for data in files:
        clean, suffix = encode(develop(data, LIMITS).image, 1 << 20)
        assert SECRET not in clean
        with Image.open(io.BytesIO(clean)) as reopened:
            assert reopened.format == {".jpg": "JPEG", ".png": "PNG"}[suffix]
            assert not reopened.getexif()
            assert reopened.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_drawings_stay_lossless_and_photographs_become_jpeg():
    drawing = halves("RGB", "red", "blue")
    data, suffix = encode(drawing, 1 << 20)
    assert suffix == ".png"
    assert Image.open(io.BytesIO(data)).tobytes() == drawing.tobytes()
    assert encode(develop(PICTURE, LIMITS).image, 1 << 20)[1] == ".jpg"


def test_encoding_gives_way_to_the_room_there_is():
    noise = Image.frombytes("RGB", (1600, 1600), random.Random(SEED).randbytes(1600 * 1600 * 3))
    large, small = (len(encode(noise, room)[0]) for room in (1 << 30, 400_000))
    assert small <= 400_000 < large


def scanned(scans: int) -> bytes:
    """Return a progressive JPEG whose last scan comes as often as wanted, as in a file made to take minutes."""
    whole = picture(kind="JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + whole[-2:]


BAD = {
    "nothing": ("empty", b""),
    "web page": ("not_image", b"<html>404</html>"),
    "PostScript": ("format", b"%!PS-Adobe-3.0 EPSF-3.0\n"),
    "SVG": ("format", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "GIF": ("format", picture(kind="GIF")),
    "BMP": ("format", picture(kind="BMP")),
    "TIFF": ("format", picture(kind="TIFF")),
    "PNG cut": ("corrupt", PICTURE[:1000]),
    "JPEG cut": ("corrupt", picture(kind="JPEG")[:-200]),
    "PNG with a wrong byte": ("corrupt", PICTURE[:60] + b"?" + PICTURE[61:]),
    "JPEG of three bytes": ("unreadable", b"\xff\xd8\xff"),
    "HEIC without pictures": ("unreadable", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    "AVIF without pictures": ("unreadable", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"),
    "JPEG of endless scans": ("corrupt", scanned(200)),
    "one pixel": ("too_small", saved(Image.new("RGB", (1, 1)))),
    "a line": ("too_small", bomb(5000, 5)),
    "a long line": ("pixels", bomb(1_000_000, 1)),
    "a long side": ("pixels", bomb(12_001, 9)),
    "60.8 megapixels": ("pixels", bomb(7800, 7800)),
    "just under Pillow's limit": ("pixels", bomb(9459, 9459)),
    "over Pillow's limit": ("pixels", bomb(20_000, 20_000)),
    "over every limit": ("pixels", bomb(2**31 - 1, 2**31 - 1)),
}


@pytest.mark.parametrize(
    "behind", [b"\xff\xda" * 200, random.Random(SEED).randbytes(8 << 20)], ids=["scans", "a video"]
)
def test_what_lies_behind_a_photo_is_no_part_of_it(behind: bytes):
    assert develop(picture(kind="JPEG") + behind, LIMITS).image.size == (64, 64)


def test_what_looks_like_scans_in_a_photos_metadata_is_none():
    comment = b"\xff\xda" * 200
    assert develop(picture(kind="JPEG", comment=comment), LIMITS).image.size == (64, 64)


def test_a_photo_of_fifty_megapixels_is_used():
    data = saved(Image.new("L", (8160, 6144)), "JPEG")
    assert (developed := develop(data, LIMITS)).width * developed.height == 8160 * 6144


@pytest.mark.parametrize("size", [2 << 20, 9 << 20, 70 << 20])
@pytest.mark.parametrize("where", ["zTXt", "iTXt", "packed iTXt", "iCCP"])
def test_a_picture_is_used_however_much_its_metadata_says(where: str, size: int):
    text, options = PngImagePlugin.PngInfo(), dict[str, Any]()
    if where == "iCCP":
        options["icc_profile"] = bytes(size)
    elif where == "zTXt":
        text.add_text("Comment", "x" * size, zip=True)
    else:
        text.add_itxt("XML:com.adobe.xmp", "x" * size, zip=where == "packed iTXt")
    data = saved(Image.new("RGB", (64, 64), "red"), pnginfo=text, **options)
    assert corner(data) == (255, 0, 0)


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_used_is_refused_with_a_sentence(what: str):
    code, data = BAD[what]
    with pytest.raises(PictureRefused) as caught:
        develop(data, LIMITS)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_what_the_decoder_would_need_is_a_limit():
    with pytest.raises(PictureRefused, match="memory"):
        develop(picture(kind="WEBP"), Limits(decode_bytes=10_000))


def test_thousands_of_mutated_pictures_end_in_a_known_reason():
    print(f"seed {SEED}")  # noqa: T201 - pytest shows it when this fails
    pytest.importorskip("pillow_heif").register_heif_opener()
    dice = random.Random(SEED)
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds = [picture(n, 48, kind) for n, kind in enumerate(("PNG", "JPEG", "WEBP", "AVIF", "HEIF"))]
    seeds += [
        picture(5, 48, "JPEG", progressive=True, exif=exif),
        saved(halves("I;16", 1, 2)),
        saved(halves("P", 1, 2)),
    ]
    codes: dict[str, int] = {}
    for _ in range(4_000):
        data = mutated(dice.choice(seeds), dice)
        try:
            image = develop(data, Limits(pixels=1_000_000)).image
            code = encode(image, 1 << 20)[1]
        except PictureRefused as refused:
            code = refused.code
        codes[code] = codes.get(code, 0) + 1
    assert codes.keys() <= photos.SENTENCES.keys() | {".jpg", ".png"}
    assert len(codes) > 5, codes
