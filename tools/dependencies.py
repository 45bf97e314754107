"""Write DEPENDENCIES.md: version, licence and origin of every pinned package.

    .venv/bin/python tools/dependencies.py

`make lock` runs it, after it has renewed the pins. What a package says of itself is taken from its
metadata, so that what comes with it can be looked through in one table.
"""

import importlib.metadata
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "DEPENDENCIES.md"
PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)

# Licences under which a package may be used, changed and passed on with a book like this one.
ACCEPTED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "ISC", "LGPL-2.1-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    "Public Domain", "Zlib",
}

# What older metadata calls them.
NAMES = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

# Packages that are installed on some systems or releases of Python only, and some whose metadata
# leave something out: read from what they distribute for others.
BY_HAND = {
    "appnope": ("BSD-2-Clause", "https://github.com/minrk/appnope"),
    "audioop-lts": ("PSF-2.0", "https://github.com/AbstractUmbra/audioop"),
    "axe-playwright-python": ("MIT", "https://github.com/pamelafox/axe-playwright-python"),
    "colorama": ("BSD", "https://github.com/tartley/colorama"),
    "decorator": ("BSD-2-Clause", "https://github.com/micheles/decorator"),
    # One file of its sources, the Emacs mode, is under the GPL; it is not installed.
    "docutils": ("Public Domain AND PSF-2.0 AND BSD", "https://docutils.sourceforge.io"),
    "pywinpty": ("MIT", "https://github.com/andfoy/pywinpty"),
    "standard-aifc": ("PSF-2.0", "https://github.com/youknowone/python-deadlib"),
    "standard-chunk": ("PSF-2.0", "https://github.com/youknowone/python-deadlib"),
    "standard-sunau": ("PSF-2.0", "https://github.com/youknowone/python-deadlib"),
}

HEAD = """\
# Dependencies

What `requirements.txt` pins, by hash, with the licence and the home of each package. Written by
`tools/dependencies.py`; `make lock` renews it.

Installed with `pip install .`, the package needs the first two alone. Nothing of these is part of this
repository. The built site carries the style sheets and fonts of its theme, cut down to what its pages use.

| package | version | licence | home |
|---|---|---|---|
"""


def main():
    """Write the table; return the exit status."""
    rows = [row(name, version) for name, version in sorted(pins(), key=first_numpy_and_scipy)]
    refused = [f"{name}: {part}" for name, _, licence, _ in rows for part in parts(licence)
               if part not in ACCEPTED]
    if refused:
        print("Licences that nobody has accepted yet:", *refused, sep="\n", file=sys.stderr)
        return 1
    lines = ["| " + " | ".join(cells) + " |\n" for cells in rows]
    TABLE.write_text(HEAD + "".join(lines), encoding="utf-8", newline="\n")
    return 0


def pins(path=ROOT / "requirements.txt"):
    """Names and versions of the pinned packages."""
    return [(name, version) for name, version, _ in PIN.findall(path.read_text(encoding="utf-8"))]


def first_numpy_and_scipy(pin):
    """Sort the two that the package itself needs before the rest."""
    return pin[0] not in ("numpy", "scipy"), pin


def row(name, version):
    """Cells of a package: name, version, licence, home."""
    if name in BY_HAND:
        return (name, version, *BY_HAND[name])
    metadata = importlib.metadata.metadata(name)
    return name, version, licence_of(metadata), home_of(metadata)


def licence_of(metadata):
    """The licence in SPDX terms, from the newest of the three places where metadata have it."""
    if metadata.get("License-Expression"):
        return metadata["License-Expression"]
    classifiers = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier", [])
                   if c.startswith("License :: ") and c != "License :: OSI Approved"]
    found = classifiers or [metadata.get("License") or "unknown"]
    return " OR ".join(NAMES.get(name, name) for name in found)


def parts(licence):
    """The single licences of an expression such as "MIT AND (0BSD OR Zlib)"."""
    return [part.strip(" ()") for part in re.split(r" AND | OR ", licence)]


def home_of(metadata):
    """The address that the metadata give first: of the source, of a home page, or any."""
    urls = dict(url.split(", ", 1) for url in metadata.get_all("Project-URL", []))
    known = {label.lower().replace("-", "").replace(" ", ""): url for label, url in urls.items()}
    for label in ("source", "sourcecode", "repository", "github", "code", "homepage", "home"):
        if label in known:
            return known[label]
    found = metadata.get("Home-page") or next(iter(urls.values()), "")
    return found if found.startswith("http") else "not given"


if __name__ == "__main__":
    sys.exit(main())
