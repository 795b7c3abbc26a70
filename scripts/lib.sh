# What every script needs: where we are, and how to install what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/rapport/target}"
export PATH="$HOME/.cargo/bin:$PATH"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# need COMMAND_OR_FILE PACKAGE…: installs the packages when the command or file is missing.
need() {
    local wanted=$1
    shift
    if command -v "$wanted" >/dev/null 2>&1 || compgen -G "$wanted" >/dev/null; then return 0; fi
    say "installing $*"
    if [ -z "${APT_UPDATED:-}" ]; then as_root apt-get update -qq; APT_UPDATED=1; fi
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_rust_and_node() {
    need cc build-essential
    need cargo cargo rustc
    need node nodejs npm
}
