"""What a file is by its first bytes; its extension proves nothing. Imports nothing heavy."""

from __future__ import annotations

import re

JPEG, PNG, WEBP, HEIF, AVIF = "JPEG", "PNG", "WEBP", "HEIF", "AVIF"
TRAINABLE = frozenset({JPEG, PNG, WEBP, HEIF, AVIF})
_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),  # and most cameras' raw files
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "PSD"),
    (b"%!PS", "EPS"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
)
_PICTURE_SUFFIXES = re.compile(r"\.(jpe?g|jpe|jfif|a?png|webp|hei[cf]|hif|avif|gif|bmp|tiff?|jp2|jxl|dng|mpo)$", re.I)


def sniff(head: bytes) -> str | None:
    """Return the picture format that these first bytes announce, trainable or not."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return _brand(head) if head[4:8] == b"ftyp" else None


def _brand(head: bytes) -> str | None:
    """Tell HEIC from AVIF, which share a container, by the brands that it lists."""
    size = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[at : at + 4] for at in (8, *range(16, size, 4))}
    if brands & {b"avif", b"avis"}:
        return AVIF
    return HEIF if brands & {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"} else None


def looks_like_picture(name: str) -> bool:
    """Tell whether a file is called like a picture, whatever it is."""
    return _PICTURE_SUFFIXES.search(name) is not None
