"""The services for production: pinned, closed to other machines, and without secrets of ours."""

import re
from pathlib import Path

from deploy.elasticsearch import build

COMPOSE = Path(__file__).resolve().parents[2] / "deploy" / "compose.yaml"
IMAGE = re.compile(r"^ +image: (\S+)$", re.MULTILINE)
PORT = re.compile(r"^ +- (\S+:\d+)$", re.MULTILINE)
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(\S*?)[ }]")
COMMENT = re.compile(r"^ *#.*$", re.MULTILINE)


def test_it_runs_the_elasticsearch_that_the_tests_run() -> None:
    images = dict(image.split(":") for image in IMAGE.findall(COMPOSE.read_text()))

    assert images["elasticsearch"] == build._version()
    assert "latest" not in images.values()


def test_no_password_has_a_default() -> None:
    variables = VARIABLE.findall(COMMENT.sub("", COMPOSE.read_text()))
    secrets = {name: rest for name, rest in variables if "PASSWORD" in name}

    assert {*secrets} == {
        "POSTGRES_PASSWORD",
        "VALKEY_PASSWORD",
        "ELASTIC_PASSWORD",
        "ELASTICSEARCH_PASSWORD",
    }
    assert set(secrets.values()) == {":?set"}


def test_the_services_are_open_to_this_machine_only() -> None:
    ports = PORT.findall(COMPOSE.read_text())

    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)
