"""A hostile picture becomes clean RGB pixels, upright and sRGB, or a reason; nothing else of the file survives."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from PIL import AvifImagePlugin, Image, ImageCms, PngImagePlugin, WebPImagePlugin

from bot.dataset import formats, metadata
from bot.dataset.limits import Limits
from bot.domain import sentences
from bot.domain.notices import Notice

# Registered by hand, so that Pillow does not load every format it knows in order to find them.
_PLUGINS = (AvifImagePlugin, WebPImagePlugin)
PngImagePlugin.MAX_TEXT_CHUNK = metadata.LARGEST
# What decoding takes per pixel, measured with Pillow 13: WebP is held three times over, HEIC and AVIF twice.
_BYTES_PER_PIXEL = {formats.JPEG: 7, formats.PNG: 4, formats.WEBP: 15, formats.HEIF: 8, formats.AVIF: 8}
_ANIMATED = frozenset({formats.PNG, formats.WEBP, formats.AVIF})  # elsewhere a second picture is a thumbnail
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MOST_SCANS = 100  # a progressive JPEG has about ten; thousands over 50 megapixels would take minutes
_LARGE = 4 << 20  # pixels
_STRIP = 1 << 20  # pixels of a large picture that are flattened at a time, so that it exists once only
# What Pillow and its codecs raise on broken files, besides saying so with an OSError.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)


class PictureRefused(Exception):
    """One picture cannot be used; the text is a sentence for the member."""

    def __init__(self, code: str, **values: object) -> None:
        self.reason = Notice(code, values)
        super().__init__(sentences.of(self.reason))

    @property
    def code(self) -> str:
        """Give the stable word for it."""
        return self.reason.code


@dataclass(frozen=True, slots=True)
class Developed:
    """Clean pixels, with what there is to say of the file that they came from."""

    image: Image.Image
    width: int
    height: int
    animated: bool


def develop(data: bytes, limits: Limits, *, ground: str = "white") -> Developed:
    """Decode an untrusted picture to RGB: upright, sRGB, on a ground, first frame, no side above the output's.

    Raises PictureRefused. 16-bit grey is scaled, not clipped; CMYK goes through its profile.
    """
    kind = _kind(data)
    with _checked(data, kind, limits) as opened:
        width, height = opened.size
        with _broken("corrupt"):
            profile = opened.info.get("icc_profile")
            if kind == formats.JPEG:
                _draft(opened, limits.output_side)
            opened.load()
            if kind != formats.JPEG:  # a HEIC may turn out to be larger than it said; a drafted JPEG is smaller
                width, height = opened.size
                _check_size(width, height, limits)
            turn = _TURNS.get(_orientation(opened))
            flat = _flatten(opened, limits.output_side, ground)
            animated = kind in _ANIMATED and bool(getattr(opened, "is_animated", False))
    with _broken("corrupt"):
        image = _to_srgb(_fit(flat, limits.output_side), profile)
        image = image.transpose(turn) if turn is not None else image
    if turn is not None and turn.name in {"TRANSPOSE", "TRANSVERSE", "ROTATE_90", "ROTATE_270"}:
        width, height = height, width
    image.info = {}
    return Developed(image, width, height, animated)


def declared(data: bytes, limits: Limits) -> int:
    """Return how many pixels `develop` would decode, as the file says without being decoded; 0 if it would refuse."""
    try:
        with _checked(data, _kind(data), limits) as opened:
            return opened.width * opened.height
    except PictureRefused:
        return 0


def _kind(data: bytes) -> str:
    kind = formats.sniff(data[:512])
    if kind not in formats.TRAINABLE:
        raise PictureRefused("empty") if not data else PictureRefused("format" if kind else "not_image", kind=kind)
    if kind == formats.JPEG and metadata.scans(data, _MOST_SCANS) > _MOST_SCANS:
        raise PictureRefused("corrupt")
    return kind


@contextmanager
def _checked(data: bytes, kind: str, limits: Limits) -> Generator[Image.Image]:
    """Open a picture, of which nothing is decoded yet, if its size allows that."""
    with _broken("unreadable"):
        opened = _open(data, kind, limits)
    with opened:
        _check_size(*opened.size, limits)
        if opened.width * opened.height * _BYTES_PER_PIXEL[kind] > limits.decode_bytes:
            raise PictureRefused("memory")
        yield opened


@contextmanager
def _broken(code: str) -> Generator[None]:
    """Turn everything that a broken file makes Pillow raise into one refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, which is dropped anyway; sizes are checked by ourselves
            yield
    except MemoryError as error:
        raise PictureRefused("memory") from error
    except _BROKEN as error:
        raise PictureRefused(code) from error


def _open(data: bytes, kind: str, limits: Limits) -> Image.Image:
    if kind == formats.HEIF:
        import pillow_heif  # noqa: PLC0415 - takes 50 ms, and only iPhones' pictures need it

        cast("Any", pillow_heif).register_heif_opener(thumbnails=False)  # it has no types
    if kind == formats.PNG:
        data = metadata.without_large_texts(data)
    try:
        return Image.open(io.BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as error:  # Pillow's own limit is far above ours
        raise _too_many("hundreds of millions", limits) from error


def _too_many(size: str, limits: Limits) -> PictureRefused:
    return PictureRefused("pixels", size=size, most=limits.pixels // 1_000_000, side=limits.longest_side)


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.pixels or max(width, height) > limits.longest_side:
        raise _too_many(f"{width} × {height}", limits)
    if min(width, height) < limits.floor_side:
        raise PictureRefused("too_small", width=width, height=height, least=limits.floor_side)


def _draft(image: Image.Image, side: int) -> None:
    """Let the JPEG decoder shrink by 2, 4 or 8, but to no less than three quarters of the output's side."""
    share = side * 3 / 4 / max(image.size)
    if share < 1:
        image.draft(None, (max(1, int(image.width * share)), max(1, int(image.height * share))))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1  # damaged metadata is no reason to lose a picture


def _flatten(image: Image.Image, side: int, ground: str) -> Image.Image:
    """Return L, RGB or CMYK on a ground, in strips, halved or more where it is many times too large."""
    factor = max(1, max(image.size) // side)
    if factor == 1 and image.width * image.height <= _LARGE:
        return _flat(image, ground)
    rows = max(factor, _STRIP // image.width // factor * factor)
    strips = (
        _flat(image.crop((0, top, image.width, min(top + rows, image.height))), ground).reduce(factor)
        for top in range(0, image.height, rows)
    )
    first = next(strips)
    flat = Image.new(first.mode, (first.width, -(-image.height // factor)))
    flat.paste(first, (0, 0))
    for number, strip in enumerate(strips, 1):
        flat.paste(strip, (0, number * rows // factor))
    return flat


def _flat(image: Image.Image, ground: str) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        flat = Image.new("RGB", image.size, ground)
        flat.paste(coloured, mask=coloured.getchannel("A"))
        return flat
    return image.copy() if image.mode in {"L", "RGB", "CMYK"} else image.convert("L" if image.mode == "1" else "RGB")


def _fit(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    if longest <= side:
        return image
    size = (max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Convert by the picture's own profile; without one, or with a broken one, take the numbers as they are."""
    if isinstance(profile, bytes) and 0 < len(profile) <= metadata.LARGEST:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                srgb = cast("Any", ImageCms).createProfile("sRGB")  # Pillow has no type for it
                converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
                return converted if converted is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, *_BROKEN):
            pass
    return image.convert("RGB")


def encode(image: Image.Image, room: int) -> tuple[bytes, str]:
    """Return the picture's bytes and suffix in at most `room` bytes if any step of the ladder gets there.

    Drawings of few colours stay lossless as PNG, where JPEG would ring at every edge; photographs become JPEG, which
    is a tenth of a PNG and not to be told apart at quality 95 by a trainer that shrinks to 1024 anyway.
    """
    if image.getcolors(256) is not None:
        data = _save(image, "PNG", compress_level=3)  # the best level takes 8 s for a scan in black and white
        if len(data) <= room:
            return data, ".png"
    data = _save(image, "JPEG", quality=95)
    for side, quality in ((1536, 90), (1024, 90), (1024, 80), (768, 80), (512, 80)):
        if len(data) <= room:
            break
        data = _save(_fit(image, side), "JPEG", quality=quality)
    return data, ".jpg"


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
