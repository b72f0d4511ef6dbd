# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Whether a folder of a job outlives it, by the settings of AWX and the pod specification of a container group."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_mounts import outlives
from harness.examples import proved_by

FOLDER = "/srv/offboarding/reports"
NODES: dict[str, Any] = {"name": "default", "is_container_group": False, "pod_spec_override": ""}


def pod(volume: dict[str, Any], **mount: Any) -> dict[str, Any]:
    mounts = [{"name": "reports", "mountPath": "/srv/offboarding", **mount}]
    spec = {"containers": [{"name": "worker", "volumeMounts": mounts}], "volumes": [{"name": "reports", **volume}]}
    return {"name": "pods", "is_container_group": True, "pod_spec_override": yaml.safe_dump({"spec": spec})}


CLAIM = {"persistentVolumeClaim": {"claimName": "reports"}}


@pytest.mark.parametrize(
    ("paths", "lasts"),
    [
        ([], False),
        (["/etc/pki/ca-trust:/etc/pki/ca-trust:O"], False),
        (["/srv/offboarding"], True),
        (["/srv/offboarding/reports/"], True),
        (["/data:/srv/offboarding"], True),
        (["/data:/srv/offboarding:rw"], True),
        (["/srv/offboarding:/data:z"], False),
        (["/data:/srv/offboarding:O"], False),
        (["/data:/srv/offboarding:ro"], False),
        (["/srv/offboarding/rep"], False),
        (["/srv/off"], False),
        (None, False),
    ],
)
def test_on_a_node_a_path_that_awx_exposes(paths: list[str] | None, lasts: bool) -> None:
    """With O what is written is thrown away, except in a pod. With ro nothing can be written."""
    settings = {"AWX_ISOLATION_SHOW_PATHS": paths, "AWX_MOUNT_ISOLATED_PATHS_ON_K8S": False}
    assert outlives(FOLDER, NODES, settings) is lasts
    in_pod = {**NODES, "is_container_group": True}
    assert not outlives(FOLDER, in_pod, settings)
    lasts_in_pod = lasts or paths == ["/data:/srv/offboarding:O"]
    assert outlives(FOLDER, in_pod, {**settings, "AWX_MOUNT_ISOLATED_PATHS_ON_K8S": True}) is lasts_in_pod


@pytest.mark.parametrize(
    ("group", "lasts"),
    [
        (pod(CLAIM), True),
        (pod({"nfs": {"server": "nfs", "path": "/x"}}), True),
        (pod({"hostPath": {"path": "/x"}}), True),
        (pod({"emptyDir": {}}), False),
        (pod({"ephemeral": {}}), False),
        (pod({"configMap": {"name": "x"}}), False),
        (pod(CLAIM, readOnly=True), False),
        (pod(CLAIM, mountPath="/data"), False),
        (pod(CLAIM, name="other"), False),
        (pod(CLAIM, mountPath="/srv/offboarding/reports"), True),
    ],
)
def test_in_a_pod_a_volume_that_is_not_the_pods_own(group: dict[str, Any], lasts: bool) -> None:
    assert outlives(FOLDER, group, {}) is lasts
    assert outlives(f"{FOLDER}/../reports", group, {}) is lasts


def test_the_pod_of_the_guide_keeps_the_evidence() -> None:
    (example,) = proved_by("test_the_pod_of_the_guide_keeps_the_evidence", "docs/docsite/rst/awx.rst")
    group = {"name": "pods", "is_container_group": True, "pod_spec_override": example.text}
    assert outlives(FOLDER, group, {})
    assert example.data["spec"]["containers"][0]["args"] == ["ansible-runner", "worker", "--private-data-dir=/runner"]


@given(
    st.text() | st.sampled_from(["[]", "{}", "spec: 1", "spec: {containers: []}", "spec: {containers: [1]}", "a: ["])
)
def test_any_text_is_taken_for_a_specification(text: str) -> None:
    assert not outlives(FOLDER, {**NODES, "is_container_group": True, "pod_spec_override": text}, {})


@pytest.mark.parametrize("folder", ["reports", "~/reports", "", "/"])
def test_a_folder_of_the_container_does_not_last(folder: str) -> None:
    assert not outlives(folder, pod(CLAIM), {"AWX_ISOLATION_SHOW_PATHS": ["/srv/offboarding"]})
