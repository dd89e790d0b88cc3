"""Every wall of the house stands: each import contract is broken on purpose, and the linter names it.

The packages are copied to a scratch folder, one offending line is added, and `lint-imports` runs there with the real
contracts. A contract that could not be broken would be a wall on paper.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = ("config", "pim", "customers", "orders", "shop")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# (contract id, file to add a line to or to create, the line)
BREACHES = [
    ("storeys", "orders/agreement/rules.py", "import shop.cart.rules"),
    ("storeys", "config/kernel/ids.py", "import pim.api"),
    ("storeys", "pim/publishing/services.py", "import customers.api"),
    ("storeys", "shop/events.py", "import config.urls"),
    ("door-of-pim", "shop/cart/services.py", "import pim.catalogue.models"),
    ("door-of-customers", "orders/handlers.py", "import customers.record.services"),
    ("door-of-orders", "shop/checkout/services.py", "import orders.stock.services"),
    ("chapters-of-pim", "pim/catalogue/services.py", "import pim.publishing.services"),
    ("chapters-of-customers", "customers/record/services.py", "import customers.api"),
    ("chapters-of-orders", "orders/stock/services.py", "import orders.placing.services"),
    ("chapters-of-shop", "shop/cart/services.py", "import shop.checkout.services"),
    ("chapters-of-shop", "shop/attic/__init__.py", "'''A folder without a place in the order.'''"),
    ("inside-a-slice", "shop/cart/rules.py", "import shop.cart.models"),
    ("inside-a-slice", "shop/cart/queries.py", "import shop.cart.services"),
    ("inside-a-slice", "shop/cart/helpers.py", "'''A file that no slice has.'''"),
    ("pure-rules", "shop/cart/rules.py", "import django.db"),
    ("pure-rules", "config/kernel/money.py", "import django.conf"),
    ("providers-at-the-edge", "orders/payment/services.py", "import requests"),
    ("providers-at-the-edge", "config/kernel/mail.py", "import httpx"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", "pyproject.toml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_house_keeps_its_contracts() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_broken_by_some_breach_below() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in BREACHES}


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=lambda value: str(value)[:50])
def test_a_breach_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    name = next(known["name"] for known in CONTRACTS if known["id"] == contract)
    path = copy / file
    path.parent.mkdir(exist_ok=True)
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")

    result = lint(copy)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{name} BROKEN" in result.stdout or f"{name}" in result.stdout + result.stderr


def test_every_slice_stands_in_the_contract_of_slices() -> None:
    listed = next(contract for contract in CONTRACTS if contract["id"] == "inside-a-slice")["containers"]
    pages = {"site", "tablet", "templates", "static", "locale"}
    not_slices = {"migrations", "rest", "management", "demo", "integrations", "__pycache__"} | pages
    slices = {
        f"{app}.{folder.name}"
        for app in PACKAGES[1:]
        for folder in (ROOT / app).iterdir()
        if folder.is_dir() and folder.name not in not_slices
    }

    assert slices == set(listed)
