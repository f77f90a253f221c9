#!/usr/bin/env bash
# Sees to the programs that the browser tests need and no Python package brings: Chromium.
# With CI=true a missing one is an error; elsewhere those tests are skipped, and this says so.
set -euo pipefail

has_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
} >/dev/null

if has_chromium; then
    exit
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    apt-get install -y -qq --no-install-recommends chromium >/dev/null || true
fi
if has_chromium; then
    exit
fi
echo "Chromium is missing, so nothing is tested in a browser. Install it with" >&2
if command -v brew >/dev/null; then
    echo "    brew install --cask chromium" >&2
else
    echo "    sudo apt-get install chromium" >&2
fi
[ "${CI:-}" != true ]
