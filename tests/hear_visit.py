"""Visits to the page of arrays, and what is given to it."""

import io
import json
import struct

import numpy as np

import specdemo as sd
from specdemo.live.twin import hear_script, sound_script
from visit import Visit

# What a strict host allows: no request, scripts and workers from the page itself.
POLICY = "script-src 'self' file: blob:; worker-src blob:; connect-src 'none'; object-src 'none'"
PAGE = """<!DOCTYPE html>
<html lang="en"{attributes}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Hear</title>
</head>
<body><main><h1>Hear</h1>
<figure class="sd-hear-place" data-sounds='{{"speech": "speech.js"}}'><p>No script.</p></figure>
</main>
<script src="hear.js"></script></body></html>
"""


def write_page(folder):
    """Write the page, and what it asks for, to a folder; return the folder."""
    (folder / "hear.js").write_text(hear_script(), encoding="utf-8")
    hand_over = sound_script("speech", *sd.load("speech", duration=2))
    decode = (
        "specdemo.sound = (name, sr, text) => { const bytes = Uint8Array.from(atob(text), "
        "(c) => c.charCodeAt(0)); specdemo.sounds[document.currentScript.src] = { sr, x: "
        "Float32Array.from(new Int16Array(bytes.buffer), (v) => v / 32768) }; };\n"
    )
    (folder / "speech.js").write_text(decode + hand_over, encoding="utf-8")
    for name, attributes in (("hear", ""), ("dark", ' data-theme="dark"')):
        page = PAGE.format(policy=POLICY, attributes=attributes)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


# Whether the page is there, and nothing runs.
AT_REST = """() => {
  const root = document.querySelector(".sd-hear")?.view?.root;
  return root?.dataset.state === "ready" && !root.querySelector("[aria-busy]");
}"""
VIEW = "const { view } = document.querySelector('.sd-hear')"


class HearVisit(Visit):
    """A visit whose expressions know the figure as `view`."""

    def open(self, fragment=""):
        self.goto(f"hear.html{fragment}")
        return self.wait()

    def wait(self):
        """Wait until nothing runs."""
        super().until(AT_REST)
        return self

    def until(self, condition):
        super().until(f"() => {{ {VIEW}; return {condition}; }}")

    def evaluate(self, expression):
        return self.page.evaluate(f"() => {{ {VIEW}; return {expression}; }}")

    def give(self, name, data, field=".sd-source input[type=file]"):
        """Choose a file, and wait for what comes of it."""
        before = self.evaluate("view.intake.turn")
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        self.page.set_input_files(field, file)
        if field.startswith(".sd-source"):
            self.until(f"view.intake.turn > {before} && (view.table || view.alert.textContent)")
        return self.wait()

    def choose(self, name):
        self.page.locator(f"input[type=radio][value='{name}']").check()
        return self.wait()

    @property
    def chosen(self):
        return self.evaluate("view.chosen")

    @property
    def sound(self):
        """The sound of the chosen format, and its rate."""
        found = self.evaluate(
            "(({ x, sr }) => ({ x: Array.from(x), sr }))(view.listening.sounds.get(view.chosen))"
        )
        return np.array(found["x"]), found["sr"]

    @property
    def alert(self):
        return self.page.locator(".sd-alert").inner_text()


def npy(A):
    """An array as the bytes of a file of `numpy.save`."""
    buffer = io.BytesIO()
    np.save(buffer, A)
    return buffer.getvalue()


def array_of(name, seconds=1.0):
    """What a system makes of the voice, and the voice at its rate."""
    fmt = sd.mel_format(name)
    x = sd.resample(*sd.load("speech", duration=seconds), fmt.sr)
    return fmt.forward(x), x


def saved(write, **arrays):
    """Arrays as the bytes of a file that a function of NumPy's kind writes."""
    buffer = io.BytesIO()
    write(buffer, **arrays)
    return buffer.getvalue()


def tensors(**arrays):
    """A file of safetensors, by its specification."""
    header, data = {}, b""
    for name, A in arrays.items():
        raw = np.ascontiguousarray(A, "<f2").tobytes()
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F16", "shape": list(A.shape), "data_offsets": offsets}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data
