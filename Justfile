# What a developer needs. `just` lists it.

default:
    @just --list

# Everything CI runs
ci:
    .ci/run

# The tests; those of a host that is missing are skipped
test *args:
    python3 -m pytest {{args}}

# How fast it is, beside numpy and JSON on the same machine; needs the extra `bench`
bench *args:
    python3 -m pytest tests/benchmarks -n 0 -o python_files='bench_*.py' {{args}}

# Format and lint
fmt:
    ruff format
    ruff check --fix

# Types
types:
    mypy

# Regenerate docs/functions.md
docs:
    python3 docs/generate.py
