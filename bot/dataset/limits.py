"""The sizes an upload may have; plain numbers that the parent hands to its child process."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Every cap in one place; the defaults suit a machine with 1 GiB of memory."""

    uploads: int = 10
    archive_bytes: int = 200 * MIB
    entries: int = 10_000
    entry_bytes: int = 64 * MIB
    unpacked_bytes: int = 256 * MIB  # photographs hardly shrink in a zip
    ratio: int = 100  # of unpacked to packed, for entries above 1 MiB; photographs stay below 2
    max_pictures: int = 1_000
    pixels: int = 60_000_000  # what a JPEG may have within decode_bytes; a phone's 8160 × 6144 pass
    upload_pixels: int = 2_000_000_000  # of all its pictures: 40 of a phone's 48 megapixels, 80 of a camera's 24
    decode_bytes: int = 400 * MIB  # what the decoder of one picture may take
    longest_side: int = 12_000
    floor_side: int = 8  # one cell of FLUX's latent picture; below it there is nothing to learn
    min_side: int = 256  # below it a picture is used, with a warning
    output_side: int = 2_048  # the trainer's largest bucket is 1024
    output_bytes: int = 95_000_000  # Replicate takes files below 100 MB
    caption_characters: int = 2_000
    seconds: int = 240  # of processor time, as a busy machine is nobody's fault; the 40 take up to 90, as HEIC
    patience: int = 1_800  # seconds on the clock, for a child that waits for what never comes
    memory: int = 768 * MIB  # address space of the child, libraries included
