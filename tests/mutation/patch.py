"""How a mistake gets into a module: into its functions while they are loaded, or into what is imported in its place."""

import gc
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, FunctionType, ModuleType

from include.settings import REPOSITORY
from tests.mutation.mutants import Mutant


def patched(path: str, mutant: Mutant) -> bool:
    """Gives the function its mutated code, wherever it is referred to. False where the mutant is in no function."""
    if mutant.function is None:
        return False
    file = str(REPOSITORY / path)
    there = functions().get((file, mutant.function), [])
    changed = [code for code in _codes(compile(mutant.source, file, "exec")) if code.co_qualname == mutant.function]
    if not there or len(changed) != 1 or any(one.__code__.co_freevars != changed[0].co_freevars for one in there):
        return False
    for function in there:
        function.__code__ = changed[0]
    return True


@cache
def functions() -> dict[tuple[str, str], list[FunctionType]]:
    """Every loaded function of `include` by its file and qualified name."""
    found = dict[tuple[str, str], list[FunctionType]]()
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename.startswith(str(REPOSITORY / "include")):
            found.setdefault((one.__code__.co_filename, one.__code__.co_qualname), []).append(one)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


class Mutated(SourceFileLoader):
    """Imports the mutated source in place of the module."""

    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, str(REPOSITORY / path))
        self.source = source

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module under trial, and no other."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """The mutated source, compiled."""
        return compile(self.source, self.path, "exec")
