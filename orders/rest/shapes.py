"""The shapes of orders and returns, as the API describes them."""

from typing import Any

from rest_framework import serializers

from config.kernel.rest.bodies import MoneyBody
from orders.payment.ports import DisputeStatus
from orders.rest.parcel_bodies import ParcelBody, PickupPlaceBody
from orders.rest.returned import ReturnBody, StaffReturnBody


class OrderOptionBody(serializers.Serializer[Any]):
    """What was chosen, as the buyer read it: Fabric, Boucle."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class LineUnitsBody(serializers.Serializer[Any]):
    """So many units of one line of the order."""

    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()


class OrderLineBody(serializers.Serializer[Any]):
    """One line as it was agreed. `returnable` counts units that were delivered and are in no return yet."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = OrderOptionBody(many=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyBody()
    gross = MoneyBody()
    net = MoneyBody()
    tax = MoneyBody()
    tax_rate = serializers.CharField(help_text="0.255 is 25.5 %.")
    added_by = serializers.CharField(help_text="The clerk who added it; empty for the shopper herself.")
    shipped = serializers.IntegerField()
    delivered = serializers.IntegerField()
    returnable = serializers.IntegerField()
    withdrawal_excluded = serializers.CharField(
        allow_null=True, help_text="Why it cannot be sent back, as a code: custom_made."
    )


class OrderPromiseBody(serializers.Serializer[Any]):
    """The first and the last day on which the goods arrive, as it was promised."""

    earliest_on = serializers.DateField()
    latest_on = serializers.DateField()


class OrderAddressBody(serializers.Serializer[Any]):
    """Where the goods go, and to whom."""

    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)


class OrderDeliveryBody(serializers.Serializer[Any]):
    """Lines that travel together."""

    id = serializers.UUIDField()
    option = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    price = MoneyBody()
    pickup_at = PickupPlaceBody(allow_null=True, help_text="Where the buyer fetches it; null: it is sent.")
    promise = OrderPromiseBody()
    address = OrderAddressBody()


class TaxGroupBody(serializers.Serializer[Any]):
    """All that is taxed at one rate."""

    rate = serializers.CharField(help_text="0.255 is 25.5 %.")
    gross = MoneyBody()
    net = MoneyBody()
    tax = MoneyBody()


class OrderTotalsBody(serializers.Serializer[Any]):
    """What the order costs, tax included, and the tax in it."""

    goods = MoneyBody()
    delivery = MoneyBody()
    total = MoneyBody()
    tax = MoneyBody()
    taxes = TaxGroupBody(many=True)


class NextActionBody(serializers.Serializer[Any]):
    """What the buyer's device does next.

    `none`: nothing. `sdk`: go on with the secret and the key in the provider's library. `redirect`: go to the URL.
    `wait`: ask again soon. An order tells only the type; its payments' route gives secret and URL.
    """

    type = serializers.CharField()
    client_secret = serializers.CharField(required=False)
    publishable_key = serializers.CharField(required=False)
    url = serializers.CharField(required=False)


class RefundBody(serializers.Serializer[Any]):
    """Money that goes back: `pending` until the provider has done it, `failed` when it would not."""

    id = serializers.UUIDField()
    amount = MoneyBody()
    status = serializers.CharField()
    asked_at = serializers.DateTimeField()


class OrderPaymentBody(serializers.Serializer[Any]):
    """How it is paid, where that stands, and what the buyer's device does next."""

    attempt_id = serializers.UUIDField()
    method = serializers.CharField()
    status = serializers.CharField()
    next_action = NextActionBody()
    failure = serializers.CharField(
        required=False, help_text="Why it failed, in the provider's word; only in an order."
    )


class InvoiceBody(serializers.Serializer[Any]):
    """An invoice or a credit note; a credit note's sum is negative and has no due date."""

    number = serializers.CharField()
    kind = serializers.CharField()
    total = MoneyBody()
    issued_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)


class OrderStepBody(serializers.Serializer[Any]):
    """The order reached a state."""

    state = serializers.CharField()
    at = serializers.DateTimeField()


class OrderContactBody(serializers.Serializer[Any]):
    """The buyer, as she said."""

    email = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)


class OrderTermsBody(serializers.Serializer[Any]):
    """Until when the goods may come back: by the law's right of withdrawal, and by our own promise.

    Null while the terms have not begun: they begin when the last of the goods has arrived.
    """

    withdrawal_ends_at = serializers.DateTimeField(allow_null=True)
    withdrawal_last_day_on = serializers.DateField(allow_null=True)
    return_ends_at = serializers.DateTimeField(allow_null=True)
    return_last_day_on = serializers.DateField(allow_null=True)


class OrderBody(serializers.Serializer[Any]):
    """The buyer's order: what was agreed, and what has happened since."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    channel = serializers.CharField()
    locale = serializers.CharField()
    placed_at = serializers.DateTimeField()
    contact = OrderContactBody()
    lines = OrderLineBody(many=True)
    deliveries = OrderDeliveryBody(many=True)
    totals = OrderTotalsBody()
    pay_by = serializers.DateTimeField(allow_null=True, help_text="Until when the money must be secured.")
    cancel_reason = serializers.CharField(allow_null=True)
    payment = OrderPaymentBody(allow_null=True)
    refunds = RefundBody(many=True)
    invoices = InvoiceBody(many=True)
    parcels = ParcelBody(many=True)
    terms = OrderTermsBody()
    returns = ReturnBody(many=True)
    history = OrderStepBody(many=True)


class StaffLineBody(serializers.Serializer[Any]):
    """One line as the packer needs it. `open` counts units that are in no parcel yet."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = OrderOptionBody(many=True)
    quantity = serializers.IntegerField()
    open = serializers.IntegerField()


class StaffDeliveryBody(serializers.Serializer[Any]):
    """Where the parcel goes."""

    id = serializers.UUIDField()
    location = serializers.CharField()
    option = serializers.CharField()
    promise = OrderPromiseBody()
    address = OrderAddressBody()


class DisputeBody(serializers.Serializer[Any]):
    """A payment that the buyer's bank takes back, or asks about."""

    ref = serializers.CharField(help_text="The provider's name for it, where the bank is answered.")
    state = serializers.CharField(help_text=", ".join(DisputeStatus))
    amount = MoneyBody(help_text="What it is about.")
    taken = MoneyBody(help_text="What the bank holds of our money for it.")
    reason = serializers.CharField(help_text="The provider's word for it.")
    evidence_due_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()


class StaffOrderBody(serializers.Serializer[Any]):
    """The order as those need it who pack it and take it back: without prices and without the buyer's e-mail.

    What her bank has taken back is not refunded again; whether more should leave meanwhile is the clerk's to say.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    placed_at = serializers.DateTimeField()
    lines = StaffLineBody(many=True)
    deliveries = StaffDeliveryBody(many=True)
    parcels = ParcelBody(many=True)
    returns = StaffReturnBody(many=True)
    disputes = DisputeBody(many=True)
