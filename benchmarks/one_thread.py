"""Import this before numpy: it holds every library that computes to one thread."""

import os

for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
