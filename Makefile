# Targets for one machine: `make help` lists them. What they do lies in ops/.

.DEFAULT_GOAL := help
.PHONY: help demo real stop test test-fast check sbom bench lock clean requirements-for-tests python

# The first Python that is new enough; name another one with PYTHON=.
ifndef PYTHON
PYTHON := $(shell for one in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$one"; break; }; done)
endif
VENV := .venv/bin
SERVICES := $(PYTHON) ops/with_services.py --
COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: python ## Everything from a fresh clone to the running dashboard (PORT=8000, DETACH=1, FORWARD=1)
	@PORT="$(PORT)" DETACH="$(DETACH)" FORWARD="$(FORWARD)" $(PYTHON) -m ops.demo

# AREA, BOUNDARIES and VINTAGE come by the environment: what they hold is no command.
real: python ## Real data of an area (AREA=departement:38, nuts:FRK24 or bbox:W,S,E,N; BOUNDARIES="file or address", VINTAGE=)
	@PORT="$(PORT)" DETACH="$(DETACH)" CLCPLUS_SITE=real $(PYTHON) -m ops.real

stop: python ## End what `make demo` and `make real` started, and nothing else
	@$(PYTHON) -m ops.stop

test: requirements-for-tests ## Run all tests (PYTEST_ARGS="-k zonal -x"; WORKERS=1; NO_BROWSER=1 leaves the browser out)
	@$(if $(NO_BROWSER),,CHROMIUM="$$($(PYTHON) -m ops.system_packages --browser)") \
		$(PYTHON) -m ops.tests $(if $(NO_BROWSER),-m "not browser") $(PYTEST_ARGS)

# -o: without --ds, so that nothing reads the settings.
test-fast: python ## Tests without Django, servers, browser and torch: those of tests/fast.txt
	@$(PYTHON) -m ops.virtual_environment runtime test
	@$(VENV)/python -m pytest -p no:django -p no:schemathesis -n auto --dist worksteal \
		-o addopts="-ra --strict-markers --strict-config" @tests/fast.txt $(PYTEST_ARGS)

# HTTPS, a real key and a real host: what `check --deploy` expects of a production system.
check: python ## Format, lint, types, import boundaries, front end, deployment, migrations, translations, advisories
	@$(PYTHON) -m ops.system_packages
	@$(PYTHON) -m ops.virtual_environment runtime frontend test model
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	DEBUG=1 $(VENV)/mypy analytics inference clcplus demonstration ops
	DEBUG=1 $(VENV)/python -m pytest -q tests/test_import_boundaries.py
	$(PYTHON) -m ops.frontend --check
	@DEBUG=0 HTTPS=1 ALLOWED_HOSTS=statistics.example.org SITE_URL=https://statistics.example.org \
		SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(VENV)/python manage.py check --deploy --fail-level WARNING
	$(SERVICES) $(VENV)/python manage.py makemigrations --check --dry-run
	@$(PYTHON) -m ops.translations
	@$(VENV)/python -m ops.advisories

sbom: python ## The bill of materials of all lock files, CycloneDX JSON (OUT=sbom.json)
	@$(PYTHON) -m ops.virtual_environment test
	@$(VENV)/python -m ops.sbom -o "$(or $(OUT),sbom.json)"

bench: python ## Run the benchmarks beside their peers (BENCH_ARGS="--only coverage --quick")
	@$(PYTHON) -m ops.system_packages
	@$(PYTHON) -m ops.virtual_environment runtime frontend test model bench
	@$(PYTHON) -m ops.frontend
	@$(PYTHON) -m ops.translations --compile
	@$(SERVICES) $(VENV)/python -m tests.benchmarks $(BENCH_ARGS)

lock: python ## Write the lock files anew from requirements/*.in and package.json (LOCK_ARGS=--upgrade)
	@$(PYTHON) -m ops.virtual_environment test frontend
	$(COMPILE) --generate-hashes requirements/runtime.in -o requirements/runtime.txt $(LOCK_ARGS)
	$(COMPILE) --generate-hashes requirements/test.in -o requirements/test.txt $(LOCK_ARGS)
	$(COMPILE) --generate-hashes requirements/frontend.in -o requirements/frontend.txt $(LOCK_ARGS)
	$(COMPILE) --generate-hashes requirements/bench.in -o requirements/bench.txt $(LOCK_ARGS)
	$(COMPILE) --generate-hashes --no-emit-package torch requirements/model.in -o requirements/model.txt $(LOCK_ARGS)
	$(COMPILE) --generate-hashes requirements/tracing.in -o requirements/tracing.txt $(LOCK_ARGS)
	$(COMPILE) --no-deps requirements/torch.in -o requirements/torch.txt $(LOCK_ARGS)
	$(PYTHON) -m ops.frontend --lock

clean: python ## Stop the demonstration and remove what was made (ALL=1: the virtual environment too)
	@ALL="$(ALL)" $(PYTHON) -m ops.clean

requirements-for-tests: python
	@$(PYTHON) -m ops.system_packages $(if $(NO_BROWSER),,--tests)
	@$(PYTHON) -m ops.virtual_environment runtime frontend test model tracing
	@$(PYTHON) -m ops.frontend
	@$(PYTHON) -m ops.translations --compile

python:
	@[ -n "$(PYTHON)" ] || { echo "error: Python 3.11 or newer is needed (or name one with PYTHON=)" >&2; exit 1; }
