"""Doing one thing to many items on all cores, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
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


def run_in_copies(function: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item]) -> list[Result]:
    """Results in the order of the items, the items shared out in equal parts among copies of this process.

    A copy has everything loaded already, so that it pays for work of a second. It also has this process's open files
    and connections, so the function must compute and nothing else. Where a copy cannot be made safely (other threads
    run, the system has no fork) or would bring nothing, this process does all.

    Parameters
    ----------
    function : callable
        Takes some of the items; at module level or a `functools.partial` of such.
    items : sequence
    """
    count = available_cores()
    if count == 1 or threading.active_count() > 1 or sys.platform != "linux":
        return list(function(items))
    bounds = [len(items) * part // count for part in range(count + 1)]
    parts = [items[start:stop] for start, stop in pairwise(bounds)]
    with ProcessPoolExecutor(count - 1, mp_context=multiprocessing.get_context("fork")) as pool:
        others = [pool.submit(function, part) for part in parts[1:]]
        own = list(function(parts[0]))
        return [*own, *(result for other in others for result in other.result())]


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
