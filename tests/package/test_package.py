"""What the package offers, and what importing it costs. Which module may stand on which: pyproject.toml."""

import ast
import inspect
import operator
import subprocess
import sys
from functools import cached_property, partial
from pathlib import Path

import pytest

import specdemo
from cases import for_every
from public_names import public_callables

FOLDER = Path(specdemo.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))

HEAVY = {"matplotlib", "ipywidgets", "anywidget", "soundfile", "IPython"}


@pytest.mark.parametrize(
    "name",
    [
        "STFT",
        "MelBank",
        "Staircase",
        "amplitude_to_db",
        "bandpass",
        "clips",
        "db_to_amplitude",
        "frame",
        "hz_to_mel",
        "invert_spectrogram",
        "lengthen",
        "load",
        "log_spectral_distance",
        "mel_to_hz",
        "phase.STARTS",
        "phase.REFINEMENTS",
        "save",
        "shorten",
        "spectral_convergence",
    ],
)
def test_public_names_of_the_design(name):
    found = specdemo
    for part in name.split("."):
        assert part in found.__all__
        found = getattr(found, part)


@pytest.mark.parametrize(
    ("name", "defaults"),
    [
        ("STFT", {"n_fft": 1024, "hop_length": 256, "window": "hann", "center": True}),
        ("STFT.stream", {"frames_per_block": 512}),
        ("MelBank", {"n_mels": 80, "fmin": 0, "fmax": None, "scale": "slaney", "norm": "slaney"}),
        ("MelBank.inverse", {"method": "em", "n_iter": None}),
        ("amplitude_to_db", {"ref": 1, "amin": 1e-5, "top_db": 80}),
        ("invert_spectrogram", {"start": "pghi", "refine": "raar", "n_iter": 32, "momentum": 0.99}),
        ("invert_mel", {"n_iter": 100, "length": None, "rng": None}),
    ],
)
def test_defaults_stay(name, defaults):
    """What is left out in a call is a part of the interface: results change with it."""
    parameters = inspect.signature(operator.attrgetter(name)(specdemo)).parameters
    assert {key: parameters[key].default for key in defaults} == defaults


# Go by their place although they may be left out: what follows `sr` or the grid, an array, the sound of a
# figure, what does the work.
BY_PLACE = {
    "STFT": {"n_fft", "hop_length"},
    "MelBank": {"n_mels"},
    "MelFormat": {"scale"},
    "mel_formats": {"A"},
    "Explorer": {"clip"},
    "Figure": {"clip"},
    "corpus.Processes": {"n_workers"},
    "corpus.local_cluster": {"n_workers"},
    "corpus.make_features": {"client"},
}


def test_settings_are_given_by_name():
    """Only data and the grid go by their place: all that may be left out is keyword-only."""
    for name, function in public_callables():
        found = {
            key
            for key, parameter in inspect.signature(function).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
            and parameter.default is not parameter.empty
        }
        assert found == BY_PLACE.get(name.removeprefix("live."), set()), name


def test_types_come_with_the_package():
    """mypy holds that there are any; without this file, nobody else's mypy would look at them."""
    assert (FOLDER / "py.typed").is_file()


def test_there_is_no_usual_sampling_rate():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'sr'"):
        specdemo.STFT()


def test_all_names_exist_and_have_docstrings():
    for name in specdemo.__all__:
        assert getattr(specdemo, name).__doc__


def test_words_of_the_registries():
    assert {"zero", "random", "pghi"} <= set(specdemo.phase.STARTS)
    assert {"griffin_lim", "fast_griffin_lim"} <= set(specdemo.phase.REFINEMENTS)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="'specdemo' has no attribute 'spectogram'"):
        specdemo.spectogram  # noqa: B018


def test_importing_is_light():
    """None of the modules that take tenths of a second, or that only some functions need."""
    heavy = sorted(HEAVY | {"scipy.signal", "scipy.fft", "scipy.sparse", "scipy.optimize"})
    code = f"import sys, specdemo; print([name for name in {heavy} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_plot_is_imported_at_first_use():
    code = "import specdemo, sys; specdemo.plot.waveform; print('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


@for_every(path=MODULES)
def test_every_public_function_and_class_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    owners = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    for owner in owners:
        for node in owner.body:
            named = isinstance(node, (ast.FunctionDef, ast.ClassDef))
            if named and not node.name.startswith("_"):
                private = getattr(owner, "name", "").startswith("_")
                assert private or ast.get_docstring(node), node.name


def test_properties_begin_with_a_sentence_without_a_colon():
    """The API page takes what stands before a colon for a type."""
    public = [*vars(specdemo.corpus).values(), *map(partial(getattr, specdemo), specdemo.__all__)]
    for owner in filter(inspect.isclass, public):
        for name, value in vars(owner).items():
            if isinstance(value, property | cached_property) and not name.startswith("_"):
                assert ":" not in inspect.getdoc(value).splitlines()[0], (owner, name)
