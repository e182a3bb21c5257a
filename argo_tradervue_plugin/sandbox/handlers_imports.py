"""``/imports``: what a POST must look like, and the two methods."""

from collections.abc import Mapping

from .booking import Failure, Order
from .calls import Call, Refused, Reply, json_reply
from .texts import Malformed, boolean, tags, text

_KNOWN_NOTHING = "no executions"


def get_import(call: Call) -> Reply:
    """Answer with the state of the last import; a result is cleared by this."""
    slot = call.account.slot
    stolen = call.faults.get("status_stolen")
    if stolen is not None and slot.clear():
        call.sandbox.faults.use(stolen)
    return json_reply(slot.read())


def post_import(call: Call) -> Reply:
    """Queue an import."""
    slot = call.account.slot
    busy = Refused(424, "import already in progress")
    taken = call.faults.get("import_busy")
    if taken is not None:
        call.sandbox.faults.use(taken)
        raise busy
    if slot.is_busy and call.assumptions.busy_check == "first":
        raise busy
    try:
        order = order_of(call)
    except Refused:
        if call.assumptions.refused_post_clears == "yes":
            slot.clear()
        raise
    if slot.is_busy:
        raise busy
    slot.post(order, call.tick, call.sandbox.import_seconds)
    stuck = call.faults.get("import_stuck")
    if stuck is not None:
        call.sandbox.faults.use(stuck)
        slot.is_stuck = True
    call.sandbox.stats.note_import(call.account.login, order)
    return json_reply({"status": "queued"})


def order_of(call: Call) -> Order:
    """
    Return the import that *call* asks for. Unknown members are ignored.

    Source: API documentation, imports.

    Raises:
        Refused: if there is no execution, or a member has the wrong shape.
    """
    members = call.payload()
    rows = members.get("executions")
    if rows is None or rows in ("", []):
        status = call.assumptions.no_executions_status
        raise Refused(status, _KNOWN_NOTHING, member="status")
    if not isinstance(rows, list):
        raise call.invalid("executions must be a list")
    if not all(isinstance(row, Mapping) for row in rows):
        raise call.invalid("each execution must be an object")
    limit = call.assumptions.import_limit
    if limit and len(rows) > limit:
        raise call.invalid(f"more than {limit} executions")
    try:
        order = Order(
            rows=rows,
            received_at=call.now,
            allow_duplicates=boolean(members, "allow_duplicates"),
            overlay_commissions=boolean(members, "overlay_commissions"),
            tags=tuple(tags(members)),
            account_tag=text(members, "account_tag").strip(),
            failure=_failure(call),
        )
    except Malformed as error:
        raise call.invalid(str(error)) from error
    return order


def _failure(call: Call) -> Failure | None:
    """Return the failure that was injected for this import."""
    fault = call.faults.get("import_failure")
    if fault is None:
        return None
    call.sandbox.faults.use(fault)
    told = fault.parameters
    return Failure(
        int(told["row"] or 1), str(told["reason"]), told["numbered"] == "yes"
    )
