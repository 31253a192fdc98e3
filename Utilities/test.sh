#!/usr/bin/env bash
# Run the tests: the floors first, then the desktop files in a process of their own, because the desktop host gives
# that process Slicer's modules (slicer, qt, ctk) as the application would.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
.venv/bin/python -m pytest Testing/Python --ignore Testing/Python/desktop "$@" || status=$?
if compgen -G 'Testing/Python/desktop/test_*.py' >/dev/null; then
  .venv/bin/python -m pytest Testing/Python/desktop "$@" || status=$?
fi
exit $status
