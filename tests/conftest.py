"""Fixtures every test may use, and what becomes of a skipped one."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
# Skips that say something of the test and not of the machine it runs on.
EXPECTED_SKIPS = ("is read only",)

# How long a test takes says nothing of paint, and the first one of a process loads the libraries.
settings.register_profile("colorlab", deadline=None)
settings.load_profile("colorlab")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real measurement files beside the checkout; tests that need them skip where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data with real measurement files is not beside this checkout")
    return SHARED_DATA


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With COLORLAB_NO_SKIPS=1 a skipped test fails: for a machine that is meant to have everything."""
    report = yield
    if os.environ.get("COLORLAB_NO_SKIPS") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not reason.endswith(EXPECTED_SKIPS):
            report.outcome, report.longrepr = "failed", f"COLORLAB_NO_SKIPS forbids it: {reason}"
    return report
