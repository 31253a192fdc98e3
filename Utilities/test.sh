#!/usr/bin/env bash
# Run the tests: those of the library first, then those of the desktop and of its host in processes of their own, because
# the host gives its process Slicer's modules (slicer, qt, ctk) as the application would. Whole files are spread over
# processes.
#
#   Utilities/test.sh                  all but the long ones
#   Utilities/test.sh -m long          the long ones
#   RWTHSAM_TEST_PROCESSES=0 Utilities/test.sh --pdb -k undo     in this process, one after the other
set -uo pipefail
cd "$(dirname "$0")/.."

cores=$(.venv/bin/python -c 'import os; print(min(os.cpu_count() or 1, 4))')
processes=${RWTHSAM_TEST_PROCESSES:-$cores}
# a computing thread for each process: more would only wait for each other
if [ "$processes" -gt 1 ]; then export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}; fi

# what one process has compiled, the many others need not compile again
unset PYTHONDONTWRITEBYTECODE

# weights and converted networks are made once for all processes
RWTHSAM_TEST_RUN=$(mktemp -d "${TMPDIR:-/tmp}/rwthsam-tests-XXXXXX")
export RWTHSAM_TEST_RUN
trap 'rm -rf "$RWTHSAM_TEST_RUN"' EXIT
mkdir -p Testing/output/tests

nothing_ran=5
failed=0
ran=0
run_part() {  # name, arguments of pytest
  local name=$1 status=0
  shift
  .venv/bin/python -m pytest -n "$processes" --dist loadfile --no-loadscope-reorder \
    --junitxml "Testing/output/tests/$name.xml" "$@" || status=$?
  if [ $status -ne $nothing_ran ]; then ran=1; fi
  if [ $status -ne 0 ] && [ $status -ne $nothing_ran ]; then failed=$status; fi
}

run_part library Testing/Python --ignore Testing/Python/desktop "$@"
run_part desktop Testing/Python/desktop Testing/DesktopHost/tests "$@"
if [ $failed -eq 0 ] && [ $ran -eq 0 ]; then exit $nothing_ran; fi
exit $failed
