"""What a release rests on: the tag is the version, and what strangers read first has the form that tools expect."""

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import excel_form
import pytest

ROOT = Path(__file__).parents[1]
NEEDED = ("pyproject.toml", "README.md", "LICENSE", ".git_archival.txt", ".gitattributes")
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


class Repository:
    """A repository with the files of ours that the version rests on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in NEEDED:
            shutil.copy(ROOT / name, folder / name)
        self.git("init", "-q")
        self.git("add", ".")
        self.commit()

    def git(self, *command: str) -> None:
        identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *command], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("commit", "-q", "--allow-empty", "-m", "a change")


def version(folder: Path) -> str:
    """The version that a build in the folder would have."""
    done = subprocess.run([sys.executable, "-m", "hatchling", "version"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "repository").mkdir()
    return Repository(tmp_path / "repository")


def test_without_a_tag_the_version_is_on_the_way_to_the_first(repository: Repository) -> None:
    assert version(repository.folder) == "0.1.0.dev1"
    repository.commit()
    assert version(repository.folder) == "0.1.0.dev2"


def test_the_tag_is_the_version_and_a_commit_after_it_is_on_the_way_to_the_next(repository: Repository) -> None:
    repository.git("tag", "v0.3.0")
    assert version(repository.folder) == "0.3.0"
    repository.commit()
    assert version(repository.folder) == "0.3.1.dev1"


def test_an_archive_has_the_version_of_its_commit(repository: Repository, tmp_path: Path) -> None:
    repository.git("tag", "v0.3.0")
    repository.git("archive", "-o", str(tmp_path / "archive.tar"), "HEAD")
    shutil.unpack_archive(tmp_path / "archive.tar", tmp_path / "archive", filter="data")
    assert version(tmp_path / "archive") == "0.3.0"


def test_a_copy_without_git_has_a_version_all_the_same(tmp_path: Path) -> None:
    for name in NEEDED:
        shutil.copy(ROOT / name, tmp_path / name)
    assert version(tmp_path) == "0.1.0.dev0"


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    days = [re.fullmatch(r"\[\d+\.\d+\.\d+\] - (\d{4}-\d\d-\d\d)", each) for each in versions[1:]]
    assert all(days), versions
    dates = [date.fromisoformat(each[1]) for each in days if each]
    assert dates == sorted(dates, reverse=True)
    assert {*re.findall(r"^### (.+)$", text, re.MULTILINE)} <= SECTIONS


def test_the_form_for_excel_has_every_box_of_the_docs() -> None:
    """That it is fresh is for test_docs.py to say."""
    boxes = [
        box for page in (ROOT / "docs").glob("*.md") for box in excel_form.things(page.read_text(encoding="utf-8"))
    ]
    in_form = [box for _, boxes in excel_form.checklists() for box in boxes]
    assert len(boxes) > 15
    assert sorted(in_form) == sorted(boxes)


def test_the_pythons_that_are_promised_are_those_that_the_workflow_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested = re.search(r"python: \[(.+)\]", (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert tested
    pythons = re.findall(r"3\.\d+", tested[1])
    assert project["requires-python"] == f">={pythons[0]}"
    classified = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert classified == pythons
