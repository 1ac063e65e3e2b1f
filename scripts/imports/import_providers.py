"""Imports every hook, operator, sensor and trigger of the providers that are named; one JSON object a line.

Run by check-imports.mjs with the interpreter of an environment.
"""

import importlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import time
import warnings

KINDS = {"hooks", "operators", "sensors", "triggers"}


def main():
    warnings.simplefilter("ignore")
    import airflow  # noqa: F401  configures Airflow once, not within the first provider's time

    for name in sys.argv[1:]:
        distribution = importlib.metadata.distribution("apache-airflow-providers-" + name)
        start = time.monotonic()
        modules = sorted(modules_of(distribution))
        failures = [failure for failure in map(try_import, modules) if failure]
        result = {
            "provider": name,
            "version": distribution.version,
            "modules": len(modules),
            "failures": failures,
            "seconds": round(time.monotonic() - start, 1),
        }
        print("\x1e" + json.dumps(result), flush=True)
    # Some clients leave threads that wait for ever.
    os._exit(0)


def modules_of(distribution):
    for file in distribution.files or ():
        parts = file.parts
        if file.suffix == ".py" and parts[:2] == ("airflow", "providers") and KINDS & set(parts[:-1]):
            module = ".".join(parts)[: -len(".py")]
            yield module[: -len(".__init__")] if module.endswith(".__init__") else module


def try_import(module):
    try:
        importlib.import_module(module)
    except BaseException as error:
        return {"module": module, "reason": reason(error), "optional": is_optional(error)}
    return None


def reason(error):
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"[:200]


def is_optional(error):
    """What the provider itself calls optional, or a module of a package that nothing installed requires."""
    while error is not None:
        if type(error).__name__ == "AirflowOptionalProviderFeatureException":
            return True
        if isinstance(error, ModuleNotFoundError) and error.name:
            return is_missing(error.name)
        error = error.__cause__ or error.__context__
    return False


def is_missing(module):
    top = module.split(".")[0]
    if top != "airflow":
        return importlib.util.find_spec(top) is None
    # Another provider, which this one needs for this module only.
    return module.startswith("airflow.providers.")


main()
