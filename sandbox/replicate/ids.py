"""Names things the way Replicate does; knows nothing of what they name."""

from random import Random

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
MIXED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Ids:
    """A seeded source of ids, so that a failing run can be repeated."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def job(self) -> str:
        """Name a prediction or training: 26 characters of lower-case Crockford base32."""
        return "".join(self._random.choices(CROCKFORD, k=26))

    def version(self) -> str:
        """Name a version: 64 hex digits."""
        return f"{self._random.getrandbits(256):064x}"

    def file(self) -> str:
        """Name an uploaded file: 48 letters without an extension, which one old trainer cannot take."""
        return "".join(self._random.choices(MIXED, k=48))

    def delivery(self) -> str:
        """Name a folder of outputs at replicate.delivery."""
        return f"xezq/{''.join(self._random.choices(MIXED, k=43))}"

    def message(self) -> str:
        """Name a webhook message."""
        return "msg_" + "".join(self._random.choices(MIXED, k=27))

    def seed(self) -> int:
        """Roll the seed of a prediction that named none."""
        return self._random.randrange(1, 2**16)
