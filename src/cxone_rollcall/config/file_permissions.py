"""What a file that holds secrets must be like: its user's own, or root's and at most a group's to read."""

from __future__ import annotations

import os
import shlex
import stat
from typing import TYPE_CHECKING

from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path


def check_private(path: Path, status: os.stat_result, holds: str) -> None:
    """Raise SettingError, with the command that mends it, where others than this user can get at what is in a file.

    `holds` says what that is, in a word or two. `status` is that of the file that was read, not of the path, which may
    lead elsewhere by now. Root may own it in place of the user, being able to read and change everything; for root
    itself the owner says nothing: in a container a file of the host keeps its uid. On Windows neither mode nor owner
    says anything: the folder guards the file there.

    To a user who is not root, a file of root's may be a group's to read, and no more than that: it is how root gives a
    secret to a service (libpq takes such keys too), and how Kubernetes mounts one (`fsGroup`; root:GROUP, 0440). Of
    one's own files none may be: whoever owns it can change its mode.
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
