#!/usr/bin/env bash
# Run in an installed Slicer what CMake declares as CTest tests, without building the extension:
#   Utilities/test_in_slicer.sh /path/to/Slicer
set -euo pipefail
slicer=$(realpath "${1:?usage: Utilities/test_in_slicer.sh /path/to/Slicer}")
cd "$(dirname "$0")/.."
folder=$PWD

status=0
for module in RWTHSAM RWTHSAMProfiles; do
  for window in "" --no-main-window; do
    echo "== $module $window"
    # what slicer_add_python_unittest runs
    # shellcheck disable=SC2086 # no window option is no argument
    "$slicer" --testing --no-splash $window --additional-module-paths "$folder/RWTHSAM" "$folder/RWTHSAMProfiles" \
      --python-code "import slicer.testing; slicer.testing.runUnitTest(['$folder/$module'], '$module')" || status=$?
  done
done
exit "$status"
