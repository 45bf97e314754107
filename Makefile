# Each command makes the environment .venv by itself when it is missing or out of date.
# Without make (Windows), type what the recipes say: python book/environment.py book/build.py

PYTHON ?= python3
PORT ?= 8000
CASES ?= 20000
IN_VENV = $(PYTHON) book/environment.py
BENCH_TORCH ?= 1
IN_LITE = $(PYTHON) book/environment.py --venv .venv-lite --requirements book/lite.txt
IN_MUTANTS = $(PYTHON) book/environment.py --venv .venv-mutants --optional tests/mutation/requirements.txt
IN_ENGINES = $(PYTHON) book/environment.py --venv .venv-engines --requirements tests/engines/requirements.txt
IN_BENCH = $(PYTHON) book/environment.py --venv .venv-bench --requirements benchmarks/requirements.txt \
	--optional benchmarks/pesq.txt $(if $(filter-out 0,$(BENCH_TORCH)),--optional torch==2.13.0)
# nbconvert prefers a widget's kernel to the HTML beside it, also where there is no kernel.
PREFER_HTML = --NbConvertBase.display_data_priority='["text/html", "application/vnd.jupyter.widget-view+json", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/latex", "application/javascript", "text/plain"]'
UV_VERSION = 0.13.8
UV = _build/uv/bin/uv
COMPILE = $(UV) pip compile pyproject.toml --quiet --generate-hashes
LOCK = $(COMPILE) --upgrade --universal --python-version 3.11 --fork-strategy fewest --custom-compile-command "make lock"
EXTRAS = $(addprefix --extra ,plot files book test build)
# What results depend on: `make oldest` and `make latest` change only these, and test all that prints numbers.
FOUNDATIONS = anywidget matplotlib numpy scipy soundfile
# Tests on all cores; those of a file, or the cells of a notebook, stay together (tests/sharing.py).
PYTEST = -m pytest -n auto --dist loadfile
ON_OTHERS = $(PYTEST) -m "not mpl_image_compare" specdemo $(wildcard tests/test_*.py) notebooks

.DEFAULT_GOAL := help
.PHONY: help book test test-all engines twice fuzz mutants coverage oldest latest uv lab serve notebooks export student offline pdf lite bench lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

book: ## build the site; CLIP=path/to/any.wav builds the book around that recording
	@$(IN_VENV) book/build.py $(if $(CLIP),--clip "$$CLIP")

test: ## build the book, then run every test
	@$(IN_VENV) book/build.py
	@$(IN_VENV) $(PYTEST)

test-all: ## also run every chapter on every other clip and on recordings of all kinds, which takes long
	@$(IN_VENV) book/build.py
	@EVERY_CLIP=1 $(IN_VENV) $(PYTEST)

engines: ## build the book, and try it in Chromium, in Firefox and in WebKit
	@$(IN_VENV) book/build.py
	@$(IN_ENGINES) -m pytest tests/engines

twice: ## build the book twice and compare the two sites byte by byte
	@$(IN_VENV) book/reproducible.py

fuzz: ## read WAV files with damaged headers, other ones each time; CASES=20000
	@FUZZ=$(CASES) $(IN_VENV) -m pytest tests/test_wav.py -k fuzz

mutants: ## change the code of the core, one place at a time, and see whether a test fails: an hour
	@$(IN_MUTANTS) tests/mutation/run.py

coverage: ## say which lines and branches of the package its tests do not reach; at least 98 % must be
	@$(IN_VENV) -m coverage run -m pytest -q specdemo $(wildcard tests/test_*.py) tests/explorer/test_explorer.py
	@$(IN_VENV) -m coverage report

oldest: ## test package and notebooks on the oldest releases that are supported, with one thread
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) book/environment.py --venv .venv-oldest --requirements tests/oldest.txt $(ON_OTHERS)

latest: uv ## test package and notebooks on the newest releases there are
	@cp requirements.txt _build/latest.txt
	@$(COMPILE) --no-config --python $(PYTHON) $(addprefix --upgrade-package ,$(FOUNDATIONS)) $(EXTRAS) --output-file _build/latest.txt
	@$(PYTHON) book/environment.py --venv .venv-latest --requirements _build/latest.txt $(ON_OTHERS)

lab: ## open the notebooks in JupyterLab
	@$(IN_VENV) -m jupyterlab notebooks

serve: ## show the built site on this machine only; PORT=8000
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

notebooks: ## execute the notebooks and store their text outputs, which the tests compare
	@$(IN_VENV) book/notebooks.py

export: ## execute a notebook and save it as a web page whose live figures work without a kernel; NOTEBOOK=path/to/any.ipynb
	@$(IN_VENV) -m nbconvert --to html --execute $(PREFER_HTML) "$$NOTEBOOK"

student: ## make _build/student.zip: the notebooks without solutions, with all that they need to run
	@$(IN_VENV) book/student.py

offline: ## build the book, and make _build/offline.zip: the site, which opens by double click, and the student copies
	@$(IN_VENV) book/build.py
	@$(IN_VENV) book/offline.py

pdf: ## build the book, and print it as _build/book.pdf with Chromium; SOLUTIONS=1 unfolds the solutions
	@$(IN_VENV) book/build.py
	@$(IN_VENV) book/pdf.py $(if $(SOLUTIONS),--solutions)

lite: ## build _build/lite/site: the notebooks in JupyterLite, run by the browser itself
	@$(IN_LITE) book/lite.py

bench: ## compare with librosa and torch; CLIPS=folder adds your WAVs, QUICK=1 takes two minutes, BENCH_TORCH=0 leaves torch out
	@$(IN_BENCH) benchmarks/run.py $(if $(QUICK),--quick) $(if $(CLIPS),--clips "$$CLIPS")

uv:
	@$(PYTHON) -m venv _build/uv
	@_build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

lock: uv ## renew the pins of requirements.txt, of the oldest releases, of the benchmarks, of JupyterLite, of mutation testing and of engines
	@$(LOCK) $(EXTRAS) --extra lab --output-file requirements.txt
	@cp requirements.txt tests/oldest.txt
	@$(filter-out --upgrade,$(LOCK)) $(EXTRAS) --constraint tests/oldest.in --output-file tests/oldest.txt
	@$(LOCK) $(addprefix --extra ,benchmarks build) --constraint requirements.txt --output-file benchmarks/requirements.txt
	@$(LOCK) $(addprefix --extra ,lite build) --constraint requirements.txt --output-file book/lite.txt
	@echo "mutmut>=3.8" | $(subst pyproject.toml,-,$(LOCK)) --constraint requirements.txt --output-file tests/mutation/requirements.txt
	@$(subst pyproject.toml,tests/engines/requirements.in,$(LOCK)) --output-file tests/engines/requirements.txt
	@echo "pesq>=0.0.4" | $(subst pyproject.toml,-,$(LOCK)) --no-deps --output-file benchmarks/pesq.txt
	@$(IN_VENV) book/dependencies.py

clean: ## remove what was built; the environment .venv stays
	@$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('_build', '.pytest_cache', '.hypothesis')]"

# CLIP, CLIPS, NOTEBOOK and BENCH_TORCH reach the recipes through the environment, so that spaces and quotes survive.
export CLIP CLIPS NOTEBOOK BENCH_TORCH
