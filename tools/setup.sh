#!/usr/bin/env bash
# Installs what HalfUlp needs through the system's package manager:
#
#   tools/setup.sh         a JDK, Maven, Verilator, a C++ compiler, make
#   tools/setup.sh --all   also Yosys and Z3, for 'make lint', 'make prove' and 'make mutate'
#   tools/setup.sh --browser  also Chromium, for 'make report-check'
#   tools/setup.sh --area  also Yosys and nextpnr-ice40 with its chip data, for 'make area'
#
# Does nothing when all are there. Without the right to install it prints the command and exits
# with 3.
set -eu

all=no area=no browser=no
for option in "$@"; do
  case $option in
    --all) all=yes ;;
    --area) area=yes ;;
    --browser) browser=yes ;;
    *)
      echo "usage: tools/setup.sh [--all] [--area] [--browser]" >&2
      exit 2
      ;;
  esac
done

has() { command -v "$1" >/dev/null 2>&1; }

# A JDK of 17 or newer: javac 17.0.15
has_jdk() {
  local javac=javac version
  [ -z "${JAVA_HOME:-}" ] || javac=$JAVA_HOME/bin/javac
  version=$("$javac" -version 2>&1) || return 1
  version=${version#javac }
  version=${version%%[.+-]*}
  [ "$version" -ge 17 ] 2>/dev/null
}

has_compiler() { has "${CXX:-g++}" || has c++ || has clang++; }

missing=
has_jdk || missing="$missing jdk"
has mvn || missing="$missing maven"
has verilator || missing="$missing verilator"
has_compiler || missing="$missing compiler"
has make || missing="$missing make"
if [ $all = yes ]; then
  has yosys || missing="$missing yosys"
  has z3 || missing="$missing z3"
fi
if [ $area = yes ]; then
  [ $all = yes ] || has yosys || missing="$missing yosys"
  has nextpnr-ice40 || missing="$missing nextpnr-ice40"
fi
if [ $browser = yes ]; then
  has chromium || has chromium-browser || has google-chrome || missing="$missing chromium"
fi
if [ -z "$missing" ]; then
  exit 0
fi

# package MANAGER TOOL: what the manager calls it
package() {
  case $1:$2 in
    apt-get:jdk) echo openjdk-17-jdk-headless ;;
    dnf:jdk) echo java-latest-openjdk-devel ;;
    pacman:jdk) echo jdk-openjdk ;;
    zypper:jdk) echo java-17-openjdk-devel ;;
    brew:jdk) echo openjdk ;;
    apt-get:compiler) echo g++ ;;
    dnf:compiler | zypper:compiler) echo gcc-c++ ;;
    dnf:nextpnr-ice40) echo nextpnr ;;
    pacman:compiler | brew:compiler) echo gcc ;;
    *) echo "$2" ;;
  esac
}

manager=
for candidate in apt-get dnf pacman zypper brew; do
  if has $candidate; then
    manager=$candidate
    break
  fi
done
if [ -z "$manager" ]; then
  echo "setup: missing:$missing; no known package manager found, please install them" >&2
  exit 3
fi

packages=
for tool in $missing; do
  packages="$packages $(package $manager "$tool")"
done
case $manager in
  # On Debian 12 openjdk-17 is the newest; a newer system may only have a later one.
  apt-get)
    case $packages in
      *openjdk-17*)
        if ! apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then
          packages=${packages/openjdk-17-jdk-headless/default-jdk-headless}
        fi
        ;;
    esac
    install="env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$packages"
    ;;
  dnf) install="dnf install -y$packages" ;;
  pacman) install="pacman -S --noconfirm --needed$packages" ;;
  zypper) install="zypper --non-interactive install$packages" ;;
  brew) install="brew install$packages" ;;
esac

as_root=
if [ $manager != brew ] && [ "$(id -u)" -ne 0 ]; then
  if has sudo && sudo -n true 2>/dev/null; then
    as_root="sudo "
  else
    echo "setup: missing:$missing; install them with" >&2
    echo "  sudo $install" >&2
    exit 3
  fi
fi

echo "setup: installing$packages" >&2
# shellcheck disable=SC2086 # commands in variables
if [ $manager = apt-get ] && ! $as_root $install; then
  # Often only the package lists are missing or old.
  $as_root apt-get update && $as_root $install
elif [ $manager != apt-get ]; then
  $as_root $install
fi || {
  echo "setup: could not install; the command was: $as_root$install" >&2
  exit 3
}
