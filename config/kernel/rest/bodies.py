"""Shapes that answers of several apps share."""

from typing import Any

from rest_framework import serializers


class MoneyBody(serializers.Serializer[Any]):
    """A sum: a decimal string and an ISO 4217 currency."""

    amount = serializers.CharField()
    currency = serializers.CharField()
