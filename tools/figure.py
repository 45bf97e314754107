"""Write a page with one figure, and hold its mathematics to the package, in seconds.

    make figure NAME=probe

The page is _build/figure-probe.html: wide and narrow, by day and by night. The tests in Node are those of
this figure and those of all figures; `make test` has the others.
"""

import argparse
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import specdemo
from specdemo.live.still import find_node

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
NODE = ROOT / "tests" / "live" / "node"
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>
<style>main {{ padding: 1rem }} main + main {{ background: #16191d; color: #e4e6e8; color-scheme: dark }}
main + main + main {{ width: 358px }}</style></head>
<body>{mains}</body></html>"""
# A twin for each look: the page's own, dark, and dark on a phone.
N_LOOKS = 3


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the figure")
    name = parser.parse_args(arguments).name
    print(write_page(name))
    return test(name)


def write_page(name):
    """Write the page; return its path."""
    twin = specdemo.Figure(name).twin()
    path = BUILD / f"figure-{name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        PAGE.format(name=name, mains=f"<main>{twin}</main>" * N_LOOKS), encoding="utf-8"
    )
    return path


def test(name):
    """Run the tests of a figure in Node, with golden vectors of its own; return the exit status."""
    node = find_node()
    if node is None:
        print("There is no Node: the tests were not run.")
        return 1
    sys.path.insert(0, str(ROOT / "tests"))
    made = runpy.run_path(str(NODE / "golden.py"))
    about = made["figures"].ABOUT[name]
    files = [NODE / "figures" / f"{name}.test.mjs", NODE / "figures.test.mjs"]
    with tempfile.TemporaryDirectory() as folder:
        golden = made["Golden"](Path(folder))
        if hasattr(about, "add"):
            about.add(golden)
        golden.close()
        environment = os.environ | {"SPECDEMO_GOLDEN": folder}
        return subprocess.run([node, "--test", *map(str, files)], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
