"""The systemd unit, the Kubernetes manifest and the nginx part."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.environments import Environment
from tests.deploy.deployed import DEPLOY, USER, last_stage, manifests, of_unit, parsed, unit
from tests.deploy.test_container import TOKEN
from tests.transport.raw import free_port
from tests.web.serving import Reader, served

from cxone_rollcall.cli.serve import TOKEN_VARIABLE
from cxone_rollcall.config.definitions import BY_VARIABLE, SECRETS
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.web.auth import SHORTEST_TOKEN, Access
from cxone_rollcall.web.sse import QUIET

OBJECTS: dict[str, Any] = {one["kind"]: one for one in manifests("kubernetes.yml")}
POD = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
FILES = {f"{TOKEN_VARIABLE}_FILE", *(setting.file_variable for setting in SECRETS)}
"""Variables that name a file with a secret."""

# systemd -------------------------------------------------------------------


def test_the_unit_runs_a_command_that_exists() -> None:
    """The command line takes the unit's command. Its files are in folders that systemd makes."""
    given = parsed(of_unit()).params
    assert given["history"] == "${STATE_DIRECTORY}/history.db"
    assert unit()["WorkingDirectory"] == [f"/var/lib/{unit()['StateDirectory'][0]}"]


def test_the_unit_gives_secrets_as_files() -> None:
    """Each secret is a credential that a variable of ours names. None is in the environment itself."""
    given = dict(pair.split("=", 1) for line in unit()["Environment"] for pair in line.split())
    files = {name: text for name, text in given.items() if name not in ("HOME", "XDG_DATA_HOME")}
    assert given["HOME"] == given["XDG_DATA_HOME"] == unit()["WorkingDirectory"][0]
    assert set(files) <= FILES
    credentials = {one.partition(":")[0] for one in unit()["LoadCredential"]}
    assert {text.removeprefix("%d/") for text in files.values()} == credentials


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Systemd knows each key. It rates the exposure below 1.5 of 10."""
    text = (DEPLOY / "rollcall.service").read_text()
    copy = tmp_path / "rollcall.service"
    copy.write_text(text.replace("/opt/rollcall/bin/rollcall", shutil.which("true") or "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert [line for line in verified.stderr.splitlines() if "rollcall" in line] == []
    security = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(copy)]
    done = subprocess.run(security, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-200:]


# Kubernetes ----------------------------------------------------------------


def test_the_deployment_is_one() -> None:
    """There is one replica, replaced and never doubled."""
    deployment = OBJECTS["Deployment"]["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == OBJECTS["Service"]["spec"]["selector"] == labels


def test_the_pod_runs_a_command_that_exists() -> None:
    """The pod's arguments exist. Port, probes and service agree with them."""
    given = parsed(CONTAINER["args"]).params
    (port,) = CONTAINER["ports"]
    assert given["listen"] == f"0.0.0.0:{port['containerPort']}"
    assert str(port["containerPort"]) == last_stage()["EXPOSE"]
    assert [one["targetPort"] for one in OBJECTS["Service"]["spec"]["ports"]] == [port["name"]]
    paths = {name: CONTAINER[f"{name}Probe"]["httpGet"]["path"] for name in ("liveness", "readiness", "startup")}
    assert paths == {"liveness": "/healthz", "readiness": "/readyz", "startup": "/healthz"}
    mounts = {mount["mountPath"]: mount["name"] for mount in CONTAINER["volumeMounts"]}
    assert mounts[str(Path(given["history"]).parent)] == "data"
    assert str(Path(given["history"]).parent) == last_stage()["VOLUME"]


async def test_the_probes_need_no_token() -> None:
    """A probe has the pod's address as its host, and no token. It is answered all the same."""
    async with served(20, access=Access(Secret(TOKEN), names=["board.example.com"])) as here:
        await here.poll()
        for path in ("/healthz", "/readyz"):
            assert (await here.text(path, Host="10.1.2.3:8080"))[0] == 200


def test_the_pod_may_nothing() -> None:
    """The pod is not root, and can write to its volume alone."""
    pod, own = POD["securityContext"], CONTAINER["securityContext"]
    assert pod["runAsNonRoot"] is True
    assert {pod["runAsUser"], pod["runAsGroup"], pod["fsGroup"]} == {USER}
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert POD["automountServiceAccountToken"] is False


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_the_pod_gets_secrets_as_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables name files of the Secret. Rollcall accepts the mode of these."""
    given: dict[str, str] = OBJECTS["ConfigMap"]["data"]
    assert set(given) <= {*BY_VARIABLE, *FILES}
    (volume,) = (one["secret"] for one in POD["volumes"] if "secret" in one)
    folder = next(one["mountPath"] for one in CONTAINER["volumeMounts"] if one["name"] == "secrets")
    files = {text for name, text in given.items() if name in FILES}
    assert files == {f"{folder}/{key}" for key in OBJECTS["Secret"]["stringData"]}
    assert volume["secretName"] == OBJECTS["Secret"]["metadata"]["name"]
    path = tmp_path / "secret"
    path.touch()
    fields = list(path.stat())
    fields[0], fields[4] = stat.S_IFREG | volume["defaultMode"], 0
    monkeypatch.setattr(os, "geteuid", lambda: USER)
    check_private(path, os.stat_result(fields), "a secret")


def test_the_example_token_opens_nothing() -> None:
    """The board does not start with the token of the example."""
    assert 0 < len(OBJECTS["Secret"]["stringData"]["serve_token"]) < SHORTEST_TOKEN


@pytest.mark.thorough
def test_kubernetes_takes_the_manifest(tools: Environment) -> None:
    """Each object follows the schemas of Kubernetes, without unknown keys."""
    command = [str(tools.command("kubernetes-validate")), "--strict", str(DEPLOY / "kubernetes.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# nginx ---------------------------------------------------------------------


def test_the_proxy_fits_the_service() -> None:
    """The proxy leads to the unit's address and path. The unit trusts it."""
    text = (DEPLOY / "nginx.conf").read_text()
    given = parsed(of_unit()).params
    assert f"proxy_pass http://{given['listen']};" in text
    assert f"location {given['base_path']}/ {{" in text
    assert given["proxies"] == ("127.0.0.1",)
    for option in re.findall(r"--[a-z-]+ [\w./]*\w", text.splitlines()[0]):
        assert option in " ".join(of_unit())
    assert "proxy_buffering off;" in text
    assert f"every {QUIET:g} seconds" in text


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)")
async def test_events_pass_through_nginx(tmp_path: Path) -> None:
    """A real nginx passes each event at once. It keeps the token's rule."""
    port = free_port()
    access = Access(Secret(TOKEN), names=["board.example.com"])
    async with served(20, access=access, base_path="/rollcall", proxies=["127.0.0.1"]) as here:
        nginx = start_nginx(tmp_path, port, here.url.removesuffix("/rollcall"))
        try:
            url, host = f"http://127.0.0.1:{port}/rollcall", {"Host": "board.example.com"}
            async with here.session.get(f"{url}/api/v1/board", headers=host) as refused:
                assert refused.status == 401
            async with here.session.get(f"{url}/healthz", headers={"Host": "foreign.example"}) as foreign:
                assert foreign.status == 421
            await here.poll()
            ours = host | {"Authorization": f"Bearer {TOKEN}"}
            async with here.session.get(f"{url}/api/v1/events", headers=ours) as answer:
                assert answer.headers["Content-Type"] == "text/event-stream"
                reader = Reader(answer)
                first = await reader.read_poll()
                assert len(reader.agents) == 20
                await here.poll()
                assert (await reader.read_poll())["poll"] == first["poll"] + 1
        finally:
            nginx.terminate()
            nginx.wait()


def start_nginx(folder: Path, port: int, upstream: str) -> subprocess.Popen[bytes]:
    """Run nginx with our part in a server of its own. Return when it listens."""
    part = (DEPLOY / "nginx.conf").read_text().replace("http://127.0.0.1:8080", upstream)
    (folder / "rollcall.conf").write_text(part)
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}"
        f"server {{\nlisten 127.0.0.1:{port};\ninclude {folder}/rollcall.conf;\n}}\n}}\n"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    return nginx
