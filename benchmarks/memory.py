"""Peak memory of Griffin-Lim and the cost of importing, each in a process of its own."""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import specdemo as sd
from measuring import quartiles
from sounds import seconds_of_speech

# A short call first, so that what a library loads or compiles at its first call does not count.
PEAK_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import one_thread, highest
import numpy as np
import specdemo as sd
{prepare}
stft = sd.STFT(22050, 1024, 256)
run(np.ones((513, 40), np.float32), 2, 39 * 256)
S = np.load(sys.argv[2])
highest.forget()
before = highest.megabytes()
run(S, 10, (S.shape[1] - 1) * 256)
print(highest.megabytes() - before)
"""
GRIFFIN_LIM = {
    "specdemo": """
def run(S, n_iter, length):
    sd.invert_spectrogram(S, stft, start="random", refine="fast_griffin_lim", n_iter=n_iter,
                          length=length, rng=0)
""",
    "librosa": """
import peers
def run(S, n_iter, length):
    peers.librosa_griffin_lim(S, stft, n_iter, length)
""",
    "torch": """
import peers
def run(S, n_iter, length):
    peers.torch_griffin_lim(S, stft, n_iter, length)
""",
}
FIRST_MEL = "import numpy as np; x = np.zeros(22050, np.float32); "
IMPORTS = {
    "numpy": "import numpy",
    "specdemo": "import specdemo",
    "specdemo and its first mel spectrogram": FIRST_MEL
    + "import specdemo as sd; bank = sd.MelBank(sd.STFT(22050, 1024, 256)); "
    "bank.forward(bank.stft.magnitude(x))",
    "librosa": "import librosa",
    "librosa and its first mel spectrogram": FIRST_MEL
    + "import librosa; librosa.feature.melspectrogram(y=x, sr=22050, n_fft=1024, hop_length=256)",
    "torch": "import torch",
}


def peaks(with_torch, quick):
    """Megabytes that fast Griffin-Lim needs above what was in use before it, for long speech."""
    seconds = 20 if quick else 60
    names = [name for name in GRIFFIN_LIM if with_torch or name != "torch"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "S.npy"
        S = sd.STFT(22050, 1024, 256).magnitude(seconds_of_speech(seconds, 22050))
        np.save(path, S)
        found = {name: [] for name in names}
        for _ in range(1 if quick else 3):
            for name in names:
                found[name].append(peak(GRIFFIN_LIM[name], path))
    return [
        {
            "method": name,
            "seconds": seconds,
            "spectrogram_mb": round(S.nbytes / 1e6, 1),
            "mb": quartiles(values),
        }
        for name, values in found.items()
    ]


def peak(prepare, path):
    """Megabytes that one process needed."""
    program = PEAK_PROGRAM.format(prepare=prepare)
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", program, here, str(path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout.split()[-1])


def imports(with_torch, quick):
    """CPU milliseconds of importing, above those of starting Python."""
    programs = {"python": "", **IMPORTS}
    if not with_torch:
        del programs["torch"]
    found = {name: [] for name in programs}
    for _ in range(1 if quick else 5):
        for name, program in programs.items():
            found[name].append(cpu_seconds(program))
    start = np.array(found.pop("python"))
    return [
        {"what": name, "ms": quartiles(1e3 * (np.array(values) - start))}
        for name, values in found.items()
    ]


def cpu_seconds(program):
    """CPU seconds of a Python process that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
