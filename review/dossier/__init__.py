"""The dossier: one case as one document, a pure function of docket, edition and ledger index.

`build` gathers, writes HTML from the shared templates and prints it in a limited child process. Only this room
speaks WeasyPrint. Names are loaded when they are asked for, because the child needs none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review.dossier.building import EDITIONS, Built, Progress, build
    from review.dossier.child import NotPrinted
    from review.dossier.material import NotThere

__all__ = ["EDITIONS", "Built", "NotPrinted", "NotThere", "Progress", "build"]
_HOMES = {"NotPrinted": "child", "NotThere": "material"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"review.dossier.{_HOMES.get(name, 'building')}"), name)
