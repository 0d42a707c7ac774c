#!/bin/sh
# Sets itself up and runs the tests; arguments go to pytest:
#   sh scripts/test.sh tests/unit -k split
#   sh scripts/test.sh --cov        and what they do not reach; it takes half as long again
# Tests marked slow are the many rounds (fuzzing, kills) of tests that do with a few rounds here
# and in CI. They run with `-m slow`, all tests with `-m ""`.
set -eu
CDPATH='' cd -P -- "$(dirname -- "$0")/.."
. scripts/setup.sh
setup test
# A worker a core, four at most; a file's tests stay together, for what they share. In the order of
# the folders: what takes longest is in the first, what takes least is left for the end.
exec python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
    -m "not slow" "$@"
