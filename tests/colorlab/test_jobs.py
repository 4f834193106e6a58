"""One thing done to many items."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from colorlab import jobs
from colorlab.jobs import LEAST_ITEMS, processes, run
from spectra.errors import GeometryError

# A function every process can find: reads a token, refuses what is none (the user's mistake), and fails on a number (a
# fault of the program).
from spectra.geometry import canonical

TOKENS = [f" r45AS{angle} " for angle in range(15, 15 + LEAST_ITEMS + 4)]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_their_items(workers):
    assert list(run(canonical, TOKENS, workers)) == [token.strip().lower().lstrip("r") for token in TOKENS]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("item", "error"), [("sideways", GeometryError), (45, AttributeError)])
def test_what_fails_is_raised_in_its_turn(workers, item, error):
    results = run(canonical, [*TOKENS[:3], item, *TOKENS[3:]], workers)
    assert [next(results) for _ in range(3)] == ["45as15", "45as16", "45as17"]
    with pytest.raises(error):
        next(results)
    assert list(results) == []


def test_nothing_to_do_is_done_at_once():
    assert list(run(canonical, [])) == []


def test_an_interrupt_ends_the_processes_and_drops_their_work():
    def interrupted():
        with processes(2) as submit:
            waiting = [submit(time.sleep, 600) for _ in range(4)]
            while not waiting[0].running():
                time.sleep(0.01)
            raise KeyboardInterrupt

    others = set(multiprocessing.active_children())
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    while set(multiprocessing.active_children()) - others:
        assert time.monotonic() - started < 60
        time.sleep(0.01)


def test_processes_leave_when_their_owner_is_killed():
    script = (
        "import time\n"
        "from colorlab.jobs import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(2) as submit:\n"
        "        print(*{submit(os.getpid).result() for _ in range(4)}, flush=True)\n"
        "        time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", "import os\n" + script], stdout=subprocess.PIPE, text=True) as owner:
        workers = [int(number) for number in owner.stdout.readline().split()]
        assert workers
        owner.kill()
        owner.wait()
    for _ in range(300):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            return
        time.sleep(0.1)
    pytest.fail(f"processes {workers} are still there half a minute after their owner was killed")


def doubled(items):
    return [2 * item for item in items]


def fails(items):
    raise ValueError(f"of {len(items)}")


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_copies_of_the_process_share_the_items_and_keep_their_order(count):
    assert jobs.run_in_copies(doubled, range(count)) == doubled(range(count))


def test_beside_other_threads_no_copy_is_made():
    pids, stop = [], threading.Event()

    def pid(items):
        pids.append(os.getpid())
        return list(items)

    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert jobs.run_in_copies(pid, range(10)) == list(range(10))
    finally:
        stop.set()
        thread.join()
    assert pids == [os.getpid()]


def test_what_a_copy_raises_is_raised():
    with pytest.raises(ValueError, match="of "):
        jobs.run_in_copies(fails, range(10))
