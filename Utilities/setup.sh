#!/usr/bin/env bash
# Make .venv with everything the tests need, or with "run" only what the page needs: no PyTorch, once this checkout holds
# weights of the project's own network. Safe to run again: nothing is done when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."

extras=test
if [ "${1:-}" = run ]; then
  extras=web,torch
  [ -f RWTHSAM/RWTHSAMLib/models/rwthsam_net/weights/rwthsam_net.zip ] && extras=web
fi
fingerprint=$(cat pyproject.toml Utilities/setup.sh | sha256sum | cut -d ' ' -f 1)
stamp=.venv/rwthsam-setup
has() { [ -x .venv/bin/python ] && grep -qsx "$1" "$stamp"; }
if has "test $fingerprint" || has "$extras $fingerprint"; then
  exit 0
fi

fits='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'
python=${PYTHON:-}
for candidate in python3.12 python3.11 python3.13 python3.10 python3; do
  [ -n "$python" ] && break
  if command -v "$candidate" >/dev/null && "$candidate" -c "$fits" 2>/dev/null; then python=$candidate; fi
done
if [ -z "$python" ]; then
  echo "Python 3.10 to 3.13 is needed and was not found. On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv" >&2
  exit 1
fi

size="about a gigabyte"
[ "$extras" = web ] || size="several gigabytes (PyTorch)"
echo "Setting up .venv with $("$python" --version); the first time this downloads $size."
if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
  rm -rf .venv
  echo "Making .venv failed. On Debian or Ubuntu: sudo apt-get install -y python3-venv" >&2
  exit 1
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".[$extras]"

# torch and torchvision are built for each other; a pair from different builds fails on import
pair='import torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)'
if [ "$extras" != web ] && ! .venv/bin/python -c "$pair" 2>/dev/null; then
  echo "torch and torchvision do not fit together; installing the pair again."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --force-reinstall torch torchvision
  .venv/bin/python -c "$pair"
fi
echo "$extras $fingerprint" > "$stamp"
