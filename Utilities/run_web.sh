#!/usr/bin/env bash
# Start the web app. Where no weights are here it fetches the smallest model's, and opens without them if that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${RWTHSAM_WEIGHTS:-}" ]; then
  echo "Weights: $RWTHSAM_WEIGHTS (RWTHSAM_WEIGHTS)"
elif .venv/bin/rwthsam models verify >/dev/null 2>&1; then
  echo "Weights: those of the default model are here"
else
  echo "No weights are here: fetching MobileSAM's 41 MB from its official address."
  .venv/bin/rwthsam models fetch mobile_sam_vit_t ||
    echo "That did not work. The app opens all the same and says what to do."
fi
exec .venv/bin/rwthsam web "$@"
