"""The files around the sources agree: addresses, versions, licences, libraries, workflows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from quality import release, sbom
from tests.conformance.environments import Environment
from tests.packaging.conftest import ROOT
from tests.support.many_values import together
from tests.test_supply import PROJECT, plain
from trove_classifiers import classifiers

from cxone_rollcall.cli.check import command as check
from cxone_rollcall.version import __version__

URLS = PROJECT["project"]["urls"]
ADDRESS = URLS["Repository"]
CONTAINER = ROOT / "requirements" / "container.in"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = [path for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml"]
SUFFIXES = {"", ".css", ".html", ".js", ".md", ".py", ".svg", ".typed"}
NOTICE = re.compile(rb"copyright|@licen[cs]e|SPDX-License-Identifier|all rights reserved", re.IGNORECASE)


def parsed(path: Path) -> Any:
    """Return a YAML file as a value. `on` of a workflow is True in YAML 1.1."""
    return yaml.safe_load(path.read_text())


def test_one_address_of_the_repository() -> None:
    """Every address of the repository is the one of `[project.urls]`."""
    assert re.fullmatch(r"https://github\.com/[\w-]+/[\w-]+", ADDRESS)
    assert all(url == ADDRESS or url.startswith(f"{ADDRESS}/") for url in URLS.values())
    substitutions = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]
    assert [one["replacement"] for one in substitutions] == [
        rf"\1{ADDRESS}/raw/v$HFPR_VERSION/",
        rf"\1{ADDRESS}/blob/v$HFPR_VERSION/",
    ]
    assert parsed(ROOT / "CITATION.cff")["repository-code"] == ADDRESS


def test_classifiers_are_known() -> None:
    """The index knows each classifier. The tests run on each Python that is named."""
    ours = PROJECT["project"]["classifiers"]
    assert set(ours) <= classifiers
    tested = parsed(ROOT / ".github/workflows/tests.yml")["jobs"]["quick"]["strategy"]["matrix"]
    named = [found[1] for one in ours if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", one))]
    assert tested["python"] == named
    assert [system.partition("-")[0] for system in tested["os"]] == ["ubuntu", "macos", "windows"]


def test_the_sbom_names_exactly_the_locked_libraries() -> None:
    """The SBOM is that of the lock: `python -m quality.sbom` writes it."""
    assert sbom.FILE.read_bytes() == sbom.current()
    document = json.loads(sbom.FILE.read_bytes())
    locked = re.findall(r"^([\w.-]+)==([^\s;]+)", sbom.LOCK.read_text(), re.MULTILINE)
    assert [(one["name"], one["version"]) for one in document["components"]] == locked
    needed = {one["ref"].partition("@")[0]: one["dependsOn"] for one in document["dependencies"]}
    direct = {reference.removeprefix("pkg:pypi/").partition("@")[0] for reference in needed["pkg:pypi/cxone-rollcall"]}
    assert direct == {plain(one) for one in PROJECT["project"]["dependencies"]}
    reached = {reference for references in needed.values() for reference in references}
    assert reached == {one["bom-ref"] for one in document["components"] if "scope" not in one}
    optional = [one["name"] for one in document["components"] if one.get("scope") == "optional"]
    assert optional == [plain(line) for line in CONTAINER.read_text().splitlines() if not line.startswith("#")]
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(optional) <= {plain(one) for extra in extras.values() for one in extra}


def test_nothing_is_vendored() -> None:
    """The package has only our own files. None has a notice, is minified or binary."""
    for path in sorted((ROOT / "src").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            content = path.read_bytes()
            assert path.suffix in SUFFIXES, path
            assert b"\0" not in content, path
            assert max(map(len, content.splitlines()), default=0) < 1000, path
            if path.parent.name != "redaction":
                assert not NOTICE.search(content), path


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_little(path: Path) -> None:
    """A workflow may only read. The publishing job gets an identity, and runs none of our code."""
    workflow = parsed(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90
        assert job.get("permissions", {}) == ({"id-token": "write"} if name == "publish" else {})
        for step in job["steps"]:
            assert re.fullmatch(r"[\w/-]+@(v\d+|release/v\d+)", step.get("uses", "actions/checkout@v6")), step
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
        if name == "publish":
            assert not any("run" in step for step in job["steps"])


def test_commands_of_workflows_exist() -> None:
    """Each script of a workflow or hook exists."""
    import dev

    texts = [path.read_text() for path in (*WORKFLOWS, ROOT / ".pre-commit-config.yaml")]
    named = {name for text in texts for name in re.findall(r"python3? dev\.py (\w+)", text)}
    assert {"quick", "test", "build", "style"} <= named <= dev.COMMANDS.keys()
    modules = {name for text in texts for name in re.findall(r"python -m ([\w.]+)", text)}
    assert {"quality.release"} == modules
    assert (ROOT / "quality" / "release.py").is_file()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issues_ask_for_version_and_case(path: Path) -> None:
    """Each form requires the versions and a case. Its options exist."""
    text = path.read_text()
    required = {one["id"] for one in parsed(path)["body"] if one.get("validations", {}).get("required")}
    assert {"version", "case"} <= required
    assert "`rollcall --version -v`" in text
    options = {option for parameter in check.params for option in parameter.opts}
    assert set(re.findall(r"--(?:save|anonymize|demo|fault)", text)) <= options
    assert re.search(r"--save case\.json --anonymize", text)


def checkout(folder: Path, **changed: str) -> Path:
    """Return a checkout of version 1.2.3 of `https://host/a/b`. `changed` replaces texts of its files."""
    texts = {
        "src/cxone_rollcall/version.py": '__version__ = "1.2.3"\n',
        "pyproject.toml": '[project.urls]\nRepository = "https://host/a/b"\n',
        "CITATION.cff": "cff-version: 1.2.0\nversion: 1.2.3\n",
        "CHANGELOG.md": "# Changes\n\n## 1.2.3 (2026-12-01)\n",
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, text))
    return folder


@together(
    "tried",
    {
        "as it is": ({}, "v1.2.3", "https://Host/A/b", []),
        "another tag": ({}, "v1.2.4", "https://host/a/b", ["the tag is v1.2.4"]),
        "a copy of the repository": ({}, "v1.2.3", "https://host/c/b", ["this repository is https://host/c/b"]),
        "an old citation": (
            {"CITATION": "version: 1.2.2\n"},
            "v1.2.3",
            "https://host/a/b",
            ["CITATION.cff has another"],
        ),
        "no date": (
            {"CHANGELOG": "## 1.2.3 (not released yet)\n"},
            "v1.2.3",
            "https://host/a/b",
            ["CHANGELOG.md does"],
        ),
    },
)
def test_what_hinders_a_release(
    tried: tuple[dict[str, str], str, str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A release needs its tag, repository, citation and date."""
    changed, tag, repository, wanted = tried
    found = release.obstacles(checkout(tmp_path_factory.mktemp("checkout"), **changed), tag, repository)
    assert [any(text in obstacle for obstacle in found) for text in wanted] == [True] * len(found)


def test_this_version_is_everywhere() -> None:
    """This checkout lacks at most the date to be released."""
    found = release.obstacles(ROOT, f"v{__version__}", ADDRESS)
    assert [one for one in found if "CHANGELOG" not in one] == []


SCHEMAS = {
    "vendor.github-workflows": [".github/workflows/tests.yml", ".github/workflows/release.yml"],
    "vendor.github-issue-forms": [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/fact.yml"],
    "vendor.github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "vendor.citation-file-format": ["CITATION.cff"],
}


@pytest.mark.thorough
@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_follow_their_schemas(schema: str, tools: Environment) -> None:
    """Workflows, forms and the citation follow their schemas."""
    files = [str(ROOT / name) for name in SCHEMAS[schema]]
    command = [str(tools.command("check-jsonschema")), "--builtin-schema", schema, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.thorough
def test_workflows_and_hooks_are_sound(tools: Environment) -> None:
    """Zizmor finds no weakness in the workflows, and pre-commit reads its file."""
    for command in (
        ["zizmor", "--offline", "--config", ".github/zizmor.yml", ".github/workflows"],
        ["pre-commit", "validate-config", ".pre-commit-config.yaml"],
    ):
        words = [str(tools.command(command[0])), *command[1:]]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
