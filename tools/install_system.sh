#!/usr/bin/env bash
# Sees to the programs that tests need and no Python package brings: Chromium, and what builds
# Elasticsearch (Maven and a JDK). With CI=true a missing one is an error. Elsewhere the tests in a
# browser are skipped, those on Elasticsearch fail, and this says so.
set -euo pipefail

OLDEST_JDK=21
JDK_PACKAGE=openjdk-21-jdk-headless

has_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
} >/dev/null

has_maven() {
    command -v mvn
} >/dev/null

# Looks where deploy/elasticsearch/build.py does.
has_jdk() {
    local javac home version
    javac=$(command -v javac || true)
    for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(realpath "${javac:-/}")")")" \
        /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /{opt/homebrew,usr/local}/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        [ -x "$home/bin/javac" ] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
        [ "${version:-0}" -lt "$OLDEST_JDK" ] || return 0
    done
    return 1
}

# The Debian packages that are still to be installed, one a line.
missing() {
    has_chromium || echo chromium
    has_maven || echo maven
    has_jdk || echo "$JDK_PACKAGE"
}

if [ -z "$(missing)" ]; then
    exit
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    for package in $(missing); do
        echo "Installing $package for the tests …"
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null || true
    done
fi
packages=$(missing)
if [ -z "$packages" ]; then
    exit
fi
if ! has_chromium; then
    echo "Chromium is missing, so nothing is tested in a browser." >&2
fi
if ! has_maven || ! has_jdk; then
    echo "Elasticsearch is built with Maven and a JDK $OLDEST_JDK or newer (with javac); without" \
        "them \`make search-up\` and the tests of search on it fail." >&2
fi
echo "Install what is missing with" >&2
if command -v brew >/dev/null; then
    has_chromium || echo "    brew install --cask chromium" >&2
    has_maven || echo "    brew install maven" >&2
    has_jdk || echo "    brew install openjdk" >&2
else
    echo "    sudo apt-get install" $packages >&2
    if ! has_jdk; then
        echo "Where there is no such JDK (Debian 12), unpack any of $OLDEST_JDK or newer and name" \
            "its folder in JAVA_HOME." >&2
    fi
fi
[ "${CI:-}" != true ]
