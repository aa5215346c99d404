# Every target is the command of dev.py that has its name; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test quick style build docs bench precision strikes mutants fuzz browser lock

help:
	@python3 dev.py || true

demo test quick style build docs bench precision strikes mutants fuzz browser lock:
	@python3 dev.py $@
