"""What several tests of the package are given."""

import pytest

from specdemo import load


@pytest.fixture
def read_wav(tmp_path):
    """Write bytes to a file and load it."""

    def read(content, **settings):
        path = tmp_path / "some.wav"
        path.write_bytes(content)
        return load(path, **settings)

    return read
