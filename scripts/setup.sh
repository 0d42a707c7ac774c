# Sourced by the top folder's commands, from the top folder: `setup EXTRA` leaves the project's
# commands on the PATH, and is over in milliseconds when there is nothing to do.
# An active environment is used as it is; else .venv is, and is made where there is none.

setup() { # EXTRA: an editable installation with that extra, "" for none
    choose_environment
    PATH=$environment/bin:$PATH
    export PATH
    is_installed "$1" || install "$1"
}

choose_environment() {
    ours=$(pwd -P)/.venv
    environment=$ours
    if [ -n "${VIRTUAL_ENV:-}" ]; then
        environment=$VIRTUAL_ENV
    elif [ -n "${CONDA_PREFIX:-}" ] && [ "${CONDA_DEFAULT_ENV:-}" != base ]; then
        # Not conda's own environment: what is installed there can break conda itself.
        environment=$CONDA_PREFIX
    fi
}

is_active() {
    [ "$environment" = "${VIRTUAL_ENV:-}" ] || [ "$environment" = "${CONDA_PREFIX:-}" ]
}

is_ours() {
    [ "$environment" = "$ours" ] || [ "$(cd "$environment" 2>/dev/null && pwd -P)" = "$ours" ]
}

is_installed() {
    [ -x "$environment/bin/poets" ] && [ "$(cat "$(stamp "$1")" 2>/dev/null)" = "$(version)" ]
}

stamp() {
    printf '%s' "$environment/.poets-installed${1:+-$1}"
}

version() { # of what is installed: it is another in a moved folder and for other dependencies
    printf '%s\n' "$(pwd -P)"
    cksum <pyproject.toml
}

install() {
    python=$(find_python) || exit 2
    if is_ours; then mkdir -p "$environment"; fi
    [ -w "$environment" ] || fail "$environment cannot be written to." \
        "Activate an environment of your own, or none: then .venv is made here."
    wait_for_others
    if ! is_installed "$1"; then
        printf 'Setting up %s (once, about a minute) ... ' "$(short_name)" >&2
        rm -f "$(stamp "$1")"
        mkdir -p tf_files
        log=tf_files/setup.log
        { make_environment && add_project "$1"; } >"$log" 2>&1 </dev/null || not_installed
        version >"$(stamp "")"
        version >"$(stamp "$1")"
        echo "done" >&2
    fi
    exec 9<&-
}

find_python() {
    found=
    if "$environment/bin/python" -c '' 2>/dev/null; then
        is_supported "$environment/bin/python" && echo "$environment/bin/python" && return
        fail "$(short_name) has $("$environment/bin/python" -V); it takes Python 3.11, 3.12 or 3.13." \
            "$(if is_ours; then echo "Remove .venv."; else echo "Deactivate it."; fi) Then run this again."
    fi
    is_ours || fail "the active environment, $environment, has no Python." \
        "Deactivate it (\`deactivate\`, or \`unset VIRTUAL_ENV\`), and run this again."
    for name in python3 python3.13 python3.12 python3.11 python; do
        is_supported "$name" || continue
        found=$name
        # Debian keeps this part of Python in a package of its own.
        "$name" -c 'import ensurepip, venv' 2>/dev/null && echo "$name" && return
    done
    [ -z "$found" ] || fail "$found cannot make environments: its module venv is not installed." \
        "On Debian and Ubuntu: sudo apt-get install python3-venv"
    fail "no Python 3.11, 3.12 or 3.13 is on the PATH." \
        "Install one from python.org or with the system's packages." \
        "TensorFlow, which this needs, is not there for others yet."
}

is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

# A lock on the folder itself, which ends with this process and with pip, whatever ends them.
wait_for_others() {
    exec 9<"$environment"
    "$python" -c '
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Another setup is at work here: waiting for it.", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass  # a file system without locks: two at once are rare enough
'
}

# Makes .venv, whole again where an interruption left it half made, and right in a moved folder.
make_environment() {
    if ! is_ours; then
        return
    elif ! is_supported "$environment/bin/python" || is_half_made; then
        "$python" -m venv --clear "$environment"
    elif ! grep -qsF "$ours" "$environment/bin/activate"; then
        "$python" -m venv "$environment"
    fi
}

is_half_made() { # activate is what the module venv writes last
    [ -f "$environment/pyvenv.cfg" ] && [ ! -f "$environment/bin/activate" ]
}

add_project() {
    "$environment/bin/python" -m pip --version || "$environment/bin/python" -m ensurepip || return
    "$environment/bin/python" -m pip install --disable-pip-version-check --no-input \
        -e ".${1:+[$1]}"
}

not_installed() {
    echo "failed" >&2
    grep -i '^ *error:' "$log" | tail -n 3 >&2
    fail "the installation failed; all that was said is in $log." \
        "It needs a network. Run this again: what was downloaded is kept."
}

short_name() {
    if is_ours; then echo .venv; else echo "$environment"; fi
}

fail() { # MESSAGE HINT ...
    printf 'Error: %s\n' "$1" >&2
    shift
    printf '  %s\n' "$@" >&2
    exit 2
}
