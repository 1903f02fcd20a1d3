"""How atelier.db came to be, step by step, a file a release; a step that has landed is never changed.

Steps run in the order in which they are imported here, and each once.
"""

from bot.store.migrations import first_release, second_release, third_release
from bot.store.migrations.steps import migrations

__all__ = ["first_release", "migrations", "second_release", "third_release"]
