"""Entry points of the Python side, called by the TypeScript side with this folder's path."""

from __future__ import annotations

import os
import sys

# Python put this package's own folder first; an author's import must never find our modules there.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(sys.path.pop(0))


def main(arguments: list[str]) -> None:
    from airflow_devenv.faults import let_faults_end_us
    from airflow_devenv.fresh_sources import leave_fresh_sources_uncached

    let_faults_end_us()
    leave_fresh_sources_uncached()
    if arguments[:1] == ["once"]:
        from airflow_devenv.once import watch

        watch(int(arguments[1]))
    elif arguments[:1] == ["serve-once"]:
        from airflow_devenv.once import serve_once

        serve_once(int(arguments[1]), int(arguments[2]))
    elif arguments[:1] == ["preload"]:
        from airflow_devenv.preload import main as preload

        preload(arguments[1])
    elif arguments[:1] == ["contract"]:
        from airflow_devenv.contract.report import print_report

        print_report()
    elif arguments[:1] == ["service"]:
        from airflow_devenv.service import serve_fresh

        serve_fresh()
    else:
        sys.exit(f"unknown command: {arguments!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
