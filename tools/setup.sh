#!/bin/sh
# Makes the virtual environment and installs what the lock files pin; whatever is missing is said in one sentence.
# Usage: tools/setup.sh VENV LOCK...      The variable PYTHON chooses the interpreter.
set -eu

venv=$1
shift

fail() {
    echo "$*" >&2
    exit 1
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

name_of() {
    "$1" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])' 2>/dev/null || echo "not a Python that runs"
}

home_of() {
    "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null
}

choose_python() {
    if [ -n "${PYTHON:-}" ] && ! supported "$PYTHON"; then
        fail "Atelier needs Python 3.11 to 3.14, but PYTHON=$PYTHON is $(name_of "$PYTHON"): name another one."
    fi
    without_venv=
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python; do
        if supported "$candidate"; then # a name in PATH may be a shim that does not run
            if has_venv "$candidate"; then
                echo "$candidate"
                return
            fi
            without_venv=${without_venv:-$candidate}
        fi
        [ -z "${PYTHON:-}" ] || break
    done
    [ -z "$without_venv" ] || fail "$without_venv has no venv module: install it" \
        "(on Debian and Ubuntu: apt install python3-venv) and run the same command again."
    fail "Atelier needs Python 3.11 to 3.14 and none was found:" \
        "install one, or name one with: make setup PYTHON=/path/to/python3"
}

# Whether the environment runs, has pip, and stands on the Python asked for, if one was.
stands() {
    supported "$venv/bin/python" && "$venv/bin/python" -c 'import pip' >/dev/null 2>&1 || return 1
    [ -z "${PYTHON:-}" ] || [ "$(home_of "$PYTHON")" = "$(home_of "$venv/bin/python")" ]
}

make_environment() {
    python=$(choose_python)
    echo "Making $venv with $(name_of "$python")."
    said=$("$python" -m venv --clear "$venv" 2>&1) ||
        fail "$python could not make $venv: $(echo "$said" | tail -n 1)"
}

explain() {
    log=$venv/setup.log
    if grep -q 'DO NOT MATCH THE HASHES' "$log"; then
        fail "A downloaded package is not the one that $1 names, so nothing was installed: see $log."
    fi
    if grep -q -e 'from versions: none' -e 'connection broken by' -e 'timed out' "$log"; then
        fail "pip cannot reach the package index: check the network and the proxy, then run the same command again" \
            "(its own words are in $log)."
    fi
    fail "pip could not install $1: $(grep -i error "$log" | tail -n 1) (the whole story is in $log)."
}

install() {
    echo "Installing $1 into $venv; the first time this takes a minute or two."
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
        --require-hashes -r "$1" >"$venv/setup.log" 2>&1 || explain "$1"
    cp "$1" "$venv/" # what is installed, so that the next run is instant and a changed lock is noticed
}

stands || make_environment
for lock; do
    cmp -s "$lock" "$venv/$lock" || install "$lock"
done
