#!/usr/bin/env bash
# Makes .venv with the newest Python at hand that is new enough.
set -euo pipefail
cd "$(dirname "$0")/.."

is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
for python in python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null && "$python" -c "$is_new_enough" 2>/dev/null; then
        if "$python" -m venv .venv; then
            exit
        fi
        echo "Python can't make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2
        rm -rf .venv
        exit 1
    fi
done
echo "Python 3.11 or newer is needed; on Debian 12, Ubuntu 24.04 and newer: apt-get install python3 python3-venv" >&2
exit 1
