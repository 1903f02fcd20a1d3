"""A hostile zip becomes checked entries or a reason: pure, linear in the file's size, and it never opens a path.

Python's zipfile is no help here: what it accepts depends on its version, and on many it reads overlapping bombs,
prefixes and headers that disagree. Here every byte of the file belongs to exactly one record or entry.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bot.dataset import names, records
from bot.dataset.limits import MIB, Limits
from bot.dataset.records import ArchiveRefused, Central, Local

STORED, DEFLATED = 0, 8
_CHUNK = 1 << 16
_HEAD = 512  # enough to know any format by its first bytes
_STREAMED = 0x0008
_PATCH = 0x0020
_UTF8 = 0x0800
_COMPARED_FLAGS = 0x2869  # encryption, streaming, patches, UTF-8, masked headers; the rest is taste

SENTENCES = {
    "ambiguous": "The zip can be read in two ways; make a new one with your computer's own zip function.",
    "bounds": "The zip is damaged: it points outside itself; upload it again or make it again.",
    "cd": "The zip's table of contents is damaged; make the zip again.",
    "count": "The zip holds too many files; 10 to 30 good pictures train best.",
    "crc": "A file in the zip is damaged (its checksum is wrong); make the zip again.",
    "data": "A file in the zip cannot be unpacked; make the zip again.",
    "descriptor": "The zip is damaged: a file's closing record is wrong; make the zip again.",
    "dup": "Two files in the zip have the same name; rename one and make the zip again.",
    "encrypted": "The zip is password-protected; make one without a password.",
    "extra": "The zip has a malformed header field; make it again with your computer's own zip function.",
    "flags": "The zip uses a feature that no photo needs; make it again with your computer's own zip function.",
    "gap": "The zip hides bytes between its files; make it again with your computer's own zip function.",
    "local": "The zip is damaged: a file's header is missing; make the zip again.",
    "method": "The zip uses a compression that cannot be read here; choose the ordinary one (“Deflate”) or “Store”.",
    "mismatch": "The zip says two different things about one file; make the zip again.",
    "multidisk": "The zip is one part of several; make a single zip, or several that are each complete.",
    "name": "A file in the zip has a name with unreadable characters; rename it and make the zip again.",
    "nested": "There is another archive inside the zip; unpack it and zip the pictures themselves.",
    "notzip": "This is not a zip file; zip the pictures on your computer and attach that file.",
    "overlap": "The zip's files overlap, as only a malicious one's do; make it again from the pictures.",
    "path": "A file in the zip has a path that leads outside of it; zip the folder of pictures again.",
    "prefix": "There is something in front of the zip; make it again with your computer's own zip function.",
    "ratio": "A file in the zip unpacks to over 100 times its size, as no photo does; leave it out.",
    "size": "A file in the zip is not as large as the zip says; make the zip again.",
    "too_large": "The zip is too large; split the pictures over several zips, or shrink them to 2048 pixels.",
    "total": "The files are too large once unpacked; shrink the pictures to 2048 pixels or use several zips.",
    "trailing": "There is something behind the end of the zip; make it again or upload it again.",
    "truncated": "The zip is cut short; upload it again.",
    "type": "The zip holds a link or a device instead of a file; zip the pictures themselves.",
    "zip64": "The zip's large-file records disagree; make it again with your computer's own zip function.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder of an archive; `name` is for showing and matching, never a path."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    data: int
    head: bytes = b""

    @property
    def is_folder(self) -> bool:
        """Tell folders by the last slash, as the format does."""
        return self.name.endswith("/")


class Archive:
    """A wholly checked zip: its parts lie side by side without gap, and each unpacks to what it declares."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        file_size = file.seek(0, os.SEEK_END)
        if file_size < records.END_SIZE:
            raise ArchiveRefused("notzip", f"{file_size} bytes")
        if file_size > limits.archive_bytes:
            raise ArchiveRefused("too_large", f"{file_size} bytes")
        directory = records.find_directory(file, file_size)
        if directory.entries > limits.entries:
            raise ArchiveRefused("count", f"{directory.entries} entries")
        named = self._read_directory(directory)
        located = self._locate(named, directory.start)
        self.entries = tuple(self._unpacked(entry) for entry in located)

    def read(self, entry: Entry) -> bytes:
        """Return an entry's bytes, which are already known to be as many as declared."""
        return b"".join(self._chunks(entry))

    def _read_directory(self, directory: records.Directory) -> list[tuple[str, Central]]:
        position, end = directory.start, directory.start + directory.size
        found: dict[str, Central] = {}
        unpacked = 0
        for _ in range(directory.entries):
            record, position = records.read_central(self._file, position, end)
            name = _judge(record)
            unpacked += record.size
            if record.size > self._limits.entry_bytes or unpacked > self._limits.unpacked_bytes:
                raise ArchiveRefused("total", f"{record.size} bytes declared, {unpacked} in all")
            if record.size > MIB and record.size > record.packed * self._limits.ratio:
                raise ArchiveRefused("ratio", f"{record.size} bytes from {record.packed}")
            if name in found:
                raise ArchiveRefused("dup", names.shown(name))
            found[name] = record
        if position != end:
            raise ArchiveRefused("cd", f"{end - position} bytes left after {directory.entries} records")
        return sorted(found.items(), key=lambda item: item[1].header)

    def _locate(self, named: list[tuple[str, Central]], end: int) -> list[Entry]:
        """Walk the file from its first byte to the directory; whatever is not an entry is refused."""
        _refuse_overlaps(named, end)
        starts = [record.header for _, record in named] + [end]
        if starts[0] != 0:
            raise ArchiveRefused("prefix", "the first entry is not at the start")
        entries: list[Entry] = []
        for (name, record), limit in zip(named, starts[1:], strict=True):
            local = records.read_local(self._file, record.header, end)
            if record.name != local.name:
                raise ArchiveRefused("mismatch", "two names")
            if local.data + record.packed > end:
                raise ArchiveRefused("bounds", names.shown(name))
            _compare(record, local)
            if name.endswith("/") and record.size:
                raise ArchiveRefused("type", "a folder with content")
            self._check_seam(record, local, limit)
            entries.append(Entry(name, record.method, record.crc, record.packed, record.size, local.data))
        return entries

    def _check_seam(self, record: Central, local: Local, limit: int) -> None:
        behind = limit - local.data - record.packed
        if behind < 0:
            raise ArchiveRefused("overlap", f"at {record.header}")
        if not local.flags & _STREAMED:
            if behind:
                raise ArchiveRefused("gap", f"{behind} bytes before {limit}")
            return
        if behind > max(records.DESCRIPTOR_SIZES):
            raise ArchiveRefused("gap", f"{behind} bytes where a descriptor belongs")
        data = records.read_at(self._file, limit - behind, behind, "descriptor")
        if not records.descriptor_fits(data, record.crc, record.packed, record.size):
            code = "mismatch" if behind in records.DESCRIPTOR_SIZES else "descriptor"
            raise ArchiveRefused(code, f"descriptor of {behind} bytes at {limit - behind}")

    def _unpacked(self, entry: Entry) -> Entry:
        """Unpack once without keeping anything but the head, so that no picture is decoded from a bad archive."""
        size, crc, head = 0, 0, b""
        for chunk in self._chunks(entry):
            size += len(chunk)
            if size > entry.size:
                break
            crc = zlib.crc32(chunk, crc)
            head += chunk[: max(0, _HEAD - len(head))]
        if size != entry.size:
            raise ArchiveRefused("size", f"{entry.size} bytes declared")
        if crc != entry.crc:
            raise ArchiveRefused("crc", names.shown(entry.name))
        if _is_archive(head):
            raise ArchiveRefused("nested", names.shown(entry.name))
        return Entry(entry.name, entry.method, entry.crc, entry.packed, entry.size, entry.data, head)

    def _chunks(self, entry: Entry) -> Iterator[bytes]:
        packed = self._packed(entry)
        return packed if entry.method == STORED else _inflate(packed)

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        self._file.seek(entry.data)
        left = entry.packed
        while left:
            chunk = self._file.read(min(_CHUNK, left))
            if not chunk:
                raise ArchiveRefused("bounds", "the file became shorter")
            left -= len(chunk)
            yield chunk


def _inflate(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate in bounded steps; the stream must end exactly where the packed bytes do."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = b""
    while not decoder.eof:
        fed = pending or next(packed, b"")
        try:
            chunk = decoder.decompress(fed, _CHUNK)
        except zlib.error as error:
            raise ArchiveRefused("data", str(error)) from error
        pending = decoder.unconsumed_tail
        # With all input eaten there may still be output waiting inside; only a silent decoder has none.
        if not chunk and not fed and not decoder.eof:
            raise ArchiveRefused("data", "the stream is cut")
        yield chunk
    if decoder.unused_data or next(packed, b""):
        raise ArchiveRefused("data", "bytes behind the end of the stream")


def _judge(record: Central) -> str:
    """Return the entry's name, or refuse what no honest zip of pictures holds."""
    if records.is_locked(record.flags, record.method):
        raise ArchiveRefused("encrypted", f"flags {record.flags:#06x}, method {record.method}")
    if record.flags & _PATCH:
        raise ArchiveRefused("flags", f"{record.flags:#06x}")
    if record.method not in (STORED, DEFLATED):
        raise ArchiveRefused("method", str(record.method))
    try:
        name = names.decode(record.name, utf8=bool(record.flags & _UTF8))
    except names.BadName as error:
        raise ArchiveRefused(error.code, str(error)) from error
    kind = stat.S_IFMT(record.mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused("type", f"mode {record.mode:o}")
    return name


def _refuse_overlaps(named: list[tuple[str, Central]], end: int) -> None:
    """Refuse by geometry before any header is believed: the test that stops overlapping bombs."""
    reached = 0
    for _, record in named:
        if record.header < reached:
            raise ArchiveRefused("overlap", f"at {record.header}")
        reached = record.header + records.LOCAL_SIZE + len(record.name) + record.packed
        if reached > end:
            raise ArchiveRefused("bounds", f"an entry at {record.header} ends at {reached}")


def _compare(record: Central, local: Local) -> None:
    """Refuse an entry whose two headers disagree: different programs would believe different ones."""
    if (record.flags ^ local.flags) & _COMPARED_FLAGS:
        raise ArchiveRefused("mismatch", f"flags {record.flags:#06x} and {local.flags:#06x}")
    if record.method != local.method:
        raise ArchiveRefused("mismatch", f"methods {record.method} and {local.method}")
    central, told = (record.crc, record.packed, record.size), (local.crc, local.packed, local.size)
    may_be_zero = bool(local.flags & _STREAMED)
    if any(there != here and not (may_be_zero and here == 0) for there, here in zip(central, told, strict=True)):
        raise ArchiveRefused("mismatch", f"sizes or checksum: {central} and {told}")


_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF\x00\x00\x00\x00",
    b"xar!\x00",
    b"LZIP\x01",
)


def _is_archive(head: bytes) -> bool:
    return head.startswith(_ARCHIVES) or head[257:262] == b"ustar"
