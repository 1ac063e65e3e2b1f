"""Something to be done when a module has been imported, without importing it."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Patch = Callable[[Any], None]


def after_import(name: str, patch: Patch) -> None:
    """Calls `patch` with the module: now if it is there, else when somebody imports it. Once for each process."""
    if name in _done:
        return
    if name in sys.modules:
        _done.add(name)
        patch(sys.modules[name])
        return
    if _waiting not in sys.meta_path:
        sys.meta_path.insert(0, _waiting)
    _waiting.patches[name] = patch


#: Names of modules that have been patched.
_done: set[str] = set()


class _Waiting(MetaPathFinder):
    def __init__(self) -> None:
        self.patches: dict[str, Patch] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        # Taken out, so that the search for the real one does not end here again.
        patch = self.patches.pop(name, None)
        if patch is None:
            return None
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            spec = None
        if spec is None or spec.loader is None:
            self.patches[name] = patch
            return None
        spec.loader = _PatchingLoader(name, spec.loader, patch)
        return spec


_waiting = _Waiting()


class _PatchingLoader(Loader):
    def __init__(self, name: str, loader: Any, patch: Patch) -> None:
        self._name = name
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _done.add(self._name)
        try:
            self._patch(module)
        except Exception as error:  # noqa: BLE001 - the author's import must not fail by what we add
            sys.stderr.write("devenv: %s could not be changed for the project: %r\n" % (self._name, error))  # noqa: UP031

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
