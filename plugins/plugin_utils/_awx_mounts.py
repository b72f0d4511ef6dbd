# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folders of a job outlive it, by AWX's settings and by the pod specification of a container group.

PRIVATE to the collection. As AWX 24.6.1 has it in awx/main/tasks/jobs.py (build_execution_environment_params) and in
awx/main/tasks/receptor.py (pod_definition).
"""

from __future__ import annotations

import posixpath
import typing as t
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import yaml

SHOWN_PATHS = "AWX_ISOLATION_SHOW_PATHS"
ON_KUBERNETES = "AWX_MOUNT_ISOLATED_PATHS_ON_K8S"
OF_THE_POD = frozenset(("configMap", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"))
"""Volumes that end with the pod, or cannot be written."""


def outlives(folder: str, group: Mapping[str, t.Any], settings: Mapping[str, t.Any]) -> bool:
    """Return whether what a job of an instance group writes to a folder is still there when the job has ended."""
    in_pod = bool(group.get("is_container_group"))
    if in_pod:
        mounts = list(_of_pod(str(group.get("pod_spec_override") or "")))
        mounts += _shown(settings, "ro") if settings.get(ON_KUBERNETES) else ()
    else:
        mounts = list(_shown(settings, "ro", "O"))
    return any(PurePosixPath(posixpath.normpath(folder)).is_relative_to(mount) for mount in mounts)


def _shown(settings: Mapping[str, t.Any], *not_kept: str) -> Iterator[str]:
    """Yield the folders that AWX mounts from a node: HOST-DIR[:CONTAINER-DIR[:OPTION]], without those options.

    Kubernetes knows of these options `ro` alone (pod_definition).
    """
    for path in settings.get(SHOWN_PATHS) or ():
        source, target, option, *_more = [*str(path).split(":"), "", ""]
        if option not in not_kept:
            yield target or source


def _of_pod(specification: str) -> Iterator[str]:
    try:
        spec = yaml.safe_load(specification)["spec"]
        lasting = {each["name"] for each in spec.get("volumes") or () if not OF_THE_POD & set(each)}
        mounts = [
            each["mountPath"]
            for each in spec["containers"][0].get("volumeMounts") or ()
            if each["name"] in lasting and not each.get("readOnly")
        ]
    except (yaml.YAMLError, TypeError, KeyError, IndexError, AttributeError):
        return
    yield from mounts
