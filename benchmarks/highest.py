"""The most memory that this process has had in use."""

import re
import resource
import sys
from pathlib import Path

# Linux. What getrusage tells there starts at the size of the parent process, which is far larger.
STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RUSAGE_BYTES = 1 if sys.platform == "darwin" else 1024


def megabytes():
    """Peak of the resident memory in MB."""
    if STATUS.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", STATUS.read_text()).group(1)) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RUSAGE_BYTES / 1e6


def forget():
    """Set the peak back to what is in use now, where the system can."""
    try:
        FORGET.write_text("5")
    except OSError:
        return
