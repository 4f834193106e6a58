"""Doing one thing to many items on all cores, in order; what fails is an outcome with its item, not a crash."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from spectra.errors import ColorlabError

Item = TypeVar("Item")
Result = TypeVar("Result")
# Below this many items starting processes costs more than they save: each imports the libraries anew.
LEAST_ITEMS = 8


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Result]):
    """What became of one item: a result, or the error a user should read."""

    item: Item
    result: Result | None
    error: ColorlabError | None

    def value(self) -> Result:
        """The result.

        Raises
        ------
        ColorlabError
            The item's own, if it failed.
        """
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]


def run(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int | None = None
) -> Iterator[Outcome[Item, Result]]:
    """Outcomes in the order of the items.

    Parameters
    ----------
    function : callable
        At module level, so that another process can find it. Errors of our tree become outcomes; any other exception is
        a fault of the program and is raised.
    items : sequence
    workers : int, optional
        Processes; as many as this process may use cores when left out, none for a few items.
    """
    count = workers or available_cores()
    if count == 1 or len(items) < LEAST_ITEMS:
        for item in items:
            yield _attempt(function, item)
        return
    # Started afresh, not forked: a fork would share the parent's database connections and threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        futures = [pool.submit(_attempt, function, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def available_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attempt(function: Callable[[Item], Result], item: Item) -> Outcome[Item, Result]:
    try:
        return Outcome(item, function(item), None)
    except ColorlabError as error:
        return Outcome(item, None, error)
