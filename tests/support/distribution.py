"""Deals the tests out to the processes of pytest-xdist: whole files, and all that drive a browser to one process."""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Several browsers would leave each other too little of the machine.
WITH_BROWSER: Final = ("tests/web/", "tests/clients/test_spa.py")


class FileScheduling(LoadFileScheduling):
    """Its scopes are the names of files, or `browser`.

    Not by `--dist loadgroup`, which groups nothing with pytest 9.2: findings/pytest-xdist-loadgroup.sh.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "browser" if file.startswith(WITH_BROWSER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileScheduling:
    return FileScheduling(config, log)
