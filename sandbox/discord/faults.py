"""Injected faults: what this Discord does wrong, to which requests, and how often."""

import fnmatch
from dataclasses import dataclass


@dataclass
class Fault:
    """Misbehaviour for the next `times` requests whose "METHOD /path" matches the glob.

    For the CDN the path is that of the file: "GET /*attachments/*". The gateway has "CONNECT /gateway" (status refuses
    the upgrade; dropped and lost end it before and after that; delay is before HELLO), "IDENTIFY /gateway" and "RESUME
    /gateway"; code closes any of them. Times are seconds, sizes bytes.
    """

    match: str
    times: int = 1
    status: int | None = None  # answer this status ...
    code: int = 0  # ... with this code and message ...
    message: str = "injected"
    after_effect: bool = False  # ... though the request took effect
    retry_after: float = 0.5  # what a 429 tells, and every refusal by Cloudflare or of an upgrade
    cloudflare: bool = False  # answered before Discord is reached: no Via, and no JSON
    delay: float = 0.0  # before the reply
    lost: bool = False  # the request takes effect, its reply never arrives
    dropped: bool = False  # the connection ends before the request takes effect
    keep_bytes: int | None = None  # cut the body of a file short after so many
    bytes_per_second: float | None = None
    body: bytes | None = None  # send this in place of a file or an answer


class Faults(list[Fault]):
    """The faults still to come."""

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, used up by it."""
        for fault in self:
            if fnmatch.fnmatchcase(f"{method} {path}", fault.match):
                fault.times -= 1
                if not fault.times:
                    self.remove(fault)
                return fault
        return None
