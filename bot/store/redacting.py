"""Recipes as they lie in their rows, without the secrets of addresses once these have served."""

import json

import sqlite_utils

from bot.domain.addresses import shown
from bot.store.queries import Queries, rows, run

SQL, SQLITE = Queries("undecided"), Queries("sqlite")


def plain_recipe(text: str) -> str:
    """Leave the secrets out of the JSON of a recipe."""
    recipe = json.loads(text)
    recipe["settings"] = shown(recipe.get("settings") or {})
    return json.dumps(recipe, ensure_ascii=False)


def plain_batch(db: sqlite_utils.Database, accepted: str) -> bool:
    """Leave the secrets out of the batch that a generation was in: it stays for a while, so that it is painted once.

    Tells whether there were any.
    """
    changed = False
    found = rows(db, SQLITE.batches_with, it=json.dumps(accepted))
    for row in found:
        wishes = [{**wish, "recipe": plain_recipe(wish["recipe"])} for wish in json.loads(row["wishes"])]
        text = json.dumps(wishes, ensure_ascii=False)
        if text != row["wishes"]:
            run(db, SQL.change_wishes, it=row["id"], wishes=text)
            changed = True
    return changed
