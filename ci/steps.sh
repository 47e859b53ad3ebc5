# Sourced by the scripts beside it: where things are, and how a step is announced.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}

# What is built here is built once: there is nothing to gain from incremental compilation.
export CARGO_INCREMENTAL=0

fail() {
    echo "error: $*" >&2
    exit 1
}

# need COMMAND PACKAGE.. installs packages of Debian's if there is no such command.
need() {
    command -v "$1" >/dev/null && return
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null ||
        fail "there is no $1: install it, as in 'apt-get install ${*:2}'"
    apt-get update -q
    apt-get install -qy "${@:2}"
}

# step TITLE COMMAND.. runs a command and says how long it took.
step() {
    local start=$SECONDS
    current=$1
    echo "=== $1"
    # Not as a condition: in one, a function goes on after a command in it that fails.
    "${@:2}"
    echo "--- $1: $((SECONDS - start)) s"
    current=
}

current=
trap '[[ -z $current ]] || echo "error: this step failed: $current" >&2' EXIT
