"""How the tests are shared out to several cores, a plugin of pytest for `-n auto --dist loadfile`."""

from xdist.scheduler import LoadFileScheduling

# Runs of whole notebooks and visits to figures, which take long and need nothing of each other.
ONE_BY_ONE = ("test_every_clip.py", "browser/test_figures.py", "test_student.py")

# What takes longest comes first, by the start of its path; so all cores have work to the end.
LONGEST = (
    "tests/tools/test_student.py",
    f"tests/notebooks/{ONE_BY_ONE[0]}",
    "notebooks/",
    "tests/live/test_node.py",
    "tests/site/",
    "tests/live/",
)


def pytest_collection_modifyitems(items):
    """Sort the tests, file by file, the longest first."""
    items.sort(key=rank)


def rank(item):
    """Return the place of a test in the order; tests of the same place stay as they are."""
    places = (place for place, path in enumerate(LONGEST) if item.nodeid.startswith(path))
    return next(places, len(LONGEST))


class Scheduling(LoadFileScheduling):
    """File by file, since the cells of a notebook need one kernel; but long tests one by one."""

    def _split_scope(self, nodeid):
        """Return the name of the group to which a test belongs."""
        file = super()._split_scope(nodeid)
        return nodeid if file.endswith(ONE_BY_ONE) else file


def pytest_xdist_make_scheduler(config, log):
    """Refine `--dist loadfile`, and keep the order of the tests.

    Otherwise files of many tests come first, and what takes minutes last, alone on one core.
    """
    config.option.loadscopereorder = False
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
