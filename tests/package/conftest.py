"""What several tests of the package are given."""

import shutil
import signal

import pytest

from corpora import write_recordings
from specdemo import load


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """A folder of twelve recordings, to be left as it is."""
    return write_recordings(tmp_path_factory.mktemp("recordings"))


@pytest.fixture
def folder(recordings, tmp_path):
    """A copy to be changed."""
    return shutil.copytree(recordings, tmp_path / "in")


@pytest.fixture
def read_wav(tmp_path):
    """Write bytes to a file and load it."""

    def read(content, **settings):
        path = tmp_path / "some.wav"
        path.write_bytes(content)
        return load(path, **settings)

    return read


@pytest.fixture
def hears_interrupts():
    """Have Ctrl-C heard, here and by what is started: a command in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
