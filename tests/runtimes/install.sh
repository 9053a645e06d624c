#!/usr/bin/env bash
# Installs a folder's npm packages exactly as its lock file says, unless they are there: install.sh [FOLDER]
# By default those of this folder, which are the runtimes that tests run in (about 1 GB).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "${1:-$here}"
# A copy of the lock file among the packages tells what they were made of; it is written last.
stamp=node_modules/.installed-lock.json
if cmp -s package-lock.json "$stamp"; then exit; fi
npm ci --no-audit --no-fund --loglevel=error
cp package-lock.json "$stamp"
