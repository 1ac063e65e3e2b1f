"""Entry points of the Python side, called by the TypeScript side with this folder's path."""

from __future__ import annotations

import os
import sys

# Python put this package's own folder first; an author's import must never find our modules there.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(sys.path.pop(0))


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["once"]:
        from airflow_devenv.once import main as once

        once(int(arguments[1]))
    elif arguments[:1] == ["preload"]:
        from airflow_devenv.preload import main as preload

        preload(arguments[1])
    elif arguments[:1] == ["end-abandoned-runs"]:
        from airflow_devenv.lines.detect import detect_line
        from airflow_devenv.run_records import end_abandoned_runs

        end_abandoned_runs(arguments[1], detect_line().fail_run)
    else:
        sys.exit(f"unknown command: {arguments!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
