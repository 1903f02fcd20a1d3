"""The command line: run, doctor, prices, inspect-zip, sync, backup."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

from bot.domain.money import PriceList
from bot.errors import AtelierError, SettingsError
from bot.logs import set_up
from bot.prices import read_prices, table
from bot.settings import Settings

PASSED_ON = ("SSL_CERT_FILE",)  # read by the TLS library itself, from the environment alone


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="python -m bot", description="Atelier, a Discord bot that trains and paints with FLUX"
    )
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot")
    commands.add_parser("doctor", help="check tokens, owner, trainer, server, intents and disk, and say what to do")
    commands.add_parser("sync", help="register the slash commands where they changed")
    commands.add_parser("prices", help="list what every model costs, with the source of each price")
    backup = commands.add_parser("backup", help="copy everything the bot keeps, while it runs")
    backup.add_argument("folder", type=Path, help="a new folder for the copy")
    zipped = commands.add_parser("inspect-zip", help="say whether a zip could be trained on, and why not")
    zipped.add_argument("file")
    zipped.add_argument("--json", action="store_true")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    if options.command == "inspect-zip":
        from bot.dataset.inspect import main as inspect  # noqa: PLC0415 - needs no settings and must start quickly

        return inspect(given[1:])
    try:
        environment = _environment()
        os.environ.update({name: environment[name] for name in PASSED_ON if name in environment})
        if options.command == "prices":  # which needs no tokens
            own = environment.get("ATELIER_PRICES", "").strip()
            print(table(read_prices(Path(own)) if own else PriceList()))  # noqa: T201 - this is what the command is for
            return 0
        settings = Settings.from_env(environment)
        os.umask(0o077)  # what is written, here and by what is started, is for this user alone
        set_up(settings.log_level, settings.secrets)
        return asyncio.run(_command(options, settings))
    except SettingsError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)  # noqa: T201 - there is no log yet
        return 2
    except AtelierError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the last word to the operator
        return 1
    except KeyboardInterrupt:
        return 130


def _environment() -> dict[str, str]:
    """Read .env, over which the process's own environment goes; raises SettingsError."""
    try:
        written = dotenv_values(".env", encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError([".env is not written in UTF-8. Save it as UTF-8, and try again."]) from error
    return {name: value or "" for name, value in written.items()} | os.environ


async def _command(options: argparse.Namespace, settings: Settings) -> int:
    # Imported late, so that SSL_CERT_FILE of .env is in force before any library prepares its certificates.
    from bot.cli import doctor, run  # noqa: PLC0415

    if options.command == "run":
        return await run.run(settings)
    if options.command == "doctor":
        return await doctor.examine(settings)
    if options.command == "sync":
        return await run.sync(settings)
    return run.backup(settings, options.folder)


if __name__ == "__main__":
    sys.exit(main())
