"""Which account is whose record."""

from django.db import models

from customers.record.models import Customer


class Identity(models.Model):
    """This account is this customer's: its address was proved, and stands in her record as a proved one."""

    user_ref = models.UUIDField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    since_at = models.DateTimeField()
