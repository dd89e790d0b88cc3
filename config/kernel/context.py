"""What is true for the whole of one request or job: its id, and who acts. Read by logs, events and the audit trail."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
