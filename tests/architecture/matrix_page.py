"""`docs/authorisation.md`, written from the authorisation matrix: `python -m tests.architecture.matrix_page`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

if TYPE_CHECKING:
    from tests.architecture.authorisation import Row

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "authorisation.md"

_PARTS: Final = {
    "/store/v1/": "Store: shoppers and guests",
    "/staff/v1/": "Staff: clerks on a device in a store",
    "/pim/v1/": "PIM: merchandisers",
    "/system/v1/": "System: integrations",
    "/hooks/v1/": "Hooks: what providers and carriers tell us",
    "/api/": "About the API",
    "/media/": "Pictures",
    "/health/": "For the operation of the house",
    "/metrics": "For the operation of the house",
    "/admin/": "Django's admin: operators look, nobody changes",
    "/tablet/": "Pages: the clerk's tablet",
    "/": "Pages: the shop",
}


def render() -> str:
    """The page."""
    from tests.architecture.authorisation import ROWS, WHO_THEY_ARE, Principal

    lines = [
        "# Who may do what",
        "",
        "Written by `make docs-authorisation` from `tests/architecture/authorisation.py`; every cell is tested with a",
        "valid request. A route without a row fails the build, and so does a row without a route.",
        "",
        "`yes`: it is done. `401`: no credential of this part of the API; a token of another part is none.",
        "`400`: the message is not signed. `403`: the credential is good, but not for this.",
        "`404`: somebody else's is answered byte for byte like what",
        "does not exist. `405`: not with this method. `sign in`: on to the admin's sign-in page; `moved`: on to",
        "another page.",
        "",
        "A system key needs the scope its route names (`events:read`, `customers:read`), a merchandiser's token",
        "`products:publish` to publish and to import; without it the answer is 403. A clerk's right to a cart",
        "ends when she takes it back, when he closes it, and after eight hours; his right to a location's",
        "orders ends with his assignment.",
        "",
        "| caller | who that is |",
        "|---|---|",
        *(f"| {who} | {text} |" for who, text in WHO_THEY_ARE.items()),
    ]
    for title in dict.fromkeys(_PARTS.values()):
        rows = [row for row in ROWS if _title(row.route.path) == title]
        lines += [
            "",
            f"## {title}",
            "",
            f"| route | does | {' | '.join(Principal)} |",
            f"|---|---|{'---|' * len(Principal)}",
            *(_line(row) for row in rows),
        ]
    return "\n".join(lines) + "\n"


def _title(path: str) -> str:
    return next(title for prefix, title in _PARTS.items() if path.startswith(prefix))


def _line(row: "Row") -> str:
    cells = " | ".join(cell.shown for cell in row.cells.values())
    return f"| `{row.route}` | {row.does} | {cells} |"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    PAGE.write_text(render())
