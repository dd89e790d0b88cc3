"""Which account is whose record, and the letters with sign-in codes that have yet to leave."""

from typing import ClassVar

from django.db import models

from config.kernel.ids import new_id
from customers.record.models import Customer


class Identity(models.Model):
    """This account is this customer's: its address was proved, and stands in her record as a proved one."""

    user_ref = models.UUIDField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    since_at = models.DateTimeField()


class CodeLetter(models.Model):
    """A letter with a sign-in code that has yet to be sent; it is removed when it was, or when its code is over.

    The code is not in it: it follows from `public_id` and a key of the server (`letters.code_of`).
    """

    personal: ClassVar[tuple[str, ...]] = ("email",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=2)
    expires_at = models.DateTimeField()
