"""A generator of sound and hostile archives, each with the verdict that it deserves; seeded, needs no files."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

SEED = 20261122
FULL_16, FULL_32 = 0xFFFF, 0xFFFFFFFF
UTF8, STREAMED, ENCRYPTED, PATCHED = 0x800, 0x8, 0x1, 0x20


def picture(seed: int = 0, side: int = 64, kind: str = "PNG", **options: Any) -> bytes:
    """Return a small picture of coloured noise, which no two seeds share."""
    noise = random.Random(seed).randbytes(16 * 16 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (16, 16), noise).resize((side, side)).save(out, kind, **options)
    return out.getvalue()


PICTURE = picture()


def deflate(data: bytes) -> bytes:
    """Compress without zlib's header, as zips do."""
    encoder = zlib.compressobj(9, zlib.DEFLATED, -15)
    return encoder.compress(data) + encoder.flush()


def extra(kind: int, data: bytes) -> bytes:
    """Return one extra field."""
    return struct.pack("<HH", kind, len(data)) + data


@dataclass(frozen=True)
class Member:
    """One file of an archive; `local` and `central` override what its two headers say, by field name."""

    name: bytes = b"a.png"
    data: bytes = PICTURE
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    packed: bytes | None = None
    extras: bytes = b""
    descriptor: bytes | None = None
    before: bytes = b""
    comment: bytes = b""
    local: dict[str, Any] = field(default_factory=dict[str, Any])
    central: dict[str, Any] = field(default_factory=dict[str, Any])

    def body(self) -> bytes:
        """Return what lies between the local header and the descriptor."""
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data

    def header(self, overrides: dict[str, Any], *, local: bool, offset: int = 0) -> bytes:
        """Return the local or the central header."""
        streamed = local and self.flags & STREAMED
        values = {
            "signature": b"PK\3\4" if local else b"PK\1\2",
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": 0 if streamed else zlib.crc32(self.data),
            "packed": 0 if streamed else len(self.body()),
            "size": 0 if streamed else len(self.data),
            "extras": self.extras,
            "offset": offset,
            "disk": 0,
            "system": 3,
            "comment": self.comment,
        }
        assert overrides.keys() <= values.keys()
        v = values | overrides
        common = (v["flags"], v["method"], 0, 33, v["crc"], v["packed"], v["size"], len(v["name"]), len(v["extras"]))
        if local:
            return struct.pack("<4s5H3I2H", v["signature"], 20, *common) + v["name"] + v["extras"]
        rest = (len(v["comment"]), v["disk"], 0, self.mode << 16, v["offset"])
        made_by = v["system"] << 8 | 20
        record = struct.pack("<4s6H3I5H2I", v["signature"], made_by, 20, *common, *rest)
        return record + v["name"] + v["extras"] + v["comment"]


def archive(
    *members: Member,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    before_end: bytes = b"",
    comment: bytes = b"",
    trailing: bytes = b"",
    shift: int = 0,
    backwards: bool = False,
    zip64: dict[str, Any] | None = None,
    **end: int,
) -> bytes:
    """Write members, directory and end record; `shift` is added to every offset, `end` overrides the end record."""
    out, records = bytearray(prefix), list[bytes]()
    for member in members:
        out += member.before
        records.append(member.header(member.central, local=False, offset=len(out) + shift))
        out += member.header(member.local, local=True) + member.body() + (member.descriptor or b"")
    out += before_directory
    directory = b"".join(reversed(records) if backwards else records)
    start = len(out) + shift
    values = {"disk": 0, "first": 0, "here": len(records), "count": len(records), "size": len(directory)}
    values |= {"offset": start, "comment": len(comment)}
    out += directory + before_end
    if zip64 is not None:
        out += _zip64_end(len(out), values | zip64)
        values |= {"here": FULL_16, "count": FULL_16, "size": FULL_32, "offset": FULL_32}
    out += struct.pack("<4s4H2IH", b"PK\5\6", *(values | end).values()) + comment + trailing
    return bytes(out)


def _zip64_end(position: int, v: dict[str, Any]) -> bytes:
    extensible = v.get("extensible", b"")
    record = struct.pack("<4sQ2H2I", b"PK\6\6", 44 + len(extensible), 45, 45, 0, 0)
    record += struct.pack("<4Q", v["here"], v["count"], v["size"], v["offset"]) + extensible
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, v.get("locator", position), v.get("disks", 1))
    return record + v.get("between", b"") + locator


def described(member: Member, *, signed: bool = True, wide: bool = False, crc: int | None = None) -> Member:
    """Return the member as a streaming writer writes it: sizes behind the data."""
    values = (zlib.crc32(member.data) if crc is None else crc, len(member.body()), len(member.data))
    bare = struct.pack("<I2Q" if wide else "<3I", *values)
    return replace(member, flags=member.flags | STREAMED, descriptor=(b"PK\7\x08" if signed else b"") + bare)


@dataclass(frozen=True)
class Sample:
    """An archive with the codes that are right for it; none means that it has to be accepted."""

    what: str
    data: bytes
    codes: frozenset[str]
    images: int = 0

    def __str__(self) -> str:
        return self.what


def sound() -> Iterator[Sample]:
    """Yield archives that people's own tools write."""
    one, three = Member(), [Member(b"img%d.png" % n, picture(n)) for n in range(3)]
    wide = struct.pack("<2Q", len(PICTURE), len(deflate(PICTURE)))
    full = {"size": FULL_32, "packed": FULL_32}
    finder = [Member(b"__MACOSX/set/._a.png", b"\0\5\x16\7"), Member(b"set/.DS_Store", b"\0\0\0\1Bud1")]
    cases = {
        "deflated": archive(*three),
        "stored": archive(*(replace(member, method=0) for member in three)),
        "one picture": archive(one),
        "comments": archive(replace(one, comment=b"PK\1\2 of one file"), comment=b"of the archive" * 4000),
        "descriptors": archive(*(described(member) for member in three)),
        "descriptors without signature": archive(*(described(member, signed=False) for member in three)),
        "descriptors of ZIP64": archive(*(described(member, wide=True) for member in three)),
        "directory in another order": archive(*three, backwards=True),
        "Finder": archive(described(Member(b"set/", b"", 0)), described(Member(b"set/a.png")), *finder),
        "Explorer": archive(one, Member(b"Thumbs.db", b"\xd0\xcf\x11\xe0"), Member(b"x\\desktop.ini", b"[]")),
        "backslashes": archive(Member(b"set\\a.png"), Member(b"set\\b.png", picture(1))),
        "cp437 name": archive(Member(b"caf\x82.png")),
        "UTF-8 name": archive(Member("日本語 👩‍🚀.png".encode(), flags=UTF8)),
        "UTF-8 name without flag": archive(Member("café.png".encode())),
        "right-to-left name": archive(Member("gnp.\u202egpj.png".encode(), flags=UTF8)),
        "names that differ in case": archive(Member(b"A.png"), Member(b"a.png", picture(1))),
        "same name in two folders": archive(Member(b"x/a.png"), Member(b"y/a.png", picture(1))),
        "file and folder of one name": archive(Member(b"a"), Member(b"a/b.png", picture(1))),
        "deflated empty folder": archive(Member(b"d/", b"", mode=0o40755), Member(b"d/a.png")),
        "Dropbox's root folder": archive(Member(b"/", b"", 0), Member(b"a.png")),
        "wrong extension": archive(Member(b"a.jpg")),
        "no extension": archive(Member(b"photo")),
        "unknown extra field": archive(replace(one, extras=extra(0xCAFE, b"hello") + extra(0x000A, bytes(32)))),
        "ZIP64 on a small file": archive(*three, zip64={}),
        "ZIP64 sizes": archive(replace(one, extras=extra(1, wide), local=full, central=full)),
        "ZIP64 with locator counting no disk": archive(one, zip64={"disks": 0}),
        "other files beside": archive(one, Member(b"readme.md", b"hello"), Member(b"notes.json", b"{}")),
        "mode of DOS": archive(replace(one, mode=0, central={"system": 0})),
    }
    for what, data in cases.items():
        yield Sample(what, data, frozenset(), 1)


def hostile() -> Iterator[Sample]:
    """Yield archives that must be refused, each with the codes that say why."""
    for group in (_locked, _named, _bombs, _torn, _disagreeing, _misplaced, _typed, _wide, _not_archives):
        for what, (codes, data) in group().items():
            yield Sample(what, data, frozenset(codes.split()))


Group = dict[str, tuple[str, bytes]]


def _locked() -> Group:
    one = Member()
    group: Group = {
        "password": ("encrypted", archive(Member(flags=ENCRYPTED, data=bytes(12) + PICTURE))),
        "password on one of two": ("encrypted", archive(one, Member(b"b.png", flags=ENCRYPTED))),
        "password in the directory only": ("encrypted mismatch", archive(replace(one, central={"flags": 1}))),
        "password in the local header only": ("mismatch", archive(replace(one, local={"flags": 1}))),
        "strong encryption": ("encrypted", archive(Member(flags=0x41))),
        "masked headers": ("encrypted flags", archive(Member(flags=0x2000))),
        "WinZip AES": ("encrypted method", archive(Member(method=99, extras=extra(0x9901, bytes(7))))),
        "patched data": ("flags", archive(Member(flags=PATCHED))),
    }
    for method in (1, 6, 9, 12, 14, 19, 20, 93, 95, 97, 98, 65535):
        group[f"method {method}"] = ("method", archive(Member(method=method)))
    return group


def _named() -> Group:
    bad = {
        "path": [
            *(b"/etc/x.png", b"../x.png", b"a/../../x.png", b"..\\x.png", b"..", b"a/..", b"C:\\x.png", b"c:x.png"),
            *(b"\\\\host\\share\\x.png", b"//host/x.png", b"\\x.png", b"d/" * 33 + b"x.png"),
        ],
        "name": [b"", b"x.png\0.sh", b"\0", b"x\n@everyone.png", b"\x1b[2J.png", b"x\x7f.png", b".", b"x" * 1025],
    }
    group = {f"named {name[:24]!r}": (code, archive(Member(name))) for code, names in bad.items() for name in names}
    return group | {
        "invalid UTF-8": ("name", archive(Member(b"\xff\xfe.png", flags=UTF8))),
        "control character of Unicode": ("name", archive(Member("x\u0085.png".encode(), flags=UTF8))),
        "one name twice": ("dup", archive(Member(), Member())),
        "one name in two spellings": ("dup", archive(Member(b"d/a.png"), Member(b"./d//a.png"))),
        "one name with both slashes": ("dup", archive(Member(b"d/a.png"), Member(b"d\\a.png"))),
    }


def _bombs() -> Group:
    zeros = Member(data=bytes(8 << 20))
    lying = {"size": FULL_32 - 1}
    kernel = Member(b"k.png", data=bytes(1 << 16))
    alias = [replace(kernel, name=b"%04d" % n, central={"offset": 0}) for n in range(500)]
    many = archive(Member(b"x", b"", 0), here=FULL_16, count=FULL_16)
    return {
        "ratio bomb": ("ratio", archive(zeros)),
        "ratio bomb behind a descriptor": ("ratio", archive(described(zeros))),
        "total bomb": ("total ratio", archive(*(replace(zeros, name=b"%d" % n, data=bytes(99)) for n in range(3)),
                       replace(Member(), central={"size": 600 << 20}, local={"size": 600 << 20}))),
        "size that lies": ("total size", archive(Member(packed=b"\3\0\0", central=lying, local=lying))),
        "overlap: one file under many names": ("overlap", _directory_only(kernel, alias)),
        "overlap: quoted headers": ("overlap", _quoted()),
        "entries beyond the limit": ("count", archive(*(Member(b"%d" % n, b"", 0) for n in range(10_001)))),
        "count that lies, huge": ("count cd", many),
        "extra fields without end": ("extra", archive(Member(extras=extra(0xCAFE, b"") * 16_000))),
        "extra fields without number": ("extra", archive(Member(extras=extra(0xCAFE, b"") * 1_000))),
        "nested zip": ("nested", archive(Member(), Member(b"b.zip", archive(Member())))),
        "nested 42": ("nested no_images", archive(*(Member(b"%d.zip" % n, archive(Member())) for n in range(16)))),
        "nested gzip": ("nested", archive(Member(), Member(b"b.gz", b"\x1f\x8b\x08\0" + bytes(20)))),
        "nested 7z": ("nested", archive(Member(), Member(b"b", b"7z\xbc\xaf\x27\x1c" + bytes(20)))),
        "nested RAR": ("nested", archive(Member(), Member(b"b", b"Rar!\x1a\7\1\0" + bytes(20)))),
        "nested tar": ("nested", archive(Member(), Member(b"b", bytes(257) + b"ustar\0" + bytes(300)))),
    }  # fmt: skip


def _directory_only(kernel: Member, records: list[Member]) -> bytes:
    """Return an archive with one file, and a directory that lists it many times."""
    out = kernel.header({}, local=True) + kernel.body()
    directory = b"".join(record.header(record.central, local=False) for record in records)
    count = len(records)
    return out + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(out), 0)


def _quoted(count: int = 20) -> bytes:
    """Return Fifield's bomb in small: each file's stored block quotes the next local header and runs into its data."""
    kernel = bytes(4096)
    members = [Member(b"%03d" % (count - 1), kernel)]
    tail = members[0].header({}, local=True) + members[0].body()
    starts = [0]
    for number in reversed(range(count - 1)):
        header = tail[: 30 + 3]
        packed = b"\0" + struct.pack("<HH", len(header), len(header) ^ FULL_16) + header + members[-1].body()
        member = Member(b"%03d" % number, header + members[-1].data, packed=packed)
        block = member.header({}, local=True) + packed[:5]
        starts = [start + len(block) for start in starts] + [0]
        members.append(member)
        tail = block + tail
    pairs = zip(members, starts, strict=True)
    directory = b"".join(member.header({}, local=False, offset=start) for member, start in pairs)
    return tail + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(tail), 0)


def _torn() -> Group:
    one, whole = Member(), archive(Member(), Member(b"b.png", picture(1)))
    deflated = deflate(PICTURE)
    flipped = bytearray(PICTURE)
    flipped[40] ^= 1
    return {
        "wrong checksum": ("crc", archive(replace(one, local={"crc": 1}, central={"crc": 1}))),
        "flipped bit, stored": ("crc", archive(Member(method=0, packed=bytes(flipped)))),
        "deflate cut": ("data", archive(Member(packed=deflated[:-9]))),
        "deflate of a reserved kind": ("data", archive(Member(packed=b"\7" + deflated[1:]))),
        "bytes behind the deflate end": ("data", archive(Member(packed=deflated + b"hidden"))),
        "nothing packed": ("data", archive(Member(packed=b""))),
        "stored, too short": ("size", archive(Member(method=0, packed=PICTURE[:-5]))),
        "unpacks to more": ("size", archive(Member(central={"size": 99}, local={"size": 99}))),
        "unpacks to less": ("size", archive(Member(central={"size": 99_999}, local={"size": 99_999}))),
        "cut in half": ("truncated", whole[: len(whole) // 2]),
        "end record cut": ("truncated trailing", whole[:-10]),
        "last byte cut": ("truncated trailing", whole[:-1]),
        "no end record": ("truncated", whole[:-22]),
        "middle missing": ("bounds cd local overlap", whole[:100] + whole[200:]),
        "folder with content": ("type", archive(one, Member(b"d/", b"content", 0))),
    }


def _disagreeing() -> Group:
    one = Member()
    group: Group = {
        f"local {field_name} differs": ("mismatch", archive(replace(one, local={field_name: value})))
        for field_name, value in {
            "crc": 1,
            "size": 5,
            "packed": 5,
            "method": 0,
            "name": b"b.png",
            "flags": UTF8,
        }.items()
    }
    return group | {
        "descriptor with wrong checksum": ("descriptor mismatch", archive(described(one, crc=1))),
        "descriptor missing": ("descriptor", archive(replace(one, flags=STREAMED))),
        "descriptor of odd size": ("descriptor", archive(replace(one, flags=STREAMED, descriptor=bytes(7)))),
        "streamed with wrong size up front": ("mismatch", archive(replace(described(one), local={"size": 7}))),
        "unannounced descriptor": ("gap", archive(replace(one, descriptor=described(one).descriptor))),
        "directory counts one more": ("cd", archive(one, here=2, count=2)),
        "directory counts one less": ("cd", archive(one, Member(b"b.png"), here=1, count=1)),
        "directory record of another kind": ("cd", archive(replace(one, central={"signature": b"PK\1\3"}))),
        "local header of another kind": ("local", archive(replace(one, local={"signature": b"PK\3\5"}))),
        "directory points into data": ("bounds local overlap mismatch prefix", archive(
            Member(data=one.header({}, local=True) + PICTURE, method=0, central={"offset": 35}))),
        "directory points nowhere": ("bounds", archive(replace(one, central={"offset": 1 << 30}))),
        "extra field longer than its space": ("extra", archive(replace(one, extras=b"\xca\xfe\xff\0ab"))),
        "stray bytes behind extra fields": ("extra", archive(replace(one, extras=b"\1\2\3"))),
        "two Unicode names": ("extra", archive(replace(one, extras=extra(0x7075, bytes(6)) * 2))),
    }  # fmt: skip


def _misplaced() -> Group:
    one, other = Member(), archive(Member(b"other.png", picture(9)))
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)
    hidden = Member(b"hidden.png", picture(5))
    local = hidden.header({}, local=True) + hidden.body()
    return {
        "prefix": ("prefix", archive(one, prefix=b"<html>")),
        "prefix with right offsets": ("prefix", archive(one, prefix=PICTURE)),
        "prefix with offsets that ignore it": ("prefix bounds", archive(one, prefix=b"GIF89a", shift=-6)),
        "two zips, one behind the other": ("prefix", other + archive(one)),
        "trailing bytes": ("trailing", archive(one, trailing=b"junk")),
        "trailing zeros": ("trailing", archive(one, trailing=bytes(512))),
        "comment longer than it says": ("trailing", archive(one, comment=b"hello") + b"x"),
        "whole zip in the comment": ("ambiguous prefix bounds", archive(one, comment=other)),
        "end signature in the comment": ("ambiguous", archive(one, comment=b"PK\5\6 hello" + bytes(20))),
        "two ends that both close the file": ("ambiguous", archive(one, comment=end)),
        "gap between files": ("gap", archive(one, Member(b"b.png", before=b"hidden"))),
        "file missing from the directory": ("gap", archive(one, Member(b"b.png", before=local))),
        "gap before the directory": ("gap", archive(one, before_directory=b"hidden")),
        "gap before the end": ("prefix gap", archive(one, before_end=b"hidden")),
        "only a gap": ("prefix", archive(before_directory=b"hidden")),
        "directory offset wrong": ("bounds prefix cd", archive(one, offset=3)),
        "disk one": ("multidisk", archive(one, disk=1, first=1)),
        "fewer records on this disk": ("multidisk", archive(one, here=0)),
        "a file on another disk": ("multidisk", archive(replace(one, central={"disk": 3}))),
    }


def _typed() -> Group:
    modes = {"symlink": 0o120777, "FIFO": 0o10644, "character device": 0o20666, "block device": 0o60666}
    modes |= {"socket": 0o140777}
    group = {
        what: ("type", archive(Member(), Member(b"x", b"/etc/passwd", 0, mode=mode))) for what, mode in modes.items()
    }
    group["symlink made on DOS"] = ("type", archive(Member(b"x", mode=0o120777, central={"system": 0})))
    return group


def _wide() -> Group:
    one, full = Member(), {"size": FULL_32, "packed": FULL_32}
    huge = replace(one, extras=extra(1, struct.pack("<2Q", 1 << 62, 1 << 62)), local=full, central=full)
    short = replace(one, extras=extra(1, bytes(8)), local=full, central=full)
    return {
        "ZIP64: 4 EiB": ("total ratio size bounds", archive(huge)),
        "ZIP64: value missing": ("zip64", archive(short)),
        "ZIP64: field missing": ("zip64 total size mismatch", archive(replace(one, central=full, local=full))),
        "ZIP64: field twice": ("extra", archive(replace(huge, extras=huge.extras * 2))),
        "ZIP64: locator points elsewhere": ("zip64", archive(one, zip64={"locator": 7})),
        "ZIP64: extensible data": ("zip64", archive(one, zip64={"extensible": b"hidden"})),
        "ZIP64: gap before the locator": ("zip64", archive(one, zip64={"between": b"hidden"})),
        "ZIP64: other count": ("zip64 cd", archive(one, zip64={"here": 2, "count": 2})),
        "ZIP64: disagrees with the end record": ("zip64", archive(one, zip64={}, count=7, here=7)),
        "ZIP64: two disks": ("multidisk", archive(one, zip64={"disks": 2})),
        "ZIP64: a billion records": ("cd count", archive(one, zip64={"here": 10**9, "count": 10**9})),
        "ZIP64: sentinel without record": ("zip64", archive(one, size=FULL_32)),
    }


def _not_archives() -> Group:
    noise = random.Random(SEED).randbytes(4096)
    return {
        "nothing": ("notzip", b""),
        "zeros": ("notzip", bytes(4096)),
        "noise": ("notzip", noise),
        "a picture": ("notzip", PICTURE),
        "an error page": ("notzip", b"<html><body>404 Not Found</body></html>"),
        "RAR": ("notzip", b"Rar!\x1a\7\1\0" + noise),
        "7z": ("notzip", b"7z\xbc\xaf\x27\x1c" + noise),
        "no file": ("no_images", archive()),
        "only junk": ("no_images", archive(Member(b"__MACOSX/._a.png"), Member(b"x/.DS_Store", b"x"))),
        "only text": ("no_images", archive(Member(b"a.txt", b"hello"))),
        "only empty pictures": ("no_images", archive(Member(b"a.png", b"", 0), Member(b"b.jpg", b""))),
        "only a web page called png": ("no_images", archive(Member(b"a.png", b"<html></html>"))),
        "only a GIF": ("no_images", archive(Member(b"a.gif", picture(kind="GIF")))),
    }


MUTATIONS: list[Callable[[random.Random, bytearray], None]] = [
    lambda dice, data: data.__setitem__(dice.randrange(len(data)), dice.randrange(256)),
    lambda dice, data: data.__delitem__(slice(cut := dice.randrange(len(data)), cut + dice.randrange(1, 40))),
    lambda dice, data: data.__setitem__(slice(at := dice.randrange(len(data)), at), dice.randbytes(dice.randrange(9))),
    lambda dice, data: data.__delitem__(slice(dice.randrange(1, len(data)), None)),
    lambda dice, data: data.__setitem__(
        slice(at := dice.randrange(len(data)), at + 4),
        dice.choice([b"\xff\xff\xff\xff", b"PK\5\6", b"PK\3\4", b"PK\1\2", bytes(4), b"\x7f\xff\xff\xff"]),
    ),
    lambda dice, data: data.extend(data[dice.randrange(len(data)) :]),
]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Return the data with one to four injuries."""
    injured = bytearray(data)
    for _ in range(dice.randrange(1, 5)):
        if len(injured) > 8:
            dice.choice(MUTATIONS)(dice, injured)
    return bytes(injured)
