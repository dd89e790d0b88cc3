"""What search looks in. All of it is derived: documents from listings, words from documents and dictionaries.

A web process finds every word it needs in `WordForm`; the dictionaries themselves are opened by workers only.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Term(models.Model):
    """A base form that some product uses, or that is part of a compound that one uses.

    `parts` are the base forms that a compound is made of, the last one being what the thing is: a sohvatyyny is a
    tyyny. `inflected` says whether all forms that the dictionary has of it stand in `WordForm`.
    """

    language = models.CharField(max_length=8)
    base = models.CharField(max_length=60)
    parts = ArrayField(models.CharField(max_length=60), default=list)
    inflected = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("language", "base"), name="term_unique"),)
        indexes = (
            models.Index(
                fields=("language",), condition=models.Q(inflected=False), name="term_not_inflected"
            ),
        )


class WordForm(models.Model):
    """How a term can be written: `sohva`, `sohvat`, `sohvalle`."""

    language = models.CharField(max_length=8)
    form = models.CharField(max_length=60)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="forms")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("language", "form"), name="wordform_unique"),)


class Unindexed(models.Model):
    """A product that was rendered with many others, and whose documents are to be written once no more of them come.

    As many rows as it was rendered times: whoever adds one never waits for whoever takes the others.
    """

    product_ref = models.UUIDField()
    content_scope = models.CharField(max_length=50)
    noted_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("product_ref", "content_scope"), name="unindexed_product"),)


class Document(models.Model):
    """The terms of one listing, weighted A to D (`shop.search.rules`), each behind its content scope and locale.

    The shelves that the product stands on are among them, and `rank` says how early it stands there, so that what was
    found can be counted and put in order without its placements.
    """

    product_ref = models.UUIDField()
    content_scope = models.CharField(max_length=50)
    locale = models.CharField(max_length=20)
    rank = models.IntegerField()
    terms = SearchVectorField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product_ref", "content_scope", "locale"), name="document_unique"
            ),
        )
        indexes = (GinIndex(fields=("terms",), name="document_terms", fastupdate=False),)
