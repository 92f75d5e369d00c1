"""A Dask cluster on this machine, for one run: run as `dask_local DESCRIPTOR WORKERS FOLDER`.

It has a process of its own, so that its workers import this module as their main one and not the user's script. It
lives until its standard input ends, and then ends with everyone that it has started.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading


def main(descriptor: int, workers: int, folder: str) -> None:
    """Start the cluster and write its address to the descriptor."""
    threading.Thread(target=_end_in_time, daemon=True).start()
    os.set_inheritable(descriptor, False)
    import dask
    from distributed import LocalCluster

    # A node runs once, whatever becomes of its worker.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=folder,
    )
    # Not before, as Dask sets levels too. When the run lets go, what the scheduler says of that helps nobody.
    logging.getLogger("distributed.scheduler").setLevel(logging.CRITICAL + 1)
    with os.fdopen(descriptor, "w") as told:
        told.write(cluster.scheduler_address)
    threading.Event().wait()


def _end_in_time() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
