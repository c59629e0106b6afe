"""The installed package, packed once for all processes of a run."""

import os

import pytest

from tests.clients.typescript.packed import Packed, packed


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return packed(tmp_path_factory.mktemp("package"), shared / "rookery-client")
