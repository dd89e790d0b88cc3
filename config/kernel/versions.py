"""Two editors of one thing: the second is told, nothing is merged silently (`reliability.md` G11)."""

from config.kernel.errors import Refusal


class VersionConflict(Refusal):
    """The thing has changed since the caller read it."""

    code = "version_conflict"
    status = 412
    title = "It has been changed since you read it."


def require_version(*, seen: int | None, current: int) -> None:
    """Errors: VersionConflict with the current version, when a version was named and it is not the current one."""
    if seen is not None and seen != current:
        raise VersionConflict(current_version=current)
