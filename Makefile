# Everything from a bare Python 3.11 or newer. `.venv/` is made on demand and follows the lock files.
PYTHON ?= python3
PY := .venv/bin/python

.PHONY: help demo test test-cluster check bench fix lock messages base dev cluster

help:
	@echo "make demo    an invented community at http://localhost:8000 (PORT=… for another port)"
	@echo "make test    every test, on SQLite and on PostgreSQL, in a real browser"
	@echo "make test-cluster   the indicators on a real Spark: a master and two workers, and Spark Connect"
	@echo "make check   lint, types, import contract, migrations, lock files"
	@echo "make bench   the benchmark tables"
	@echo "make fix     put right what lint can put right by itself"
	@echo "make messages   collect every sentence for translation, and compile"
	@echo "make lock    write the lock files anew after a change in pyproject.toml (needs uv)"

demo: base
	@$(PY) -m kinweave demo

test: dev
	@$(PY) scripts/suite.py

test-cluster: cluster
	@.venv-cluster/bin/python scripts/suite_cluster.py

check: dev
	@$(PY) scripts/check.py

bench: dev
	@$(PY) -m bench

fix: dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

messages: dev
	@$(PY) scripts/messages.py

lock:
	@$(PYTHON) scripts/lock.py

base dev cluster:
	@$(PYTHON) scripts/bootstrap.py $@
