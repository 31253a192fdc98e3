# Two commands do everything on a fresh Debian or Ubuntu machine:
#   make run    set up, prepare the sample scan, start the web app on 127.0.0.1 and print its address
#   make test   set up and run the tests, those in Chromium and Qt included
# Both may be run again at any time.

SHELL := /bin/bash
ARGS ?=

.PHONY: help setup run test test-long lint format bench accuracy cmake-lists schemas pictures clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:  ## make .venv and check the system's libraries
	@python3 Utilities/system_packages.py
	@Utilities/setup.sh

run:  ## set up what the page needs and start it; options through ARGS="--volume scan.nrrd"
	@python3 Utilities/system_packages.py
	@Utilities/setup.sh run
	@Utilities/run_web.sh $(ARGS)

test: setup lint  ## run the tests but the long ones; options through ARGS="-k undo"
	@python3 Utilities/system_packages.py --browser
	@Utilities/test.sh $(ARGS)

test-long: setup  ## run the tests that take minutes by their nature
	@python3 Utilities/system_packages.py --browser
	@Utilities/test.sh -m long $(ARGS)

lint: setup  ## check style, types and the order of packages
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=RWTHSAM:RWTHSAMProfiles:. .venv/bin/lint-imports --no-cache
	cd Testing/DesktopHost && ../../.venv/bin/mypy && PYTHONPATH=. ../../.venv/bin/lint-imports --no-cache

format: setup  ## put all files into their form
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup  ## measure speed against upstream, as ratios of one run
	.venv/bin/python Testing/Benchmarks/bench.py $(ARGS)

accuracy: setup  ## print Dice by number of clicks on the real scans
	.venv/bin/python Testing/Benchmarks/accuracy.py $(ARGS)

cmake-lists: setup  ## write the modules' file lists anew
	.venv/bin/python Utilities/update_cmake_lists.py

schemas: setup  ## write what the JSON schemas say of settings anew
	.venv/bin/python Utilities/update_schemas.py

pictures: setup  ## take the documentation's pictures of page and Slicer modules anew; look at them before they are committed
	@python3 Utilities/system_packages.py --browser
	RWTHSAM_UPDATE_PICTURES=1 Utilities/test.sh -m picture $(ARGS)

clean:  ## remove what setup and tests have made
	rm -rf .venv build dist *.egg-info Testing/output .pytest_cache .mypy_cache .ruff_cache
