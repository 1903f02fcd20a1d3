"""A sound zip that is small and costs minutes to look at."""

import struct
import zlib

from tests.hostile import Member, archive


def pixel_bomb() -> bytes:
    """Return a zip of 100 KB with 160 pictures of 50 megapixels each."""
    picture = flat(8_000, 6_250)
    return archive(*(Member(b"%d.png" % n, picture) for n in range(160)))


def flat(width: int, height: int) -> bytes:
    """Return a picture of one colour and one bit a pixel, which the zip packs once more."""
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    header = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
