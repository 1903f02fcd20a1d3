"""What lies around the pixels of a JPEG or PNG: walked piece by piece, so that no other data is taken for it."""

from __future__ import annotations

import re
import struct
import zlib

LARGEST = 4 << 20  # bytes of one text or profile of a PNG, unpacked; the largest colour profiles have 3 MiB
_ALL = 16 << 20  # bytes of all of them together, so that no file of small bombs costs more
# Markers with a length behind them, and the end; a stuffed byte, a restart or a filler within a scan is none.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_SCAN, _IMAGE_END = 0xDA, 0xD9
_PNG_HEAD = 8
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})


def scans(jpeg: bytes, most: int) -> int:
    """Count the scans of a JPEG's first picture, up to one more than `most`; what lies behind its end is no scan."""
    found, position = 0, 2
    while found <= most and (marker := _MARKER.search(jpeg, position)):
        kind = marker[1][0]
        if kind == _IMAGE_END:
            break
        found += kind == _SCAN
        length = int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")
        position = marker.end() + length
    return found


def without_large_texts(png: bytes) -> bytes:
    """Leave out texts and profiles above LARGEST, for which Pillow would refuse the whole picture."""
    position, left, kept, copied = _PNG_HEAD, _ALL, bytearray(), 0
    while position + 12 <= len(png):
        size, kind = struct.unpack_from(">I4s", png, position)
        end = position + 12 + size
        if kind in _TEXTS:
            unpacked = _unpacked(kind, png[position + 8 : end - 4], min(LARGEST, left))
            left = max(0, left - unpacked)
            if unpacked > LARGEST or not left:
                kept += png[copied:position]
                copied = end
        position = end
    return bytes(kept + png[copied:]) if copied else png


def _unpacked(kind: bytes, chunk: bytes, most: int) -> int:
    """Return the size of a text, unpacked no further than to one byte more than `most`."""
    _, _, rest = chunk.partition(b"\0")
    if kind == b"tEXt" or (kind == b"iTXt" and rest[:1] == b"\0"):
        return len(chunk)
    packed = rest[2:].split(b"\0", 2)[-1] if kind == b"iTXt" else rest[1:]
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1))
    except zlib.error:
        return len(chunk)  # Pillow says what it thinks of it
