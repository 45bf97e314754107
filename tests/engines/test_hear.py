"""The page where arrays become sound, in each browser: an example, and a file with the same array."""

import io
import struct
import zipfile

import pytest

PAGE = "book/hear.html"
VIEW = "const { view } = document.querySelector('.sd-hear')"


class Hear:
    """The figure of the page: expressions know it as `view`."""

    def __init__(self, tab):
        self.tab = tab

    def until(self, condition):
        return self.tab.until(f"() => {{ {VIEW} ?? {{}}; return {condition}; }}")

    def evaluate(self, expression, *arguments):
        return self.tab.evaluate(
            f"async (...given) => {{ {VIEW}; return {expression}; }}", *arguments
        )

    def wait(self):
        """Wait until the sound is there, and nothing runs."""
        self.until("view.listening.current?.i === 100 && view.root.dataset.state === 'ready'")


@pytest.fixture(params=["http", "file"])
def hear(request, visit, bases):
    """The page, opened in both ways."""
    visit.goto(f"{bases[request.param]}/site/{PAGE}")
    visit.until("() => document.querySelector('.sd-hear')?.dataset.state === 'ready'")
    return Hear(visit)


def npz(values, shape):
    """A compressed archive with one array of float32."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}\n".encode()
    data = struct.pack(f"<{len(values)}f", *values)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data
        archive.writestr("mel.npy", member)
    return buffer.getvalue()


def test_an_example_and_a_file_become_the_same_sound(hear):
    hear.tab.click(".sd-examples button", "Example: whisper-80")
    hear.wait()
    assert hear.evaluate("view.chosen") == "whisper-80"
    assert hear.evaluate("view.engine.worker instanceof Worker && view.engine.answered")
    checksum = "view.listening.current.x.reduce((sum, v, t) => sum + v * (t % 97), 0)"
    length = hear.evaluate("view.listening.current.x.length")
    first = hear.evaluate(checksum)
    values = hear.evaluate("Array.from(view.table.values)")
    data = npz(values, hear.evaluate("view.table.shape"))
    hear.evaluate(
        "view.intake.open([new File([Uint8Array.from(given[0])], 'mel.npz')])", list(data)
    )
    hear.wait()
    assert hear.evaluate("view.status.textContent").startswith("mel: float32, 80")
    assert hear.evaluate("view.listening.current.x.length") == length
    assert hear.evaluate(checksum) == pytest.approx(first, rel=1e-6)
    hear.tab.click(".sd-play")
    hear.until("view.listening.now() > 0.3")
    hear.tab.click(".sd-play", "Pause")
    assert not hear.evaluate("view.listening.player.playing")


def test_a_picture_is_refused_in_words(hear):
    hear.evaluate("view.intake.open([new File(['\\x89PNG'], 'mel.png')])")
    told = hear.until("view.alert.textContent")
    assert "mel.png" in told and "np.save" in told
