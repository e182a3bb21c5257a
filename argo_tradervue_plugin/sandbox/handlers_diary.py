"""``/journal`` and ``/notes``, with their comments."""

from .answers import comments, entry_detail, entry_listed, note
from .calls import Call, Refused, Reply, json_reply, missing
from .diary import Entry, Note
from .queries import date_of, page_of
from .texts import Malformed, text
from .times import parse_body_date


def list_entries(call: Call) -> Reply:
    """List daily entries, newest date first."""
    _fill_in(call)
    page = page_of(call.query, call.assumptions)
    day, since, until = (
        date_of(call.query, name, call.assumptions)
        for name in ("d", "startdate", "enddate")
    )
    wanted = [
        entry
        for entry in call.account.journal.entries.values()
        if (day is None or entry.day == day)
        and (since is None or entry.day >= since)
        and (until is None or entry.day <= until)
    ]
    wanted.sort(key=lambda entry: entry.day, reverse=True)
    listed = [entry_listed(entry, call.assumptions) for entry in wanted[page.span]]
    return json_reply({"journal_entries": listed})


def get_entry(call: Call) -> Reply:
    """Answer with one daily entry and the figures of its day."""
    entry = _entry(call)
    day = call.account.journal.days().get(entry.day)
    return json_reply(entry_detail(entry, day, call.assumptions))


def post_entry(call: Call) -> Reply:
    """Make the entry of a date."""
    _fill_in(call)
    members = call.payload()
    try:
        day = parse_body_date(members.get("date"))
    except ValueError as error:
        raise Refused(400, "Date must be yyyy-mm-dd") from error
    notes = _notes(call)
    journal = call.account.journal
    entry = journal.entry_of(day)
    if entry is None:
        entry = Entry(next(journal.ids.entries), day, notes)
        journal.entries[entry.id] = entry
    elif call.assumptions.second_journal_entry == "refused":
        raise Refused(400, "Date already has a journal entry")
    else:
        entry.notes, entry.is_automatic = notes, False
    return call.created("journal", entry.id)


def put_entry(call: Call) -> Reply:
    """Change the notes of a daily entry."""
    entry = _entry(call)
    members = call.payload()
    if "notes" in members:
        entry.notes = _notes(call)
    return Reply(200)


def delete_entry(call: Call) -> Reply:
    """Delete a daily entry, unless trades were completed on its date."""
    entry = _entry(call)
    day = call.account.journal.days().get(entry.day)
    if day is not None and day.trade_count:
        raise Refused(400, "Trades were completed on this date")
    del call.account.journal.entries[entry.id]
    return call.deleted()


def list_entry_comments(call: Call) -> Reply:
    """List the comments on a daily entry, oldest first."""
    return json_reply(comments(_entry(call).comments))


def list_notes(call: Call) -> Reply:
    """List free notes, last updated first."""
    page = page_of(call.query, call.assumptions)
    written = call.account.journal.latest_notes()[page.span]
    return json_reply(
        {"journal_notes": [note(each, call.assumptions) for each in written]}
    )


def get_note(call: Call) -> Reply:
    """Answer with one free note."""
    return json_reply(note(_note(call), call.assumptions))


def post_note(call: Call) -> Reply:
    """Make a free note."""
    text_of_it = _notes(call)
    journal = call.account.journal
    made = Note(
        next(journal.ids.notes), text_of_it, call.now, next(journal.ids.arrivals)
    )
    journal.notes[made.id] = made
    return call.created("notes", made.id)


def put_note(call: Call) -> Reply:
    """Change a free note."""
    written = _note(call)
    if "notes" in call.payload():
        written.notes = _notes(call)
        written.updated_at = call.now
        written.revision = next(call.account.journal.ids.arrivals)
    return Reply(200)


def delete_note(call: Call) -> Reply:
    """Delete a free note with its comments."""
    del call.account.journal.notes[_note(call).id]
    return call.deleted()


def list_note_comments(call: Call) -> Reply:
    """List the comments on a free note, oldest first."""
    return json_reply(comments(_note(call).comments))


def _fill_in(call: Call) -> None:
    """Let the journal make the entries of days with completed trades."""
    if call.assumptions.journal_days == "automatic":
        call.account.journal.fill_in_days(call.assumptions.notes_template)


def _entry(call: Call) -> Entry:
    _fill_in(call)
    entry = call.account.journal.entries.get(call.id or 0)
    if entry is None:
        raise missing()
    return entry


def _note(call: Call) -> Note:
    written = call.account.journal.notes.get(call.id or 0)
    if written is None:
        raise missing()
    return written


def _notes(call: Call) -> str:
    """Return the notes in the body; the template if there are none."""
    members = call.payload()
    if members.get("notes") is None:
        return call.assumptions.notes_template
    try:
        return text(members, "notes")
    except Malformed as error:
        raise Refused(400, str(error)) from error
