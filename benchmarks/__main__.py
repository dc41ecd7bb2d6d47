"""`python -m benchmarks` lists what can be measured; `python -m benchmarks NAME …` measures it."""

import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import benchmarks


def found() -> dict[str, ModuleType]:
    """Every benchmark by name: the modules of this package that have a `main`."""
    modules = {
        one.name: import_module(f"benchmarks.{one.name}")
        for one in iter_modules(benchmarks.__path__)
        if not one.name.startswith("_")
    }
    return {name: module for name, module in modules.items() if hasattr(module, "main")}


def main(arguments: list[str]) -> int:
    """Run the one that is named, with the rest of the arguments; without a name, list them all."""
    known = found()
    if not arguments:
        for name, module in known.items():
            print(f"{name:12} {(module.__doc__ or '').strip().splitlines()[0]}")
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"There is no benchmark {name}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    return int(known[name].main(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
