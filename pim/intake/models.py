"""The tables of intake: an import, its rows as they were read, and what was refused."""

from datetime import datetime
from typing import Any

from django.db import models

from config.kernel.ids import new_id
from config.kernel.json_field import LongJSONField
from config.kernel.states import Lifecycle


class ImportState(models.TextChoices):
    """How far an import has come. Every step is committed in pieces, so it can go on after a power cut."""

    WAITING = "waiting"  # nothing was read yet
    STAGED = "staged"  # all rows are here
    DEFINED = "defined"  # attributes, families, categories, channels are written
    WRITTEN = "written"  # products are written
    LINKED = "linked"  # and lead to each other
    DONE = "done"  # and are published
    FAILED = "failed"


LIFECYCLE = Lifecycle(
    states=ImportState,
    initial=ImportState.WAITING,
    moves={
        ImportState.WAITING: frozenset({ImportState.STAGED, ImportState.FAILED}),
        ImportState.STAGED: frozenset({ImportState.DEFINED, ImportState.FAILED}),
        ImportState.DEFINED: frozenset({ImportState.WRITTEN, ImportState.DONE, ImportState.FAILED}),
        ImportState.WRITTEN: frozenset({ImportState.LINKED, ImportState.FAILED}),
        ImportState.LINKED: frozenset({ImportState.DONE, ImportState.FAILED}),
    },
)


class Import(models.Model):
    """One run over one set, from reading to publishing.

    `position` is the last group of rows that the present step has finished. `counts` say what was created, changed and
    found so already, by kind; `left` what the source has and we did not take.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    reader = models.CharField(max_length=30)
    place = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64, help_text="SHA-256 over the set's files.")
    publishes = models.BooleanField(default=True)
    all_or_none = models.BooleanField(default=False, help_text="One refused row, and nothing is taken.")
    has_links = models.BooleanField(
        default=True, help_text="Without links, products are published as they are written."
    )
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.WAITING)
    position = models.BigIntegerField(default=0)
    groups = models.BigIntegerField(default=0, help_text="How many products the set tells of.")
    counts = models.JSONField(default=dict)
    left = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    actor = models.JSONField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (LIFECYCLE.constraint("import_state"),)

    def move(self, *, to: ImportState, now: datetime) -> None:
        """Enter the next step, at its beginning. Errors: IllegalMove."""
        LIFECYCLE.require(now_in=self.state, to=to)
        self.state, self.position, self.changed_at = to, 0, now
        if to in {ImportState.DONE, ImportState.FAILED}:
            self.ended_at = now
        self.save()

    def advance(self, *, position: int, now: datetime) -> None:
        """Note that the present step has come so far."""
        self.position, self.changed_at = position, now
        self.save()

    def fail(self, *, problem: dict[str, Any], now: datetime) -> None:
        """Give up, and say why."""
        self.problem = problem
        self.move(to=ImportState.FAILED, now=now)

    def count(self, *, kind: str, fate: str, number: int) -> None:
        """Add to what is said of the import; `fate` is `created`, `changed`, `same` and the like."""
        if number:
            fates = self.counts.setdefault(kind, {})
            fates[fate] = fates.get(fate, 0) + number


class StagedRow(models.Model):
    """A row as its reader gave it. Rows of one product make a group with its models and variants; definitions are 0."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    group = models.BigIntegerField()
    position = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    file = models.CharField(max_length=200)
    line = models.IntegerField()
    code = models.CharField(max_length=255)
    parent = models.CharField(max_length=255, blank=True)
    root = models.CharField(max_length=255, blank=True, help_text="The code of the product.")
    data = LongJSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("batch", "group", "position"), name="stagedrow_order"),
        )


class RefusalKind(models.TextChoices):
    """What did not happen."""

    ROW = "row"  # the row was not taken
    PUBLICATION = "publication"  # the product came in, but the channel cannot show it yet


class RefusedRow(models.Model):
    """A row, or a publication, that was refused: where it stands, which column, and why."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refusals")
    kind = models.CharField(max_length=20, choices=RefusalKind.choices, default=RefusalKind.ROW)
    file = models.CharField(max_length=200)
    line = models.IntegerField()
    column = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=60)
    detail = models.CharField(max_length=500)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=RefusalKind.values), name="refusedrow_kind"),
        )
