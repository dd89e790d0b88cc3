"""/pim/v1: the words for attributes, options and categories, which shoppers read wherever one is named."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import NotFound
from config.kernel.rest import inputs
from config.kernel.rest.access import PimView, caller_of
from config.kernel.rest.headers import IF_MATCH
from config.kernel.rest.preconditions import etag_of, if_match
from config.kernel.versions import VersionConflict
from pim.catalogue import editing
from pim.catalogue.words import Named, get_attribute_words, get_category_words, get_option_words


class WordsData(serializers.Serializer[Any]):
    """What a thing is called, `{locale: text}`."""

    code = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    version = serializers.IntegerField()


class OptionData(WordsData):
    """What an option is called, and how it is shown: a colour, a picture's path, or empty."""

    swatch = serializers.CharField(allow_blank=True)


class LabelsInput(inputs.Input):
    """Labels by locale; what is not named stays, and null takes away."""

    labels = serializers.DictField(required=False, default=dict)


class Attribute(PimView):
    """The words for one attribute."""

    request_headers = (IF_MATCH,)
    refusals = (NotFound, VersionConflict)

    @extend_schema(responses=WordsData)
    def get(self, request: Request, attribute: str) -> Response:
        """What the attribute is called in every language; the ETag is what a write asks for."""
        inputs.NoQuery.of(request)
        return _answer(get_attribute_words(attribute=attribute))

    @extend_schema(request=LabelsInput, responses=WordsData)
    def patch(self, request: Request, attribute: str) -> Response:
        """Call it something else. Everything that names it is rendered again, within moments."""
        wish = LabelsInput.of(request)
        named = editing.rename_attribute(
            attribute=attribute,
            labels=wish["labels"],
            version=if_match(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return _answer(named)


class Option(PimView):
    """The words for one option of an attribute, and its swatch."""

    request_headers = (IF_MATCH,)
    refusals = (NotFound, VersionConflict)

    class Input(LabelsInput):
        """Labels and swatch; what is not named stays."""

        swatch = inputs.TextField(max_length=500, required=False, allow_blank=True)

    @extend_schema(responses=OptionData)
    def get(self, request: Request, attribute: str, option: str) -> Response:
        """What the option is called in every language; the ETag is what a write asks for."""
        inputs.NoQuery.of(request)
        return _answer(get_option_words(attribute=attribute, option=option), swatch=True)

    @extend_schema(request=Input, responses=OptionData)
    def patch(self, request: Request, attribute: str, option: str) -> Response:
        """Call it something else, or show it otherwise. Everything that names it is rendered again, within moments."""
        wish = self.Input.of(request)
        named = editing.rename_option(
            attribute=attribute,
            option=option,
            labels=wish["labels"],
            swatch=wish.get("swatch"),
            version=if_match(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return _answer(named, swatch=True)


class Category(PimView):
    """The words for one category."""

    request_headers = (IF_MATCH,)
    refusals = (NotFound, VersionConflict)

    @extend_schema(responses=WordsData)
    def get(self, request: Request, category: str) -> Response:
        """What the category is called in every language; the ETag is what a write asks for."""
        inputs.NoQuery.of(request)
        return _answer(get_category_words(category=category))

    @extend_schema(request=LabelsInput, responses=WordsData)
    def patch(self, request: Request, category: str) -> Response:
        """Call it something else. Menus and everything in it are rendered again, within moments."""
        wish = LabelsInput.of(request)
        named = editing.rename_category(
            category=category,
            labels=wish["labels"],
            version=if_match(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return _answer(named)


def _answer(named: Named, *, swatch: bool = False) -> Response:
    body = {"code": named.code, "labels": named.labels, "version": named.version}
    if swatch:
        body["swatch"] = named.swatch
    return Response(body, headers={"ETag": etag_of(named.version)})
