# What a developer needs. `just` lists it.

default:
    @just --list

# Everything CI runs
ci:
    .ci/run

# The tests; those of a host that is missing are skipped
test *args:
    python3 -m pytest {{args}}

# What calls cost, each group beside the least that can be: ratios in brackets; needs the extra `bench`, as does the next
bench *args:
    python3 -m pytest tests/benchmarks -n 0 -o python_files='bench_*.py' --benchmark-columns=min,median,rounds --benchmark-sort=min {{args}}

# docs/performance.md anew, in some minutes of a machine that does nothing else; `just performance million` only prints, of that subject
performance *subject:
    python3 validation/performance.py {{subject}}

# Score workbooks, or every template, by a finance reviewer's checklist
score *paths:
    python3 validation/score_templates.py {{paths}}

# A million calls a layer as hosts make them, and wild ones; `just fuzz 50000 7 bridge` fewer, from another seed, of one
fuzz *args:
    cd validation && python3 -m attacks.fuzz {{args}}

# A billion scenarios in under 4 GiB, and docs/scale.md with what they took; `just billion 1e7` only tries; needs the extra `bench`
billion *args:
    python3 validation/billion.py {{args}}

# The wheel, into dist/: for a web server that xlwings Lite installs it from, or a release
wheel:
    python3 -m pip wheel --quiet --no-deps --wheel-dir dist .

# A bill of materials of what `pip install .` brings, in CycloneDX
sbom to="tokensheet.cdx.json":
    .ci/sbom {{to}}

# What PyPI would get, into dist/, tried: the wheel with nothing beside it, the tests from the sdist. `just release tests/test_cell.py` runs fewer
release *args:
    .ci/release {{args}}

# The tests with the oldest packages that pyproject.toml allows
lowest *args:
    .ci/lowest {{args}}

# Format, lint, spell, and the forms of files
fmt:
    pre-commit run --all-files

# Types
types:
    mypy

# Regenerate the docs' generated pages
docs:
    python3 docs/generate.py

# The docs' pictures of programs in use, and the workbooks under templates/; needs LibreOffice, Chromium, xvfb and xdotool
pictures:
    python3 docs/gallery.py
    python3 docs/tutorial_picture.py
    python3 docs/calculator_picture.py
    python3 docs/task_pane_picture.py
    python3 docs/terminal_picture.py
    python3 docs/libreoffice_picture.py

# The docs as a site, into site/html, without a network; needs the extra `docs`. A warning or a link that leads nowhere is an error
site:
    rm -rf site
    python3 -m sphinx -M html docs site --quiet --fail-on-warning --keep-going

# Whether links to other sites still lead somewhere
links:
    python3 -m sphinx -M linkcheck docs site --quiet
