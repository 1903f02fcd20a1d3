"""The records of the zip format, parsed from bytes that may lie; knows sizes and signatures, not the policy."""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

END = b"PK\x05\x06"
ZIP64_END = b"PK\x06\x06"
ZIP64_LOCATOR = b"PK\x06\x07"
CENTRAL = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"
DESCRIPTOR = b"PK\x07\x08"

_END = struct.Struct("<4s4H2IH")
_ZIP64_END = struct.Struct("<4sQ2H2I4Q")
_ZIP64_LOCATOR = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")

END_SIZE = _END.size
CENTRAL_SIZE = _CENTRAL.size
LOCAL_SIZE = _LOCAL.size
DESCRIPTOR_SIZES = (12, 16, 20, 24)  # plain or ZIP64, each without or with signature
FULL_16 = 0xFFFF
FULL_32 = 0xFFFFFFFF
_LONGEST_EXTRA = 4_096  # no archiver comes near; without a cap one file can cost minutes
_MOST_EXTRAS = 32
_ZIP64_EXTRA = 0x0001
_UNICODE_PATH_EXTRA = 0x7075


class ArchiveRefused(Exception):
    """The container breaks the policy; `code` is a stable word, `detail` is for the operator."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Directory(NamedTuple):
    """Where the end record says that the central directory is."""

    start: int
    size: int
    entries: int


class Central(NamedTuple):
    """One record of the central directory, its ZIP64 values already put in place."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int  # where its local header begins
    mode: int  # of Unix, 0 where the archiver gave none


class Local(NamedTuple):
    """One local header; the sizes may be zero where a descriptor follows the data."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    data: int  # where the packed bytes begin


def read_at(file: BinaryIO, start: int, size: int, code: str) -> bytes:
    """Return exactly `size` bytes, or refuse with `code`."""
    file.seek(start)
    data = file.read(size)
    if len(data) != size:
        raise ArchiveRefused(code, f"{size} bytes wanted at {start}, {len(data)} there")
    return data


def find_directory(file: BinaryIO, file_size: int) -> Directory:
    """Find the one end record, which must close the file, and follow ZIP64 where it points."""
    end = _find_end(file, file_size)
    record = _END.unpack(read_at(file, end, END_SIZE, "truncated"))
    _, disk, directory_disk, count_here, count, size, start, _ = record
    locator = end - _ZIP64_LOCATOR.size
    if locator >= 0 and read_at(file, locator, 4, "truncated") == ZIP64_LOCATOR:
        return _zip64_directory(file, locator, record)
    if disk or directory_disk or count_here != count:
        raise ArchiveRefused("multidisk", f"disk {disk}, directory on disk {directory_disk}")
    if FULL_32 in (size, start):
        raise ArchiveRefused("zip64", "no ZIP64 end record")
    return _checked(Directory(start, size, count), end)


def _find_end(file: BinaryIO, file_size: int) -> int:
    tail_size = min(file_size, END_SIZE + FULL_16)
    tail = read_at(file, file_size - tail_size, tail_size, "truncated")
    found: list[int] = []
    position = tail.find(END)
    while position >= 0:
        found.append(position)
        position = tail.find(END, position + 1)
    closing = [p for p in found if p + END_SIZE + int.from_bytes(tail[p + 20 : p + 22], "little") == tail_size]
    if not found:
        begins = read_at(file, 0, min(4, file_size), "truncated")
        raise ArchiveRefused("truncated" if begins == LOCAL else "notzip", "no end record")
    if not closing:
        raise ArchiveRefused("trailing", "the end record does not end the file")
    if found[-1] != closing[0]:
        raise ArchiveRefused("ambiguous", "several end records")
    return file_size - tail_size + closing[0]


def _zip64_directory(file: BinaryIO, locator: int, classic: tuple[int, ...]) -> Directory:
    _, disk, position, disks = _ZIP64_LOCATOR.unpack(read_at(file, locator, _ZIP64_LOCATOR.size, "zip64"))
    if disk or disks > 1:  # some writers count no disk at all
        raise ArchiveRefused("multidisk", f"locator: disk {disk} of {disks}")
    if position + _ZIP64_END.size != locator:
        raise ArchiveRefused("zip64", "the ZIP64 end record is not before its locator")
    record = _ZIP64_END.unpack(read_at(file, position, _ZIP64_END.size, "zip64"))
    signature, length, _, _, disk, directory_disk, count_here, count, size, start = record
    if signature != ZIP64_END or length != _ZIP64_END.size - 12:
        raise ArchiveRefused("zip64", "no plain ZIP64 end record")
    if disk or directory_disk or count_here != count:
        raise ArchiveRefused("multidisk", f"ZIP64: disk {disk}")
    told = (disk, directory_disk, count_here, count, size, start)
    caps = (FULL_16, FULL_16, FULL_16, FULL_16, FULL_32, FULL_32)
    if any(old not in (new, cap) for old, new, cap in zip(classic[1:7], told, caps, strict=True)):
        raise ArchiveRefused("zip64", "the two end records disagree")
    return _checked(Directory(start, size, count), position)


def _checked(directory: Directory, end: int) -> Directory:
    detail = f"{directory.entries} records in {directory.size} bytes"
    if directory.size > directory.entries * (CENTRAL_SIZE + 3 * FULL_16):
        raise ArchiveRefused("cd", detail)
    if directory.start + directory.size > end:
        raise ArchiveRefused("bounds", f"directory {directory.start}+{directory.size} beyond {end}")
    if directory.start + directory.size < end:
        raise ArchiveRefused("prefix", f"directory {directory.start}+{directory.size} short of {end}")
    if directory.size < directory.entries * CENTRAL_SIZE:
        raise ArchiveRefused("cd", detail)
    return directory


def read_central(file: BinaryIO, position: int, end: int) -> tuple[Central, int]:
    """Return the record at `position` and where the next one begins."""
    if end - position < CENTRAL_SIZE:
        raise ArchiveRefused("cd", "a record is cut")
    fields = _CENTRAL.unpack(read_at(file, position, CENTRAL_SIZE, "cd"))
    signature, made_by, _, flags, method, _, _, crc, packed, size = fields[:10]
    name_size, extra_size, comment_size, disk, _, attributes, header = fields[10:]
    following = position + CENTRAL_SIZE + name_size + extra_size + comment_size
    if signature != CENTRAL or following > end:
        raise ArchiveRefused("cd", f"no whole record at {position}")
    name = file.read(name_size)
    extra = _read_extra(file, extra_size, once=(_ZIP64_EXTRA, _UNICODE_PATH_EXTRA))
    if not is_locked(flags, method):  # a locked one is refused for that, whatever else it holds
        wide = _Wide(extra)
        size, packed, header = wide.take(size), wide.take(packed), wide.take(header)
        disk = wide.take(disk, FULL_16, 4)
    if disk:
        raise ArchiveRefused("multidisk", f"an entry on disk {disk}")
    mode = attributes >> 16 if made_by >> 8 in _UNIX_MAKERS or _says_symlink(attributes) else 0
    return Central(name, flags, method, crc, packed, size, header, mode), following


_UNIX_MAKERS = (3, 19)  # Unix and Darwin; others keep what they like in the upper half


def _says_symlink(attributes: int) -> bool:
    return attributes >> 28 == 0o12


def is_locked(flags: int, method: int) -> bool:
    """Tell whether an entry is encrypted in any of the ways the format knows."""
    return bool(flags & 0x2041) or method == 99


class _Wide:
    """The ZIP64 extra field: holds, in this order, only those values that are full in the record."""

    def __init__(self, extra: dict[int, bytes]) -> None:
        self.left = extra.get(_ZIP64_EXTRA)

    def take(self, value: int, full: int = FULL_32, width: int = 8) -> int:
        if value != full:
            return value
        if self.left is None or len(self.left) < width:
            raise ArchiveRefused("zip64", "a value is missing in the ZIP64 field")
        taken, self.left = self.left[:width], self.left[width:]
        return int.from_bytes(taken, "little")


def read_local(file: BinaryIO, position: int, end: int) -> Local:
    """Return the local header at `position`, whose fixed part must end before `end`."""
    if position + LOCAL_SIZE > end:
        raise ArchiveRefused("bounds", f"local header at {position}")
    fields = _LOCAL.unpack(read_at(file, position, LOCAL_SIZE, "bounds"))
    signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = fields
    if signature != LOCAL:
        raise ArchiveRefused("local", f"no local header at {position}")
    data = position + LOCAL_SIZE + name_size + extra_size
    name = file.read(name_size)
    wide = _Wide(_read_extra(file, extra_size, once=(_ZIP64_EXTRA,)))
    if FULL_32 in (packed, size) and wide.left is not None:
        size, packed = wide.take(size), wide.take(packed)
    return Local(name, flags, method, crc, packed, size, data)


def _read_extra(file: BinaryIO, size: int, once: tuple[int, ...]) -> dict[int, bytes]:
    """Return the extra fields by id; those in `once` would allow two readings if they came twice."""
    if size > _LONGEST_EXTRA:
        raise ArchiveRefused("extra", f"{size} bytes of extra fields")
    data = file.read(size)
    fields: dict[int, bytes] = {}
    position = 0
    for _ in range(_MOST_EXTRAS):
        if position == len(data):
            return fields
        kind, length = int.from_bytes(data[position : position + 2], "little"), data[position + 2 : position + 4]
        begin = position + 4
        position = begin + int.from_bytes(length, "little")
        if len(length) < 2 or position > len(data):
            # Behind a ZIP64 field it is that one's length which is wrong.
            raise ArchiveRefused("zip64" if _ZIP64_EXTRA in fields else "extra", f"field {kind:#06x} is cut")
        if kind in fields and kind in once:
            raise ArchiveRefused("extra", f"field {kind:#06x} comes twice")
        fields[kind] = data[begin:position]
    raise ArchiveRefused("extra", f"{_MOST_EXTRAS} extra fields or more")


def descriptor_fits(data: bytes, crc: int, packed: int, size: int) -> bool:
    """Tell whether these bytes, all that lies behind an entry's data, are its descriptor in one of the four forms."""
    for form in ("<3I", "<I2Q"):
        try:
            bare = struct.pack(form, crc, packed, size)
        except struct.error:  # over 4 GiB
            continue
        if data in (bare, DESCRIPTOR + bare):
            return True
    return False
