"""The cart's tables: the cart, its lines, who touched them, and which clerk may open it."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle


class CartState(models.TextChoices):
    """A cart is filled, and then it has become an order; or its owner signed in where she was filling another one."""

    OPEN = "open"  # lines may change
    CONSUMED = "consumed"  # it became `order_ref`, for ever
    MERGED = "merged"  # its lines went into `merged_into_ref`, for ever


CART_LIFECYCLE = Lifecycle(
    states=CartState,
    initial=CartState.OPEN,
    moves={
        CartState.OPEN: frozenset({CartState.CONSUMED, CartState.MERGED}),
        CartState.CONSUMED: frozenset(),
        CartState.MERGED: frozenset(),
    },
)


class Cart(models.Model):
    """What somebody is about to buy, on whichever device. `version` grows with every write and is its ETag.

    A cart belongs to a signed-in shopper (`owner_ref`, her user's public id) or to whoever holds its secret.
    """

    personal: ClassVar[tuple[str, ...]] = ("email", "name", "phone", "street", "postcode", "city")

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    secret_digest = models.BinaryField(max_length=32, null=True)
    owner_ref = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=CartState.choices, default=CartState.OPEN)
    version = models.IntegerField(default=1)
    channel = models.CharField(max_length=50)
    currency = models.CharField(max_length=3)
    locale = models.CharField(max_length=20)

    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)

    # The chosen delivery as it was at the cart's last write: its price, and when the goods were promised.
    delivery_option = models.CharField(max_length=50, blank=True)
    delivery_store = models.CharField(
        max_length=50, blank=True, help_text="Where the goods are fetched, if they are."
    )
    delivery_gross_minor = models.BigIntegerField(null=True)
    promised_from_on = models.DateField(null=True)
    promised_until_on = models.DateField(null=True)

    order_ref = models.UUIDField(null=True, unique=True)
    consumed_at = models.DateTimeField(null=True)
    merged_into_ref = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            CART_LIFECYCLE.constraint("cart_state"),
            models.CheckConstraint(
                condition=Q(owner_ref__isnull=False) | Q(secret_digest__isnull=False),
                name="cart_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "merged"), order_ref__isnull=True, consumed_at__isnull=True)
                | Q(state="consumed", order_ref__isnull=False, consumed_at__isnull=False),
                name="cart_consumed_has_its_order",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into_ref__isnull=False)
                | (~Q(state="merged") & Q(merged_into_ref__isnull=True)),
                name="cart_merged_has_its_heir",
            ),
            models.CheckConstraint(
                condition=Q(delivery_option="", delivery_gross_minor__isnull=True)
                | (~Q(delivery_option="") & Q(delivery_gross_minor__gte=0)),
                name="cart_delivery_has_its_price",
            ),
        )

    @property
    def is_fetched(self) -> bool:
        """Whether she comes for the goods herself."""
        return bool(self.delivery_store)

    @property
    def has_address(self) -> bool:
        """Whether she has said where she lives: goods that are sent need it, and an invoice."""
        return bool(self.street and self.postcode and self.city)

    def consume(self, *, order_ref: UUID, now: datetime) -> None:
        """It has become an order. Errors: IllegalMove when it had before."""
        CART_LIFECYCLE.require(now_in=self.state, to=CartState.CONSUMED)
        self.state, self.order_ref, self.consumed_at = CartState.CONSUMED, order_ref, now

    def merge_into(self, *, heir_ref: UUID) -> None:
        """Its lines are another cart's now. Errors: IllegalMove when it is not open."""
        CART_LIFECYCLE.require(now_in=self.state, to=CartState.MERGED)
        self.state, self.merged_into_ref = CartState.MERGED, heir_ref


class CartLine(models.Model):
    """So many of one SKU, at the unit price of the cart's last write.

    Lines merge by SKU, configuration and the set they belong to. `added_by_*` is who first put it in; who touched it
    afterwards stands in `LineTouch`.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines", db_index=False)
    sku = models.CharField(max_length=100)
    configuration = models.CharField(max_length=100, blank=True)
    part_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    quantity = models.IntegerField()
    unit_gross_minor = models.BigIntegerField()
    added_by_kind = models.CharField(max_length=20)
    added_by_label = models.CharField(max_length=200, blank=True)
    added_by_store = models.CharField(max_length=50, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("cart", "sku", "configuration", "part_of"),
                nulls_distinct=False,
                name="cartline_merged",
            ),
            models.CheckConstraint(condition=Q(quantity__range=(1, 999)), name="cartline_quantity"),
            models.CheckConstraint(condition=Q(unit_gross_minor__gte=0), name="cartline_price"),
        )


class LineTouch(AppendOnly):
    """One change of one line: from how many to how many, by whom, on which surface and device."""

    cart = models.ForeignKey(Cart, on_delete=models.PROTECT, related_name="touches")
    line_ref = models.UUIDField()
    sku = models.CharField(max_length=100)
    quantity_before = models.IntegerField()
    quantity_after = models.IntegerField()
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    actor_store = models.CharField(max_length=50, blank=True)
    actor_device = models.CharField(max_length=100, blank=True)
    touched_at = models.DateTimeField()


class HandOverCode(models.Model):
    """A one-use code, five minutes good, with which she lets a clerk open her cart (the QR on her phone)."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="hand_over_codes")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opening = models.OneToOneField("CartOpening", on_delete=models.CASCADE, null=True, related_name="code")


class CartOpening(models.Model):
    """One clerk, on one device in one store, may see and change one cart until it ends.

    `handed_back` is set where he gave it back to be paid on her own phone; `message` is what he wrote beside it.
    """

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="openings")
    clerk_ref = models.UUIDField()
    clerk_label = models.CharField(max_length=200)
    device = models.CharField(max_length=100)
    store = models.CharField(max_length=50)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    handed_back = models.BooleanField(default=False)
    message = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("clerk_ref", "device", "store", "ends_at"), name="cartopening_clerk"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gte=models.F("opened_at")), name="cartopening_end"),
        )
