# Each command makes the environment .venv by itself when it is missing or out of date.
# Without make (Windows), README.md says how to make it; then type what the recipes say.

PYTHON ?= python3
PORT ?= 8000
CASES ?= 20000
BENCH_TORCH ?= 1
FORMATS_TORCH ?= 1
RUN = .venv/bin/python

# --- environments: made by uv, of pins with hashes -------------------------------------------------

export UV_PYTHON_DOWNLOADS = never
UV = .venv-uv/uv

# $(call folder,FOLDER): the folder of an environment, with the Python that PYTHON names. One that was left unfinished is
# made afresh.
define folder
	@python=$$($(PYTHON) tools/environment.py) && { [ ! -e $(1)/unfinished ] || rm -r $(1); } && \
		$(UV) venv --quiet --allow-existing --relocatable --python "$$python" $(1)
endef

# $(call environment,FOLDER,PINS): an environment that has what the files PINS say, and nothing else. When nothing has
# changed, this takes a second and no network.
define environment
	$(call folder,$(1))
	@$(SYNC) $(1) --offline --check $(2) - 2>/dev/null || { \
		echo "Setting up $(1); the first time this takes a minute or two." && touch $(1)/unfinished && \
		$(SYNC) $(1) $(2) - && rm $(1)/unfinished; }
endef
SYNC = echo "-e ." | $(UV) pip sync --quiet --build-constraints requirements.txt --python

# Containers often forbid Python to keep what it compiled, so that every process compiles anew.
unexport PYTHONDONTWRITEBYTECODE

# Notebooks and tests keep every core busy, one each: a sum that takes all cores for itself waits for the
# others at every step. (Results are the same: tests/package/test_same_numbers.py.)
SIDE_BY_SIDE = book test test-all oldest latest
$(SIDE_BY_SIDE): export OMP_NUM_THREADS = 1
$(SIDE_BY_SIDE): export OPENBLAS_NUM_THREADS = 1
$(SIDE_BY_SIDE): export MKL_NUM_THREADS = 1
$(SIDE_BY_SIDE): export VECLIB_MAXIMUM_THREADS = 1

# --- tests on other releases, and pins -------------------------------------------------------------

COMPILE = $(UV) pip compile pyproject.toml --quiet --generate-hashes
LOCK = $(COMPILE) --upgrade --universal --python-version 3.11 --fork-strategy fewest --custom-compile-command "make lock"
EXTRAS = $(addprefix --extra ,plot files book test build)
TOOLS = $(addprefix --extra ,environments lint mutation lite benchmarks build)
# What results depend on: `make oldest` and `make latest` change only these, and test all that prints numbers.
FOUNDATIONS = anywidget matplotlib numpy scipy soundfile
# Tests on all cores; those of a file, or the cells of a notebook, stay together (tests/sharing.py).
PYTEST = -m pytest -n auto --dist loadfile
ON_OTHERS = $(PYTEST) -m "not mpl_image_compare" specdemo tests/package notebooks

.DEFAULT_GOAL := help
.PHONY: help venv venv-tools book test test-all engines soak formats lint types twice fuzz mutants coverage oldest latest figure lab serve notebooks export student offline pdf lite animation wheel bench venv-bench lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

# The link comes last: a uv that is there is whole.
$(UV): requirements-tools.txt
	@$(PYTHON) tools/environment.py >/dev/null
	@$(PYTHON) -m venv --clear .venv-uv
	@awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements-tools.txt >.venv-uv/uv.txt
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv-uv/uv.txt
	@ln -s bin/uv $(UV)

venv: $(UV) ## only make the environment of all commands, .venv
	$(call environment,.venv,requirements.txt)

venv-tools: $(UV)
	$(call environment,.venv-tools,requirements.txt requirements-tools.txt)

book: venv ## build the site; CLIP=path/to/any.wav builds the book around that recording
	@$(RUN) tools/build.py $(if $(CLIP),--clip "$$CLIP")

test: venv ## build the book, then run every test; THOROUGH=1 also tries what takes long and seldom finds anything
	@$(RUN) tools/build.py
	@$(RUN) $(PYTEST) --built

test-all: venv ## also run every chapter on every other clip and all kinds of recordings, and try every page and control
	@$(RUN) tools/build.py
	@EVERY_CLIP=1 $(RUN) $(PYTEST)

engines: venv ## build the book, and try it in Chromium, Firefox and WebKit; QUICK=1 tries less, of the book as it was built
	@$(if $(QUICK),,$(RUN) tools/build.py)
	$(call environment,.venv-engines,tests/engines/requirements.txt)
	@.venv-engines/bin/python -m pytest tests/engines $(if $(QUICK),--quick)

soak: venv ## kill what makes a corpus's features, a thousand times or KILLS of them
	@SOAK_KILLS=$(or $(KILLS),1000) $(RUN) -m pytest tests/package/test_corpus_soak.py -n 0 -s

formats: $(UV) ## compare the formats with the packages that they are of; FORMATS_TORCH=0 leaves torch and Whisper out
	$(call folder,.venv-formats)
	@touch .venv-formats/unfinished
	@$(UV) pip install --quiet --python .venv-formats -r tests/systems/requirements.txt -e .
	@[ "$(FORMATS_TORCH)" = 0 ] || { $(WITH_TORCH) torch==2.13.0 && $(WITH_TORCH) --no-deps openai-whisper==20250625; } || \
		echo "Going on without torch and Whisper."
	@rm .venv-formats/unfinished
	@.venv-formats/bin/python -m pytest tests/systems
WITH_TORCH = .venv-uv/bin/python -m pip --python .venv-formats/bin/python install --quiet --disable-pip-version-check

lint: venv-tools types ## check code, types, imports, spelling, licences and workflows; FIX=1 mends what can be mended
	@$(LINT)/ruff check --quiet $(if $(FIX),--fix)
	@$(LINT)/ruff format --quiet $(if $(FIX),,--check)
	@$(LINT)/mypy --no-error-summary
	@told=$$($(LINT)/lint-imports --no-cache --no-logo) || { echo "$$told"; exit 1; }
	@$(LINT)/typos
	@$(LINT)/pip-licenses >/dev/null
	@PATH="$(CURDIR)/$(LINT):$$PATH" actionlint .github/workflows/*.yml
	@$(LINT)/shellcheck .ci/run .binder/postBuild
LINT = .venv-tools/bin

# The types of the JavaScript stand in its comments, and npm brings what checks them. In CI it must be there.
TYPESCRIPT = $(shell sed -n 's/.*"typescript": "\(.*\)".*/\1/p' package.json)
types:
	@if command -v npm >/dev/null; then \
		[ "$$(cat _build/npm/version 2>/dev/null)" = "$(TYPESCRIPT)" ] || { mkdir -p _build/npm && \
			npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix _build/npm typescript@$(TYPESCRIPT) && \
			echo "$(TYPESCRIPT)" >_build/npm/version; } && node _build/npm/node_modules/typescript/bin/tsc --project tsconfig.json; \
	elif [ -n "$$CI" ]; then echo "There is no npm: the types of the JavaScript cannot be checked."; exit 1; \
	else echo "There is no npm: the types of the JavaScript were not checked."; fi

twice: venv ## build the book twice and compare the two sites byte by byte
	@$(RUN) tools/twice.py

fuzz: venv ## read WAV files with damaged headers, other ones each time; CASES=20000
	@FUZZ=$(CASES) $(RUN) -m pytest tests/package/test_wav_damage.py -k fuzz

mutants: venv-tools ## change the code of the core, one place at a time, and see whether a test fails: an hour
	@.venv-tools/bin/python tests/mutation/run.py

coverage: venv ## say which lines and branches of the package its tests do not reach; at least 98 % must be
	@$(RUN) -m coverage run -m pytest -q specdemo tests/package $(filter-out %/test_node.py,$(wildcard tests/live/test_*.py))
	@$(RUN) -m coverage report

oldest: $(UV) _build/oldest.txt ## test package and notebooks on the oldest releases that are supported, with one thread
	$(call environment,.venv-oldest,_build/oldest.txt)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-oldest/bin/python $(ON_OTHERS)

_build/oldest.txt: $(UV) requirements.txt tests/oldest.in pyproject.toml
	@mkdir -p _build && cp requirements.txt $@.new
	@$(COMPILE) --python "$$($(PYTHON) tools/environment.py)" $(EXTRAS) --constraint tests/oldest.in --output-file $@.new
	@mv $@.new $@

latest: $(UV) ## test package and notebooks on the newest releases there are
	@mkdir -p _build && cp requirements.txt _build/latest.txt
	@$(COMPILE) --no-config --python "$$($(PYTHON) tools/environment.py)" $(addprefix --upgrade-package ,$(FOUNDATIONS)) $(EXTRAS) \
		--output-file _build/latest.txt
	$(call environment,.venv-latest,_build/latest.txt)
	@.venv-latest/bin/python $(ON_OTHERS)

figure: venv ## write a page with one figure, and hold its mathematics to the package; NAME=probe
	@$(RUN) tools/figure.py "$(NAME)"

lab: venv ## open the notebooks in JupyterLab
	@$(RUN) -m jupyterlab notebooks

serve: ## show the built site on this machine only; PORT=8000
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

notebooks: venv ## execute the notebooks and store their text outputs, which the tests compare
	@$(RUN) tools/notebooks.py

export: venv ## execute a notebook and save it as a page with live figures; NOTEBOOK=path/to/any.ipynb
	@$(RUN) -m nbconvert --to html --execute "$$NOTEBOOK"

student: venv ## make _build/student.zip: the notebooks without solutions, with all that they need to run
	@$(RUN) tools/student.py

offline: venv ## build the book, and make _build/offline.zip: the site, which opens by double click, and the student copies
	@$(RUN) tools/build.py
	@$(RUN) tools/offline.py

pdf: venv ## build the book, and print it as _build/book.pdf with Chromium; SOLUTIONS=1 unfolds the solutions
	@$(RUN) tools/build.py
	@$(RUN) tools/pdf.py $(if $(SOLUTIONS),--solutions)

lite: venv-tools ## build _build/lite/site: the notebooks in JupyterLite, run by the browser itself
	@.venv-tools/bin/python tools/lite.py

animation: book ## film the live figure of the built site for the README, which takes some minutes
	@$(RUN) tools/make_animation.py

wheel: ## build wheel and source archive in _build/dist, and test the wheel in an empty environment
	@$(PYTHON) tools/wheel_test.py

# What cannot be had is left out: PESQ is built here and needs a C compiler, torch is large. torch comes by pip, whose
# settings may name a place with the builds for this machine.
bench: venv-bench ## compare with librosa and torch; CLIPS=folder adds your WAVs, QUICK=1 takes three minutes, ONLY=corpus measures that alone, BENCH_TORCH=0 leaves torch out
	@.venv-bench/bin/python benchmarks/run.py $(if $(QUICK),--quick) $(if $(CLIPS),--clips "$$CLIPS") $(if $(ONLY),--only "$$ONLY")

venv-bench: $(UV)
	$(call folder,.venv-bench)
	@touch .venv-bench/unfinished
	@$(ADD) --build-constraints requirements.txt -r requirements.txt -r requirements-tools.txt -e .
	@$(ADD) --no-build-isolation -r benchmarks/pesq.txt || echo "Going on without PESQ."
	@[ "$(BENCH_TORCH)" = 0 ] || $(PIP) torch==2.13.0 || echo "Going on without torch."
	@rm .venv-bench/unfinished
ADD = $(UV) pip install --quiet --no-deps --python .venv-bench
PIP = .venv-uv/bin/python -m pip --python .venv-bench/bin/python install --quiet --disable-pip-version-check

lock: $(UV) ## renew the pins of requirements.txt, and what requirements-tools.txt adds to them
	@$(LOCK) $(EXTRAS) --extra lab --output-file requirements.txt
	@mkdir -p _build
	@$(LOCK) $(TOOLS) --constraint requirements.txt --output-file _build/tools.txt
	@awk 'NR == FNR { pinned[$$0]; next } /^[a-z]/ { new = !($$0 in pinned) } new || FNR < 3' requirements.txt _build/tools.txt >requirements-tools.txt
	@$(subst pyproject.toml,tests/engines/requirements.in,$(LOCK)) --output-file tests/engines/requirements.txt
	@echo "pesq>=0.0.4" | $(subst pyproject.toml,-,$(LOCK)) --no-deps --output-file benchmarks/pesq.txt

clean: ## remove what was built; the environment .venv stays
	@$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('_build', '.pytest_cache', '.hypothesis')]"

# CLIP, CLIPS, NOTEBOOK, ONLY and BENCH_TORCH reach the recipes through the environment, so that spaces and quotes survive.
export CLIP CLIPS NOTEBOOK ONLY BENCH_TORCH
