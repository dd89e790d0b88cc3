"""Two editors of one thing: the second is told, nothing is merged silently (`reliability.md` G11)."""

from config.kernel.errors import Refusal


class VersionConflict(Refusal):
    """The thing has changed since the caller read it."""

    code = "version_conflict"
    status = 412
    title = "It has been changed since you read it."


class VersionNeeded(Refusal):
    """The caller must say which version she saw: `If-Match` with the ETag she was given."""

    code = "precondition_required"
    status = 428
    title = "This needs If-Match with the version you last saw."


def require_version(*, seen: int | None, current: int, needed: bool = False) -> None:
    """Errors: VersionConflict with the current version, when another one was named; VersionNeeded when none was."""
    if seen is None and needed:
        raise VersionNeeded
    if seen is not None and seen != current:
        raise VersionConflict(current_version=current)
