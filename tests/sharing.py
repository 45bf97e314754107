"""How the tests are shared out to several cores, a plugin of pytest for `-n auto --dist loadfile`."""

from xdist.scheduler import LoadFileScheduling

# Runs of whole notebooks, which take long and need nothing of each other.
ONE_BY_ONE = "test_every_clip.py"


class Scheduling(LoadFileScheduling):
    """File by file, since the cells of a notebook need one kernel; but long tests one by one."""

    def _split_scope(self, nodeid):
        """Return the name of the group to which a test belongs."""
        file = super()._split_scope(nodeid)
        return nodeid if file.endswith(ONE_BY_ONE) else file


def pytest_xdist_make_scheduler(config, log):
    """Refine `--dist loadfile`."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
