"""Checks owner and mode of a file that holds secrets."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from cxone_rollcall.errors import SettingError


def check_private(path: Path, status: os.stat_result, holds: str) -> None:
    """Raise SettingError if other users can read or change a file. The error has a command to fix it.

    `holds` names its content in a word or two. `status` is of the file that was read, because the path may name another
    file by now. The owner must be the user or root. Root itself may read any owner's file: in a container, files of the
    host keep their uid. On Windows nothing is checked: there the folder protects the file.

    For other users than root, a group may read a file that root owns: that is how root gives a secret to a service
    (libpq accepts such keys too) and how Kubernetes mounts one (`fsGroup`; root:GROUP, 0440). A user's own file must
    have no group access, because the user can change its mode.
    """
    if os.name != "posix":
        return
    mode = stat.S_IMODE(status.st_mode)
    quoted = shlex.quote(str(path))
    user = os.geteuid()
    if user != 0 and status.st_uid not in (user, 0):
        raise SettingError(
            f"{path} holds {holds}, and belongs to another user of this machine (uid {status.st_uid}), who can read"
            " and change it",
            example=_made_ones_own(quoted),
        )
    given_by_root = status.st_uid == 0 != user
    if mode & (0o037 if given_by_root else 0o077):
        mounted = "0440 and fsGroup to a group of this user" if given_by_root else "0400 and no fsGroup"
        hint = f"; where Kubernetes mounts it, set defaultMode: {mounted}" if status.st_uid == 0 else ""
        raise SettingError(
            f"{path} holds {holds}, and its mode ({mode:04o}) lets other users of this machine at it{hint}",
            example=f"chmod 600 {quoted}" if user in (0, status.st_uid) else _made_ones_own(quoted),
        )


def _made_ones_own(quoted: str) -> str:
    return f'sudo chown "$(id -u)" {quoted} && chmod 600 {quoted}'
