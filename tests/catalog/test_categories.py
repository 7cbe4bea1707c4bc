"""The tree of categories, and how products follow it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.categories.models import Category
from catalog.products.models import Product
from shop.contracts.categories import (
    CategoryView,
    CreateCategory,
    DeleteCategory,
    GetCategories,
    MoveCategory,
    RenameCategory,
)
from shop.contracts.products import GetProduct, RefileProducts
from shop.messaging.bus import ask, execute
from shop.messaging.errors import Invalid, Missing, Refused
from shop.messaging.models import Message
from tests.catalog.feeds import deliver
from tests.catalog.products import product
from tests.http.calls import post, send
from tests.http.endpoints import service_token
from tests.messaging.tools import run_threads

pytestmark = pytest.mark.django_db

REFILE = "catalog.products.refile_products"


def category(name: str, parent: CategoryView | None = None) -> CategoryView:
    view: CategoryView = execute(CreateCategory(name=name, parent_id=parent.category_id if parent else None))
    return view


def paths() -> list[str]:
    return [each.path for each in ask(GetCategories()).categories]


def test_a_name_that_a_product_brings_becomes_a_root() -> None:
    made = product(category="Tea & Coffee")
    product(category="Tea & Coffee")
    product(category="Tea - Coffee")
    assert paths()[0] == "tea-coffee"
    assert len(paths()) == 2
    assert ask(GetProduct(product_id=made.product_id)).category_path == "tea-coffee"


def test_moving_takes_everything_below_along() -> None:
    home, kitchen = category("Home"), category("Kitchen")
    tea = category("Tea pots", kitchen)
    category("Iron", tea)
    moved = execute(MoveCategory(category_id=kitchen.category_id, parent_id=home.category_id))
    assert (moved.path, moved.depth) == ("home/kitchen", 1)
    assert paths() == ["home", "home/kitchen", "home/kitchen/tea-pots", "home/kitchen/tea-pots/iron"]
    assert list(Category.objects.order_by("path").values_list("depth", flat=True)) == [0, 1, 2, 3]
    assert [each.path for each in ask(GetCategories(under="home/kitchen")).categories] == paths()[2:]
    assert [each.path for each in ask(GetCategories(after="home/kitchen", limit=1)).categories] == ["home/kitchen/tea-pots"]
    execute(MoveCategory(category_id=tea.category_id))
    assert "tea-pots/iron" in paths()


def test_a_cycle_is_refused() -> None:
    top = category("Top")
    below = category("Below", top)
    for parent in (top, below):
        with pytest.raises(Refused) as refused:
            execute(MoveCategory(category_id=top.category_id, parent_id=parent.category_id))
        assert refused.value.code == "category_cycle"
    assert paths() == ["top", "top/below"]


def test_the_tree_has_a_floor() -> None:
    deepest = None
    for number in range(8):
        deepest = category(f"Level {number}", deepest)
    with pytest.raises(Invalid):
        category("One more", deepest)
    tall = category("Tall")
    category("Child", tall)
    with pytest.raises(Invalid):
        execute(MoveCategory(category_id=tall.category_id, parent_id=Category.objects.get(depth=6).pk))


def test_products_follow_a_new_name_in_chunks_each_with_its_message() -> None:
    made = [product(category="Old") for _ in range(5)]
    other = product(category="Other")
    row = Category.objects.get(name="Old")
    execute(RenameCategory(category_id=row.pk, name="New"))
    sent = Message.objects.get(name="RefileProducts")
    execute(RefileProducts(former_name="Old", name="New", limit=2))
    deliver(REFILE)
    assert sent.payload["formerName"] == "Old"
    assert set(Product.objects.exclude(pk=other.product_id).values_list("category", flat=True)) == {"New"}
    said = Message.objects.filter(name="ProductUpdated")
    assert [message.payload["changes"] for message in said] == [{"category": "New"}] * 5
    assert {message.key for message in said} == {str(each.product_id) for each in made}
    assert ask(GetProduct(product_id=made[0].product_id)).category_path == "new"


def test_names_are_unique_and_categories_in_use_stay() -> None:
    made = category("Lamps")
    product(category="Lamps")
    for wrong in (CreateCategory(name=" Lamps "), DeleteCategory(category_id=made.category_id)):
        with pytest.raises(Refused):
            execute(wrong)
    other = category("Empty")
    with pytest.raises(Refused):
        execute(RenameCategory(category_id=other.category_id, name="Lamps"))
    execute(DeleteCategory(category_id=other.category_id))
    with pytest.raises(Missing):
        execute(DeleteCategory(category_id=other.category_id))
    parent = category("Parent")
    category("Child", parent)
    with pytest.raises(Refused):
        execute(DeleteCategory(category_id=parent.category_id))


def test_over_http_everybody_reads_and_only_our_own_people_change(client: Any) -> None:
    service = service_token("catalog:write")
    made = post(client, "/categories", {"name": "Küche"}, **service)
    assert (made.status_code, made.json()["path"]) == (201, "küche")
    address = f"/categories/{made.json()['categoryId']}"
    assert client.get("/categories").json()["categories"][0]["name"] == "Küche"
    assert post(client, "/categories", {"name": "X"}).status_code == 401
    assert send(client, "PATCH", address, {"name": "Kitchen"}, **service).json()["path"] == "kitchen"
    assert post(client, f"{address}/move", {"parentId": made.json()["categoryId"]}, **service).status_code == 409
    assert send(client, "DELETE", address, **service).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_many_at_once_bring_the_same_names() -> None:
    numbers = iter(range(12))
    run_threads(12, lambda: product(category=f"Kind {next(numbers) % 3}"))
    assert sorted(Category.objects.values_list("name", flat=True)) == ["Kind 0", "Kind 1", "Kind 2"]
