"""The table in `docs/roles.md` is what the code says."""

from config.role_matrix import placed
from tests.docs.pages import ROOT


def test_the_table_of_roles_is_up_to_date() -> None:
    page = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    assert page == placed(page), "run: python manage.py roles --write"
