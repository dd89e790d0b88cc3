"""Notices: who is told what about which step of an order, and whether it was sent."""

from datetime import datetime

from django.db import models

from config.kernel.db import store_fields
from config.kernel.ids import new_id
from config.kernel.states import Lifecycle
from orders.agreement.models import Order
from orders.notices.rules import NoticeKind


class NoticeState(models.TextChoices):
    """Whether the buyer was told."""

    WAITING = "waiting"  # promised; a job will send it
    SENT = "sent"  # the mail server has taken it


NOTICE_LIFE = Lifecycle(
    states=NoticeState,
    initial=NoticeState.WAITING,
    moves={NoticeState.WAITING: frozenset({NoticeState.SENT})},
)


class Notice(models.Model):
    """One message about one step: there is at most one of a kind about a thing of an order.

    It holds what the step alone knows (`data`, JSON-safe and without personal data); the rest is read from the order
    when it is sent. `about_ref` is the order, parcel, return, refund, attempt or withdrawal. `tried_at` is when sending
    was last begun.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=30, choices=[(kind.value, kind.value) for kind in NoticeKind])
    about_ref = models.UUIDField()
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=NoticeState.choices, default=NoticeState.WAITING)
    occurred_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            NOTICE_LIFE.constraint("notice_state"),
            models.UniqueConstraint(fields=("order", "kind", "about_ref"), name="notice_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in NoticeKind]), name="notice_kind"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=NoticeState.SENT) | models.Q(sent_at__isnull=False),
                name="notice_sent_has_moment",
            ),
        )
        indexes = (
            models.Index(
                fields=("occurred_at",),
                condition=models.Q(state=NoticeState.WAITING),
                name="notice_waiting",
            ),
        )

    def mark_sent(self, *, now: datetime) -> None:
        """The mail server has taken it; `sent_at` is this move's history. Errors: IllegalMove."""
        NOTICE_LIFE.require(now_in=self.state, to=NoticeState.SENT)
        self.state, self.sent_at = NoticeState.SENT, now
        store_fields(self, "state", "sent_at")
