# Each command makes the environment .venv by itself when it is missing or out of date.
# Without make (Windows), type what the recipes say: python book/environment.py book/build.py

PYTHON ?= python3
PORT ?= 8000
IN_VENV = $(PYTHON) book/environment.py
UV_VERSION = 0.13.8
UV = _build/uv/bin/uv

.DEFAULT_GOAL := help
.PHONY: help book test lab serve notebooks lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

book: ## build the site; CLIP=path/to/any.wav builds the book around that recording
	@$(IN_VENV) book/build.py $(if $(CLIP),--clip "$$CLIP")

test: ## build the book, then run every test
	@$(IN_VENV) book/build.py
	@$(IN_VENV) -m pytest -n auto --dist loadfile

lab: ## open the notebooks in JupyterLab
	@$(IN_VENV) -m jupyterlab notebooks

serve: ## show the built site on this machine only; PORT=8000
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

notebooks: ## execute the notebooks and store their text outputs, which the tests compare
	@$(IN_VENV) book/notebooks.py

lock: ## renew the pins of requirements.txt
	@$(PYTHON) -m venv _build/uv
	@_build/uv/bin/python -m pip install --quiet uv==$(UV_VERSION)
	@$(UV) pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --all-extras --generate-hashes --fork-strategy fewest --custom-compile-command "make lock" --output-file requirements.txt

clean: ## remove what was built; the environment .venv stays
	@$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('_build', '.pytest_cache', '.hypothesis')]"

# A command-line CLIP reaches the recipe through the environment, so that spaces and quotes survive.
export CLIP
