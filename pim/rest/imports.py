"""/pim/v1/imports: bringing another system's catalogue in, as a job with progress."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import NotFound
from config.kernel.rest import inputs
from config.kernel.rest.access import PimView, caller_of
from config.kernel.rest.pagination import CursorQuery, page_after
from pim.intake import queries
from pim.intake.models import RefusedRow
from pim.intake.ports import BadSource
from pim.intake.queries import ImportValue
from pim.intake.services import request_import


class ImportData(serializers.Serializer[Any]):
    """How far an import has come. `counts` are `{kind: {fate: number}}`; `left` is what we do not take.

    `wrote_nothing`: everything was so already, as after a second run.
    """

    id = serializers.UUIDField()
    format = serializers.CharField()
    all_or_none = serializers.BooleanField()
    state = serializers.CharField()
    percent = serializers.IntegerField()
    products = serializers.IntegerField()
    counts = serializers.JSONField()
    left = serializers.JSONField()
    refused_rows = serializers.IntegerField()
    wrote_nothing = serializers.BooleanField()
    problem = serializers.DictField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class RefusalItem(serializers.Serializer[Any]):
    """A row (or a publication) that was refused, where it stands, and why."""

    kind = serializers.CharField()
    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()


class RefusalPage(serializers.Serializer[Any]):
    """Some refusals, and the cursor that goes on after them."""

    items = RefusalItem(many=True)
    next_after = serializers.CharField(allow_null=True)


class Imports(PimView):
    """Bringing catalogues in."""

    scope = "products:publish"
    refusals = (BadSource,)

    class Input(inputs.Input):
        """`set`: the name of a directory among the imports. `publish`: show it in every channel at once.

        `all_or_none`: take nothing if a single row is refused; else the good rows are taken.
        """

        set = inputs.TextField(max_length=100)
        publish = inputs.FlagField(required=False)
        all_or_none = inputs.FlagField(required=False)

    @extend_schema(request=Input, responses={202: ImportData})
    def post(self, request: Request) -> Response:
        """Have a set brought in; the import of this very set that has not ended is gone on with."""
        wish = self.Input.of(request)
        started = request_import(
            set_name=wish["set"],
            publishes=wish.get("publish", True),
            all_or_none=wish.get("all_or_none", False),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        headers = {"Location": f"/pim/v1/imports/{started.import_id}"}
        return Response(_body(started), status=202, headers=headers)


class Import(PimView):
    """One import."""

    refusals = (NotFound,)

    @extend_schema(responses=ImportData)
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far it has come, and what became of everything."""
        inputs.NoQuery.of(request)
        return Response(_body(queries.get_import(import_id=import_id)))


class ImportRefusals(PimView):
    """What an import refused."""

    refusals = (NotFound,)

    @extend_schema(parameters=[CursorQuery], responses=RefusalPage)
    def get(self, request: Request, import_id: UUID) -> Response:
        """Refused rows and publications, in the order in which they were found."""
        wanted = CursorQuery.of(request)
        queries.get_import(import_id=import_id)
        found = page_after(
            queries.list_refusals(import_id=import_id),
            key="id",
            wanted=wanted,
            scope=f"pim.imports:{import_id}:{caller_of(request).ref}",
        )
        return Response({"items": [_item(row) for row in found.rows], "next_after": found.next_after})


def _body(value: ImportValue) -> dict[str, Any]:
    return {
        "id": value.import_id,
        "format": value.reader,
        "all_or_none": value.all_or_none,
        "state": value.state,
        "percent": value.percent,
        "products": value.products,
        "counts": value.counts,
        "left": value.left,
        "refused_rows": value.refused_rows,
        "wrote_nothing": value.ended_at is not None and value.wrote_nothing,
        "problem": value.problem,
        "created_at": value.created_at,
        "ended_at": value.ended_at,
    }


def _item(row: RefusedRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "file": row.file,
        "line": row.line,
        "column": row.column,
        "code": row.code,
        "reason": row.reason,
        "detail": row.detail,
    }
