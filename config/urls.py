"""The roof: every route of the house, by audience. The only module that sees all apps.

A route without a row in the authorisation matrix (`tests/architecture/authorisation.py`) fails the build.
"""

from django.contrib import admin
from django.urls import include, path

from config.kernel import health, metrics
from config.kernel.media import media
from config.kernel.rest import documentation, events_feed
from config.kernel.rest.problems import bad_request, server_error
from customers.rest import sign_in
from customers.rest import urls as customers_urls
from orders.rest import urls as orders_urls
from pim.rest import urls as pim_urls
from shop.rest import urls as shop_urls
from shop.site import urls as site_urls
from shop.site.framing import not_found
from shop.tablet import urls as tablet_urls

store = [*shop_urls.store_urls, *orders_urls.store_urls]
staff = [*shop_urls.staff_urls, *orders_urls.staff_urls]
system = [path("events", events_feed.EventsFeed.as_view(), name="events"), *customers_urls.system_urls]

urlpatterns = [
    path("store/v1/", include((store, "store"))),
    path("staff/v1/", include((staff, "staff"))),
    path("pim/v1/", include((pim_urls.pim_urls, "pim"))),
    path("system/v1/", include((system, "system"))),
    path("hooks/v1/", include((orders_urls.hook_urls, "hooks"))),
    path("api/", include((documentation.urls, "documentation"))),
    path("_allauth/", include((sign_in.urls, "sign-in"))),
    path("admin/", admin.site.urls),
    path("media/<path:file>", media, name="media"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.exposition, name="metrics"),
    path("tablet/", include((tablet_urls.urls, "tablet"))),
    path("", include((site_urls.urls, "site"))),
]

handler400 = bad_request
handler404 = not_found
handler500 = server_error
