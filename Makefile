# Every command is written once, in run.py, which also makes .venv: `python3 run.py help`.
PYTHON ?= python3
PORT ?= 8000
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run demo setup test soak looks check fmt bench lock

help setup test soak looks check fmt bench lock:
	@$(PYTHON) run.py $@ $(ARGS)

run demo:
	@$(PYTHON) run.py $@ --port $(PORT) $(ARGS)
