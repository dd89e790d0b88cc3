"""The house's routes, and two more to compare them with: what is left when nothing of ours runs."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from shop.catalog.models import Listing


def bare(request: HttpRequest, row: int) -> HttpResponse:
    """A plain function view that reads one row by its key and sends it, behind the same middleware."""
    stored = Listing.objects.values_list("detail", flat=True).get(pk=row)
    return HttpResponse(bytes(stored), content_type="application/json")


def raw(request: HttpRequest, row: int) -> HttpResponse:
    """The same without the ORM."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail FROM shop_listing WHERE id = %s", [row])
        (stored,) = cursor.fetchone()
    return HttpResponse(bytes(stored), content_type="application/json")


urlpatterns = [path("bench/bare/<int:row>", bare), path("bench/raw/<int:row>", raw), *urls.urlpatterns]
handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500
