"""Schedule files that are being imported."""

from django.db import models


class ScheduleImport(models.Model):
    """A schedule file that an operator sent: checked, looked at, then written batch by batch.

    A batch is written in one transaction with what is counted here, so that whoever goes on
    after a crash begins behind the last line that is done.
    """

    class Stage(models.TextChoices):
        # Being read and compared; nothing is written.
        CHECKING = "checking"
        # An operator looks at what would change.
        CHECKED = "checked"
        WRITING = "writing"
        DONE = "done"
        # It cannot be read: `refusal` says why.
        REFUSED = "refused"

    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=160)
    file_name = models.CharField(max_length=200)
    # Forgotten when it is written.
    content = models.BinaryField()
    # Whether flights that are there may be changed.
    update = models.BooleanField(default=False)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CHECKING)
    refusal = models.CharField(max_length=300, blank=True)
    # Lines of the file, and the last one that is done at this stage.
    lines = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    # What became, or would become, of the rows.
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    # Of the new and the updated ones: rows whose aircraft has another number as well.
    codeshares = models.PositiveIntegerField(default=0, db_default=0)
    # The first bad rows ([line, reason]), codeshares ([line, words]) and changes
    # ([line, flight, [[field, old, new]]]).
    bad_rows = models.JSONField(default=list)
    codeshare_rows = models.JSONField(default=list, db_default=[])
    changes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.file_name}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.stage in (self.Stage.CHECKING, self.Stage.WRITING)
