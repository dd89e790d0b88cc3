"""The kernel's tables: accounts and credentials, the event log, idempotency, the audit trail.

`AppendOnly` tables can be read and inserted into by the application's database role, and nothing else
(`config.kernel.roles`); the owner role alone may change them.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from config.kernel.ids import new_id


class AppendOnly(models.Model):
    """Marks a table whose rows are facts: the application may add them, never alter or remove them."""

    class Meta:
        abstract = True


class UserManager(BaseUserManager["User"]):
    """Accounts are found and created by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account that can sign in; without a password it can only be reached by a token."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        """An operator, as `manage.py createsuperuser` makes one."""
        return self.create_user(email=email, password=password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in, shopper and staff alike. `customers.identity` says which customer she is,
    `orders.locations` which store he works in. `is_staff` opens Django's admin and means an operator.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique"),)

    def __str__(self) -> str:
        return self.email


class Audience(models.TextChoices):
    """Which part of the API a token opens; it never acts in another (`decisions.md`)."""

    STORE = "store"
    STAFF = "staff"
    PIM = "pim"
    B2B = "b2b"
    SYSTEM = "system"


class AccessToken(models.Model):
    """A signed-in person on one device, for one audience. Only the token's SHA-256 is kept.

    A staff token is bound to a clerk, a device and a store; the others leave those empty. With `idle_s` it is good only
    until `locks_at`, which each use moves so many seconds ahead.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=50), default=list)
    store = models.CharField(max_length=50, blank=True)
    device = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    idle_s = models.IntegerField(null=True)
    locks_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(audience__in=Audience.values), name="accesstoken_audience"
            ),
            models.CheckConstraint(
                condition=models.Q(idle_s=None, locks_at=None)
                | models.Q(idle_s__gt=0, locks_at__isnull=False),
                name="accesstoken_locks_when_idle",
            ),
            models.CheckConstraint(
                condition=~models.Q(audience="staff") | (~models.Q(store="") & ~models.Q(device="")),
                name="accesstoken_staff_is_bound",
            ),
        )


class ApiKey(models.Model):
    """An integration's key: named, scoped, expiring, stored as its SHA-256; shown once, when it is made."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=20, help_text="The key's first characters, to recognise it by.")
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=50))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)


class IdempotencyRecord(models.Model):
    """What a use case answered to a caller's key, kept for at least 24 hours (`reliability.md` G3).

    Written in the transaction of the effect itself, so there is never an effect without its record.
    """

    principal = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, path and body.")
    status = models.SmallIntegerField()
    result = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("principal", "key"), name="idempotencyrecord_key_unique"),
        )
        indexes = (models.Index(fields=("created_at",), name="idempotencyrecord_created"),)


class RateCount(models.Model):
    """How often one principal did one thing in one window. The table is unlogged: it may be lost, never waited for."""

    bucket = models.CharField(max_length=200, primary_key=True)
    hits = models.IntegerField()
    ends_at = models.DateTimeField(db_index=True)


class AuditEntry(AppendOnly):
    """One committed use case and who ran it, written in its transaction."""

    action = models.CharField(max_length=150)
    subject = models.JSONField(help_text="The ids the use case was called with.")
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    actor_store = models.CharField(max_length=50)
    actor_device = models.CharField(max_length=100)
    request_id = models.CharField(max_length=64)
    done_at = models.DateTimeField(db_index=True)


class StoredEvent(AppendOnly):
    """A fact that some transaction made true, kept for handlers, streams and the pull log.

    `about` is the public id of what it concerns, where that has one, and `topic` its kind and id (`cart:…`), which
    streams subscribe to.
    The event's place in every `?after=` feed is its `EventPosition`.
    """

    event_id = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(max_length=100)
    about = models.UUIDField(null=True)
    topic = models.CharField(max_length=100)
    data = models.JSONField()
    actor = models.JSONField()
    request_id = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("topic",), name="storedevent_topic"),)


class UnsequencedEvent(models.Model):
    """An event that has no position yet: written with the event, removed when the sequencer gives it one.

    A queue of its own, because looking in the log for what has no position would get slower as the log grows.
    """

    event = models.OneToOneField(StoredEvent, on_delete=models.PROTECT, primary_key=True, related_name="+")


class EventPosition(AppendOnly):
    """Where an event stands in the log: given after its commit by one sequencer, without gaps.

    A bigserial given at insert would show number 8 before a slower transaction commits number 7, and a reader who
    asked for what comes after 8 would never see 7.
    """

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(StoredEvent, on_delete=models.PROTECT, related_name="position")


class Delivery(models.Model):
    """One event for one handler: still due, or a receipt that it was handled (`handled_at`).

    The receipt is written in the handler's own transaction, so a handler's effect and its receipt are one. It is kept
    for a week.
    """

    event = models.ForeignKey(
        StoredEvent, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    handler = models.CharField(max_length=150)
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("event", "handler"), name="delivery_once"),)
        indexes = (
            models.Index(
                fields=("due_at", "id"), name="delivery_due", condition=models.Q(handled_at__isnull=True)
            ),
        )


class WorkerBeat(models.Model):
    """When a worker process last said that it is alive."""

    worker = models.CharField(max_length=100, primary_key=True)
    beat_at = models.DateTimeField()


class StreamTicket(models.Model):
    """A one-use permission to open a stream, since a browser's EventSource sends no headers.

    `after_position` is where the event log stood when it was issued: the stream begins there, so that what happens
    between the ticket and the stream is not missed.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    topic = models.CharField(max_length=100)
    after_position = models.BigIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
