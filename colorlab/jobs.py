"""Doing one thing to many items on all cores, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Submit = Callable[..., "Future[Any]"]
# Below this many items starting processes costs more than they save: each imports the libraries anew.
LEAST_ITEMS = 8


def run(function: Callable[[Item], Result], items: Sequence[Item], workers: int | None = None) -> Iterator[Result]:
    """Results in the order of the items; the first item that fails raises what it raised.

    Parameters
    ----------
    function : callable
        At module level, so that another process can find it.
    items : sequence
    workers : int, optional
        Processes; as many as this process may use cores when left out, none for a few items.
    """
    count = workers or available_cores()
    if count == 1 or len(items) < LEAST_ITEMS:
        yield from map(function, items)
        return
    with processes(count) as submit:
        for future in [submit(function, item) for item in items]:
            yield future.result()


@contextmanager
def processes(count: int) -> Iterator[Submit]:
    """A pool of processes beside this one; what it yields gives them work, `submit(function, *arguments)`.

    Left normally, it waits for the work to be done. Left by an error or Ctrl-C, it ends its processes at once and drops
    their work: whoever pressed Ctrl-C does not wait.
    """
    others = set(multiprocessing.active_children())
    # Started afresh, not forked: a fork would share the parent's database connections and threads.
    pool = ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_with_the_parent
    )

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with _interrupts_held():
            return pool.submit(function, *arguments)

    try:
        yield submit
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        raise
    pool.shutdown()


def _leave_with_the_parent() -> None:
    """End this process when the one it works for is gone: a pool whose owner was killed would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes started in here inherit that Ctrl-C, which a terminal sends to all, is held from them: one answers."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def available_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
