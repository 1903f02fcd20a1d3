"""The data folder before anything in it is opened: for its owner alone, and whole; it knows two tables by name."""

import logging
import os
import stat
from pathlib import Path

from bot.errors import AtelierError
from bot.files.places import FOLDERS, PICTURES
from bot.store.soundness import damage, has_rows, is_blank

logger = logging.getLogger(__name__)

DATABASE = "atelier.db"
OLD_ENGINE = "jobs.db"
"""What earlier versions kept beside it, of how far each flow had come; nothing reads it any more."""
EVERY_JOB, EVERY_FLOW = "ledger", "workflow_status"
"""The tables of both in which each job that ever was has left a row."""
PRIVATE = 0o077
"""What nobody else may do with anything of ours: there are photos of people, prompts and addresses in it."""
RESTORE = "the copy that `python -m bot backup FOLDER` made"


class Unusable(AtelierError):
    """Something is wrong with the data folder; the text says what to do."""


def prepare(data: Path) -> None:
    """Make a folder that is held private, and make sure that it is whole; raises Unusable."""
    make_private(data)
    refuse_unusable(data)


def refuse_unusable(data: Path) -> None:
    """Raise Unusable where what is in the folder cannot be gone on with."""
    for name in FOLDERS:
        if (data / name).exists() and not (data / name).is_dir():
            raise Unusable(f"{data / name} is a file where a folder belongs. Move it away, and start again.")
    refuse_remains(data)
    what = damage(data / DATABASE)
    if what:
        advice = f"Move all that is in the folder away and put {RESTORE} in its place."
        raise Unusable(f"{data / DATABASE} is damaged ({what}). {advice}")


def refuse_remains(data: Path) -> None:
    """Raise Unusable where atelier.db is a folder, or is missing or empty, but not its jobs, pictures or photos.

    A new life would begin by deleting all photos that no draft of it knows. One that has begun, and was killed in its
    first upload, has photos that nobody knows, but no job.
    """
    database, jobs = data / DATABASE, data / OLD_ENGINE
    if database.is_dir():
        raise Unusable(f"{database} is a folder, not a database. Move it away, or put {RESTORE} in its place.")
    if is_blank(database):
        remains = [name for name in (jobs.name, *FOLDERS) if _has_something(data / name)]
    elif not has_rows(database, EVERY_JOB):
        remains = [jobs.name] if has_rows(jobs, EVERY_FLOW) else []
        remains += [name for name in (PICTURES,) if _has_something(data / name)]
    else:
        return
    if remains:
        raise Unusable(
            f"{database} is missing or empty, but {', '.join(remains)} beside it belong to one. To restore "
            f"it, put {RESTORE} in the place of all of them. To begin anew without them, move them away."
        )


def make_private(folder: Path) -> None:
    """Take a folder and all that is in it from other users of this machine, unless that was done before.

    Earlier versions left it open. The folder itself comes last, so that what was interrupted is done again. It, and
    what is in it, may be links to a larger disk.
    """
    places = [*(place for name in FOLDERS if (place := folder / name).is_symlink()), folder]
    if not any(_is_open(path) for path in (*places, *(folder / name for name in (DATABASE, OLD_ENGINE)))):
        return
    for place in places:
        real = place.resolve()
        for parent, folders, files in os.walk(real):
            for name in (*folders, *files):
                _close(Path(parent) / name)
        _close(real)


def _close(path: Path) -> None:
    try:
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~PRIVATE)
    except FileNotFoundError:
        pass  # a backup that is made meanwhile, or the like
    except PermissionError:
        logger.warning("%s belongs to another user, and others may read it. Give it to this one with chown.", path)


def _is_open(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & PRIVATE)


def _has_something(path: Path) -> bool:
    if path.is_dir():
        return any(path.iterdir())
    return path.exists() and path.stat().st_size > 0
