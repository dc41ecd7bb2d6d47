"""The files for production name things that exist: no engine is needed to find a slip in them."""

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from ruamel.yaml import YAML

from reviewhub.admin.health import CHECKS
from reviewhub.cli import MODULES
from reviewhub.cli.docs import settings as settings_page

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")
COMPOSES_OWN = {"POSTGRES_PASSWORD", "PROXY_SITE"}  # used in the file itself, not by the program
# What has no health check, and why.
UNWATCHED = {"beat", "migrate"}  # watched by its effect; ends by itself
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, its anchors resolved."""
    loaded = YAML(typ="safe").load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    """Its services."""
    assert len(compose["services"]) > 5
    return dict(compose["services"])


def examples() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def known_settings() -> set[str]:
    """Every variable that the program reads, as the settings page lists them."""
    listed = set(re.findall(r"^\| `([\w…]+)`", settings_page(), re.MULTILINE))
    # The names of providers are anybody's choice; these stand in what we wrote.
    named = {one.replace("…", name) for one in listed for name in ("OFFICE", "ORCID")}
    return named | {f"{one}_FILE" for one in named if one.endswith("_CLIENT_SECRET")}


def command_of(service: dict[str, Any]) -> list[str]:
    """What a service of our own image runs."""
    if "command" in service:
        return shlex.split(service["command"])
    return list(json.loads(DOCKERFILE.rpartition("CMD ")[2]))


def fits_its_specification(file: Path) -> subprocess.CompletedProcess[str]:
    """What the compose specification's own schema says of a file."""
    schema = ("--builtin-schema", "vendor.compose-spec")
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, file], capture_output=True, text=True
    )


@pytest.mark.lasting
def test_the_compose_file_fits_its_specification() -> None:
    checked = fits_its_specification(COMPOSE)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.lasting
def test_a_slip_in_the_compose_file_would_be_found(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text(encoding="utf-8").replace("healthcheck:", "healthchek:"))
    assert fits_its_specification(broken).returncode != 0


def test_every_variable_is_explained_in_the_example_and_read_by_somebody() -> None:
    used = {name for name, _rest in VARIABLE.findall(COMPOSE.read_text(encoding="utf-8"))}
    assert used == set(examples())
    assert used - COMPOSES_OWN <= known_settings()


def test_what_must_be_set_is_asked_for_and_has_no_value_that_works_by_accident() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    needed = {name for name, rest in VARIABLE.findall(text) if rest.startswith(":?")}
    assert needed == {
        *("SECRET_KEY", "POSTGRES_PASSWORD", "SMTP_URL", "REVIEWHUB_BASE_URL", "PROXY_SITE")
    }
    assert [name for name in needed if examples()[name]] == []
    assert next(iter(examples())) in needed


def test_every_setting_given_to_the_program_is_one(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "migrate"):
        assert set(services[name]["environment"]) <= known_settings()


def test_every_command_is_one_that_the_image_has(services: dict[str, Any]) -> None:
    scripts = {script.name for script in entry_points(group="console_scripts")}
    for service in services.values():
        if "build" not in service:
            continue
        program, *arguments = command_of(service)
        assert program in scripts
        if program == "reviewhub":
            assert arguments[0] in MODULES
        if program == "celery":
            assert arguments[:2] == ["-A", "worker"]
            assert arguments[2] in {"worker", "beat"}


def test_there_is_one_beat_and_it_is_not_in_the_worker(services: dict[str, Any]) -> None:
    beats = [name for name, service in services.items() if "beat" in service.get("command", "")]
    assert beats == ["beat"]


def test_everything_that_stays_up_has_a_health_check(services: dict[str, Any]) -> None:
    unwatched = {name for name, service in services.items() if "healthcheck" not in service}
    assert unwatched == UNWATCHED


def test_a_health_check_asks_for_a_page_that_exists(services: dict[str, Any], app: Flask) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules()}
    asked = re.findall(r"127\.0\.0\.1:8000(/\w+)", " ".join(services["web"]["healthcheck"]["test"]))
    assert asked
    assert set(asked) <= pages


def test_only_the_proxy_is_reachable_from_elsewhere(services: dict[str, Any]) -> None:
    for name, service in services.items():
        ports = [str(port) for port in service.get("ports", ())]
        if name == "proxy":
            assert ports == ["80:80", "443:443"]
        else:
            assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_what_a_service_waits_for_exists_and_can_be_waited_for(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            watched = "healthcheck" in services[name]
            assert wait["condition"] == (
                "service_healthy" if watched else "service_completed_successfully"
            )


def test_every_volume_is_declared_and_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    used = set()
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file()
            else:
                used.add(source)
    assert used == set(compose["volumes"])


def test_every_address_inside_names_a_service(services: dict[str, Any]) -> None:
    given = services["web"]["environment"]
    for variable in ("DATABASE_URL", "REDIS_URL"):
        host = re.search(r"(?:@|//)(\w+)(?::\d+)?/\w+$", given[variable])
        assert host is not None
        assert host.group(1) in services


def test_the_image_takes_files_that_exist() -> None:
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name


def test_the_image_does_not_run_as_root() -> None:
    assert DOCKERFILE.index("\nUSER reviewhub") < DOCKERFILE.index("\nCMD ")


@pytest.mark.lasting
def test_the_web_server_is_started_with_options_that_it_knows(services: dict[str, Any]) -> None:
    program, *arguments = command_of(services["web"])
    checked = subprocess.run(
        [sys.executable, "-m", program, "--check-config", *arguments[:-1], "flask:Flask('x')"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert arguments[-1] == "reviewhub.app:create_app()"


def test_the_proxy_passes_on_to_where_the_web_server_listens(services: dict[str, Any]) -> None:
    found = re.search(r"reverse_proxy (\w+):(\d+)", CADDYFILE)
    assert found is not None
    name, port = found.groups()
    assert name in services
    assert f"0.0.0.0:{port}" in command_of(services[name])


def test_the_proxy_takes_every_upload_that_the_program_takes_and_waits_for_it(app: Flask) -> None:
    for limit in ("max_size", "request_buffers"):
        found = re.search(rf"{limit} (\d+)MiB", CADDYFILE)
        assert found is not None
        assert int(found.group(1)) * 2**20 >= app.config["MAX_CONTENT_LENGTH"]


def test_the_proxy_shuts_what_is_for_the_inside_and_keeps_no_addresses(app: Flask) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules()}
    found = re.search(r"@inside path (.+)", CADDYFILE)
    assert found is not None
    assert set(found.group(1).split()) == {"/readyz", "/metrics"} <= pages
    assert not re.search(r"^\s*log\b", CADDYFILE, re.MULTILINE)


def test_the_proxys_variables_are_given_to_it(services: dict[str, Any]) -> None:
    assert set(re.findall(r"\{\$(\w+)\}", CADDYFILE)) == set(services["proxy"]["environment"])


def test_as_many_proxies_are_trusted_as_there_are(services: dict[str, Any]) -> None:
    assert services["web"]["environment"]["REVIEWHUB_TRUSTED_PROXIES"] == "1"


def test_the_page_for_operators_names_only_what_exists(client: FlaskClient) -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"\breviewhub ([a-z][a-z-]+)\b", page))
    assert {"backup", "restore", "prepare"} <= commands <= set(MODULES)
    variables = set(re.findall(r"\b(REVIEWHUB_[A-Z_]+|SECRET_KEY|DATABASE_URL)\b", page))
    assert variables <= known_settings()
    figures = client.get("/metrics").text
    named = set(re.findall(r"`(reviewhub_\w+)`", page))
    assert named
    # This one is told once a worker was seen.
    assert {name for name in named if name not in figures} <= {"reviewhub_worker_silent_seconds"}
    assert [name for name in CHECKS if f"| `{name}` |" not in page] == []
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
