"""Arrays in files as networks' programs write them: which is read, and what is refused."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

import specdemo as sd
from specdemo._command.arrays import load_array

# Written by PyTorch 2.13 and safetensors 0.6: twelve numbers from -11 to 1, three rows.
ARRAYS = Path(__file__).with_name("arrays")
NUMBERS = np.linspace(-11, 1, 12).reshape(3, 4)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "key", "expected", "dtype"),
    [
        ("one.pt", None, NUMBERS, "float32"),
        ("many.pt", "mel", NUMBERS, "float16"),
        ("many.pt", "turned", NUMBERS.T, "float32"),
        ("many.pt", "nested.batch", NUMBERS[np.newaxis], "float32"),
        ("many.pt", "nested.part", NUMBERS[1:, ::2], "float32"),
        ("many.safetensors", "mel", NUMBERS, "float32"),
        ("many.safetensors", "half", NUMBERS, "float16"),
    ],
)
def test_arrays_of_pytorch_are_read_without_it(name, key, expected, dtype):
    A = load_array(ARRAYS / name, key)
    assert A.dtype == dtype
    # Half precision has 11 bits, bfloat16, which comes as float32, has 8.
    np.testing.assert_allclose(A, expected, rtol=2**-8, atol=2**-8)


def test_numpys_files_are_read_whatever_their_name(folder):
    np.save("a.npy", NUMBERS.astype(">f4", order="F"))
    np.savez("b.npz", mel=NUMBERS, sr=22050, names=np.array(["x"]))
    np.savez_compressed("c.npz", first=NUMBERS, second=-NUMBERS)
    Path("a.npy").rename("a.txt")
    np.testing.assert_array_equal(load_array(Path("a.txt")), NUMBERS.astype("f4"))
    np.testing.assert_array_equal(load_array(Path("b.npz")), NUMBERS)
    np.testing.assert_array_equal(load_array(Path("c.npz"), "second"), -NUMBERS)


@pytest.mark.parametrize(
    ("name", "key", "message"),
    [
        ("many.pt", None, "holds mel, turned, nested.batch, nested.part: say which, by --key"),
        (
            "many.safetensors",
            "step",
            "--key must be one of the arrays .*(half, mel|mel, half); got step",
        ),
        ("module.pt", None, r"without PyTorch: it holds a torch.*Linear; save the array itself"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_way_out(name, key, message):
    with pytest.raises(ValueError, match=message):
        load_array(ARRAYS / name, key)


def test_files_of_no_arrays_are_refused_in_a_sentence(folder):
    np.save("int.npy", np.arange(6).reshape(2, 3))
    np.save("object.npy", np.array([{}]), allow_pickle=True)
    sd.save("sound.wav", NUMBERS[0].clip(-1, 1), 8000)
    Path("empty.npy").touch()
    for name, message in [
        ("int.npy", "must hold floats; got int64"),
        ("object.npy", "allow_pickle"),
        ("sound.wav", "it is not a .npy, .npz, .safetensors or .pt"),
        ("empty.npy", "it is not a .npy"),
    ]:
        with pytest.raises(ValueError, match=message):
            load_array(Path(name))


def test_damaged_files_are_refused_wherever_they_end(folder):
    """Never by another error; an array that is whole in a file that is not may be read."""
    np.save("whole.npy", NUMBERS)
    for source in [Path("whole.npy"), *sorted(ARRAYS.iterdir())]:
        data = source.read_bytes()
        for length in range(0, len(data) - 1, 17):
            Path("cut").write_bytes(data[:length])
            try:
                A = load_array(Path("cut"), "mel")
            except ValueError as error:
                assert re.search("^cut cannot be read|^--key", str(error)), (source, length)
            else:
                np.testing.assert_array_equal(A, load_array(source, "mel"))


def test_what_lies_beside_an_array_does_not_matter(folder):
    np.savez("o.npz", mel=NUMBERS, speaker=None, meta=np.array([{}], object), sr=22050)
    with zipfile.ZipFile("o.npz", "a") as archive:
        archive.writestr("readme.txt", "made by a network")
    np.testing.assert_array_equal(load_array(Path("o.npz")), NUMBERS)
    with zipfile.ZipFile("texts.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(ValueError, match="holds no array of floats"):
        load_array(Path("texts.zip"))
    np.save("one.npy", NUMBERS)
    with pytest.raises(ValueError, match=r"--key must be left out: one\.npy .* got mel"):
        load_array(Path("one.npy"), "mel")


@pytest.mark.parametrize(
    "header",
    [
        *(b"[]", b"null", b"[" * 100_000, b'{"mel": 1}', b'{"mel": []}'),
        b'{"mel": {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 1000000000000000]}}',
        b'{"mel": {"dtype": "F32", "shape": [1, 1], "data_offsets": [-4, 0]}}',
        b'{"mel": {"dtype": ["F32"], "shape": [1, 1], "data_offsets": [0, 4]}}',
        b'{"mel": {"dtype": "F32", "shape": 7, "data_offsets": [0, 4]}}',
    ],
)
def test_a_damaged_header_of_safetensors_is_refused(folder, header):
    Path("a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(ValueError, match="a.safetensors cannot be read"):
        load_array(Path("a.safetensors"))
