"""The operator's own prices: reads the file that names them, and prints the whole list; it sends nothing anywhere."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from bot.domain.catalog import MODELS, PRICES, Price
from bot.domain.money import DOLLAR, PriceList
from bot.errors import SettingsError

RATES = ("per_picture", "per_second", "per_run", "per_megapixel")
KEYS = (*RATES, "source", "enabled")
OWN = "the operator's price file"
HEADS = ("model", "price", "offered", "known from", "source of the price", "terms of the model")


def read_prices(path: Path) -> PriceList:
    """Read a file of prices, in US dollars; raises SettingsError with a sentence for everything that is wrong in it.

    A table a model, by its key or a trainer's name, with any of RATES, `source` and `enabled`.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"ATELIER_PRICES: {path} cannot be read ({error.strerror}). Check the path."]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"ATELIER_PRICES: {path} is no TOML ({error}). See the operator's guide."]) from error
    problems = [f"ATELIER_PRICES: {problem}" for key, table in told.items() for problem in _problems(key, table)]
    if problems:
        raise SettingsError(problems)
    own = {key: _price(table) for key, table in told.items() if any(rate in table for rate in RATES)}
    return PriceList(own, {key: table["enabled"] for key, table in told.items() if "enabled" in table})


def table(prices: PriceList) -> str:
    """Write every price with its source, for people."""
    rows = [HEADS, *_rows(prices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _rows(prices: PriceList) -> Iterator[tuple[str, ...]]:
    for key in PRICES:
        row, price = MODELS.get(key), prices.of(key)
        offered = "yes" if row is None or prices.offers(row) else "no"
        yield (
            key,
            _written(price),
            offered,
            row.evidence.value if row else "schema",
            price.source,
            row.licence if row else "",
        )


def _written(price: Price) -> str:
    parts = {
        "a run": price.per_run,
        "a picture": price.per_picture,
        "a megapixel": price.per_megapixel,
        "a second": price.per_second,
    }
    return " + ".join(f"${micro / DOLLAR:.6f}".rstrip("0") + f" {unit}" for unit, micro in parts.items() if micro)


def _problems(key: str, table: object) -> Iterator[str]:
    if key not in PRICES:
        yield f"{key} is no model. `python -m bot prices` lists their names."
    if not isinstance(table, dict):
        yield f'{key} must be a table, such as ["{key}"] on a line of its own.'
        return
    given = cast("Mapping[str, Any]", table)
    for name, value in given.items():
        if name not in KEYS:
            yield f"{key}.{name} is not known. There are {', '.join(KEYS)}."
        elif name in RATES and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 100):
            yield f"{key}.{name} must be an amount in US dollars, such as 0.04."
        elif name == "source" and not isinstance(value, str):
            yield f"{key}.source must be a text."
        elif name == "enabled" and not isinstance(value, bool):
            yield f"{key}.enabled must be true or false."
    if "per_second" in given and len(set(RATES) & set(given)) > 1:
        yield f"{key} has per_second and another rate. Leave one out."


def _price(table: Mapping[str, Any]) -> Price:
    rates = {name: round(table[name] * DOLLAR) for name in RATES if name in table}
    return Price(**rates, source=table.get("source", OWN))
