"""The list that every step of a release enters by its decorator."""

from sqlite_utils import Migrations

migrations = Migrations("atelier")
