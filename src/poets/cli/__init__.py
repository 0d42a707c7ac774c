"""The commands: they parse, call one function and print."""

import os

# Before NumPy is loaded: batches of a hundred rows are too small to share out, and sums whose
# order hangs on the number of cores would not be the same bytes everywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
