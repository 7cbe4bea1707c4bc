"""The catalogue's screens: feeds from upload to the last line, the tree, variants and pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from catalog.categories.models import Category
from catalog.feeds.figures import import_queues
from catalog.feeds.models import ProductImport
from catalog.images.models import ProductImage
from catalog.products.models import Product
from shop.contracts.products import AddVariant, Characteristic, EnrichProducts
from shop.messaging.bus import execute
from shop.messaging.models import Delivery, OperatorAction
from tests.catalog.feeds import APPLY, STAGE, csv_of, deliver, imported, previewed
from tests.catalog.products import product
from tests.console.buttons import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Signs somebody in who has these roles and nothing else."""

    def somebody(*roles: str) -> Client:
        user = User.objects.create_user("-".join(["mira", *roles]), is_staff=True)
        user.groups.set(Group.objects.filter(name__in=roles))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return somebody


@pytest.fixture
def merchandiser(sign_in: Callable[..., Client]) -> Client:
    return sign_in("merchandiser")


def content(answer: Any) -> bytes:
    """Of a file that is streamed."""
    return b"".join(answer.streaming_content)


def page(client: Client, row: Any, query: str = "") -> str:
    name = f"admin:catalog_{row._meta.model_name}_change"
    answer = client.get(f"{reverse(name, args=[row.pk])}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def file_of(lines: list[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("autumn.csv", csv_of(lines).encode())


def test_a_feed_from_upload_to_the_last_line(merchandiser: Client) -> None:
    product(sku="A", name="Lamp", price=1000)
    lines = ["A,Lamp,12.50,EUR,,", "B,<script>alert(1)</script>,1,EUR,,", "C,Pot,x,EUR,,"]
    assert send(merchandiser, ProductImport, "upload", [], file=file_of(lines)).status_code == 302
    row = ProductImport.objects.get()
    assert 'data-watch="' in page(merchandiser, row)
    news = merchandiser.get(reverse("admin:catalog_productimport_progress", args=[row.pk])).json()
    assert (news["percent"] < 100, news["ended"]) == (True, False)
    deliver(STAGE)
    shown = page(merchandiser, row)
    assert "10.00 EUR → 12.50 EUR" in shown
    assert 'data-watch="' not in shown
    assert "<script>alert" not in page(merchandiser, row, "?kind=NEW")
    assert "price “x” is none in EUR" in page(merchandiser, row, "?kind=REJECTED")
    assert [waiting.count for waiting in import_queues()] == [1]
    row = ProductImport.objects.get()
    assert send(merchandiser, ProductImport, "apply", [row]).status_code == 302
    deliver(APPLY)
    assert Product.objects.get(sku="A").price == 1250
    errors = merchandiser.get(reverse("admin:catalog_productimport_errors", args=[row.pk]))
    assert b"4,C,Pot,REJECTED" in content(errors)
    assert list(OperatorAction.objects.order_by("id").values_list("verb", "actor")) == [
        ("productimport.upload", "staff:mira-merchandiser"),
        ("productimport.apply", "staff:mira-merchandiser"),
    ]


def test_what_is_no_feed_is_told_and_nothing_begins(merchandiser: Client) -> None:
    for wrong in (SimpleUploadedFile("x.csv", b"sku,name\n"), SimpleUploadedFile("x.csv", b"")):
        answer = send(merchandiser, ProductImport, "upload", [], file=wrong)
        assert answer.status_code in {409, 422}
    assert not ProductImport.objects.exists()


def test_an_import_that_moves_can_be_cancelled_but_not_by_an_old_page(merchandiser: Client) -> None:
    view = previewed(["A,Lamp,1,EUR,,"])
    row = ProductImport.objects.get(pk=view.import_id)
    address = reverse("admin:catalog_productimport_verb", args=["cancel"])
    assert send(merchandiser, ProductImport, "apply", [row]).status_code == 302
    old = merchandiser.post(address, {"seen": f"{row.pk}:READY", "reason": "no"})
    assert old.status_code == 409
    moving = ProductImport.objects.get()
    assert merchandiser.post(address, {"seen": f"{row.pk}:{moving.version}", "reason": "no"}).status_code == 302
    assert ProductImport.objects.get().status == "CANCELLED"


def test_one_that_was_given_up_says_so(merchandiser: Client) -> None:
    row = ProductImport.objects.get(pk=previewed(["A,Lamp,1,EUR,,"]).import_id)
    send(merchandiser, ProductImport, "apply", [row])
    assert "does not go on" not in page(merchandiser, row)
    Delivery.objects.filter(subscriber=APPLY).update(status="dead", error="RuntimeError: the disk is full")
    assert "It does not go on." in page(merchandiser, row)


def test_the_preview_is_paged_and_costs_the_same_however_long(merchandiser: Client) -> None:
    def cost(count: int) -> tuple[int, str]:
        row = ProductImport.objects.get(pk=previewed([f"S{n},Thing,1,EUR,," for n in range(count)]).import_id)
        with CaptureQueriesContext(connection) as queries:
            shown = page(merchandiser, row)
        return len(queries), shown

    few, many = cost(3), cost(120)
    assert few[0] == many[0]
    assert "after=51" in many[1]
    row = ProductImport.objects.latest("id")
    assert "S119" in page(merchandiser, row, "?kind=NEW&after=101")
    for odd in ("?kind=%00&after=%00", "?kind=x&after=-1", f"?after={'9' * 40}", "?after=%F0%9F%92%A5"):
        assert page(merchandiser, row, odd)


def test_the_tree_is_changed_by_verbs(merchandiser: Client) -> None:
    product(category="Lamps")
    send(merchandiser, Category, "create", [], name="Home")
    lamps, home = Category.objects.get(name="Lamps"), Category.objects.get(name="Home")
    assert send(merchandiser, Category, "move", [lamps], parent=str(home.pk)).status_code == 302
    lamps.refresh_from_db()
    assert lamps.path == "home/lamps"
    assert send(merchandiser, Category, "delete", [lamps]).status_code == 409
    assert send(merchandiser, Category, "rename", [lamps], name="Lights").status_code == 302
    assert "home/lights" in merchandiser.get(reverse("admin:catalog_category_changelist")).content.decode()
    assert "home/lights" in page(merchandiser, home)
    send(merchandiser, Category, "create", [], name="Empty")
    empty = Category.objects.get(name="Empty")
    gone = send(merchandiser, Category, "delete", [empty])
    assert (gone.status_code, gone["Location"]) == (302, reverse("admin:catalog_category_changelist"))


def test_variants_and_pictures_are_added_on_the_product(merchandiser: Client) -> None:
    made = Product.objects.get(pk=product(name="Shirt, sage", price=1000).product_id)
    assert send(merchandiser, Product, "vary", [made], sku="S-XL", options="size=XL", difference="2.50").status_code == 302
    assert Product.objects.get(sku="S-XL").price == 1250
    assert send(merchandiser, Product, "vary", [made], sku="S-M", options="nothing", difference="0").status_code == 409
    packed = io.BytesIO()
    Image.new("RGB", (100, 100)).save(packed, "PNG")
    file = SimpleUploadedFile("shirt.png", packed.getvalue())
    assert send(merchandiser, Product, "picture", [made], file=file, alternative_text="A shirt").status_code == 302
    wrong = SimpleUploadedFile("shirt.png", b"<svg/>")
    assert send(merchandiser, Product, "picture", [made], file=wrong).status_code == 409
    deliver("catalog.images.render_product_image")
    execute(EnrichProducts())
    shown = page(merchandiser, made)
    for told in ("S-XL", "this price + 2.50 EUR", "320.webp", 'alt="A shirt"', "a colour we know"):
        assert told in shown
    assert "Variant of" in page(merchandiser, Product.objects.get(sku="S-XL"))
    image = ProductImage.objects.get()
    assert send(merchandiser, Product, "unpicture", [made], image=str(image.pk)).status_code == 302
    assert send(merchandiser, Product, "unpicture", [made], image=str(image.pk)).status_code == 409


def test_a_product_page_costs_the_same_however_many_variants(merchandiser: Client) -> None:
    def cost(count: int) -> int:
        base = product()
        for number in range(count):
            size = [Characteristic(name="size", value=str(number))]
            execute(AddVariant(product_id=base.product_id, sku=f"{base.sku}-{number}", options=size, price_difference=0))
        with CaptureQueriesContext(connection) as queries:
            page(merchandiser, Product.objects.get(pk=base.product_id))
        return len(queries)

    assert cost(2) == cost(12)


def test_products_are_found_by_sku_id_and_beginning_of_the_name(merchandiser: Client) -> None:
    made = product(sku="KIT-01", name="Kettle, sage")
    product(name="Copper kettle")
    for term in ("KIT-01", str(made.product_id), "Kett", "kett"):
        found = merchandiser.get(reverse("admin:catalog_product_changelist"), {"q": term}).context["cl"].result_list
        assert [row.sku for row in found] == ["KIT-01"], term


def test_the_export_is_for_those_who_may_see_products(merchandiser: Client, sign_in: Callable[..., Client]) -> None:
    imported(["=A,Lamp,1,EUR,,"])
    address = reverse("admin:catalog_productimport_export")
    assert b"'=A,Lamp,1.00,EUR" in content(merchandiser.get(address))
    assert sign_in().get(address).status_code == 403
    assert merchandiser.post(address).status_code == 405
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("role", ["support", "warehouse", "finance", "moderator"])
def test_others_look_and_do_not_touch(sign_in: Callable[..., Client], role: str) -> None:
    client = sign_in(role)
    for address in ("category/verbs/create/", "productimport/verbs/upload/", "productimport/"):
        assert client.get(f"/admin/catalog/{address}").status_code == 403
