"""The installed package, made once."""

import pytest

from tests.clients.typescript.packed import Packed, packed


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return packed(tmp_path_factory.mktemp("package"))
