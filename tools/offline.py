"""Make the copy for a room without internet: the built site and the student copies, in a zip.

    .venv/bin/python tools/offline.py        write _build/offline.zip

Unpacked, its index.html opens by a double click. Build the book first (make offline does).
"""

import sys

import student

SITE = student.ROOT / "_build" / "html"
TARGET = student.ROOT / "_build" / "offline.zip"
FOLDER = "spectrograms-and-back-again"
# What Sphinx keeps for itself, and the reports of the executions.
KEPT_BACK = ("reports", ".buildinfo", ".doctrees")


def main():
    """Write the zip; return the exit status."""
    if not (SITE / "index.html").exists():
        print("There is no site to pack: run 'make book' first.", file=sys.stderr)
        return 2
    student.main()
    student.write_zip(TARGET, FOLDER, contents())
    size = TARGET.stat().st_size / 1e6
    print(f"The offline copy is {TARGET}, {size:.0f} MB. Unpack it and open index.html.")
    return 0


def contents():
    """Return what the zip holds: path in its folder to bytes."""
    files = {
        path.relative_to(SITE).as_posix(): path.read_bytes()
        for path in sorted(SITE.rglob("*"))
        if path.is_file() and path.relative_to(SITE).parts[0] not in KEPT_BACK
    }
    return files | {student.TARGET.name: student.TARGET.read_bytes()}


if __name__ == "__main__":
    sys.exit(main())
