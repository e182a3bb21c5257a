"""
Why something is where it is: codes that are stored, and the sentences made of them.

A stored reason is a code, and after a colon what belongs to it: a field and its value,
Tradervue's own words, a number. Sentences are made when they are shown.
"""

from typing import Final

__all__ = ["code_of", "next_step", "outcome", "reason", "sentence"]

# By code: the sentence, and what helps. "{}" is what belongs to it.
SENTENCES: Final = {
    "not_filled": ("quantity 0: not filled", ""),
    "cancelled": ("cancelled", ""),
    "expired": ("expired", ""),
    "rejected": ("rejected: {}", ""),
    "simulated": (
        "a simulated order, which no broker has seen",
        'set "simulated": "send" to have such trades in the journal',
    ),
    "senseless": ("{}", "let the host record it again, corrected, or discard it"),
    "unstorable": (
        "the database cannot hold it: {}",
        "let the host record it again, corrected, or discard it",
    ),
    "no_id": (
        "id: must not be missing; recorded {} time(s)",
        "give the trade an id in the host, or discard it",
    ),
    "closed_by_opposite": (
        "a trade of the opposite side has closed the position: nothing is left",
        "",
    ),
    "entry_waits": ("its entry waits: {}", "see its entry"),
    "refused": ("{}", "correct the trade in the host, then retry, or discard it"),
    "exit_alone": (
        "its entry was refused, and its exit is alone in journal trade {}",
        "retry sends its entry again; or delete that journal trade, then discard it",
    ),
    "plan_skips": (
        "the Tradervue plan does not take {}",
        "change the plan, then retry",
    ),
    "deleted": (
        "somebody deleted it in the journal",
        "retry sends it again, discard leaves it",
    ),
    "notes_refused": (
        "in the journal, but not its notes: {}",
        "look at it in Tradervue, then retry or discard it",
    ),
    "not_shown": (
        "not in the journal: {}",
        "look at the journal, then retry or discard it",
    ),
    "closed_in_journal": (
        "the journal trade is closed there, or holds less than the exit: {}",
        "look at the journal trade, then retry looks again, discard leaves it",
    ),
    "merged": (
        "its entry is in a journal trade that was merged: {}",
        "leave one of our account tags there, then retry",
    ),
    "split": (
        "its journal trade was split: {}",
        "merge them in Tradervue, then retry",
    ),
    "equal_exists": (
        "an equal execution that is not ours is in another journal trade: {}",
        "retry sends ours as well, discard leaves it",
    ),
    "outcome_unknown": (
        "the outcome of the import is unknown",
        "",
    ),
    "quota": (
        (
            "over the free plan's monthly quota: waits for the next month, or for "
            "another plan"
        ),
        "",
    ),
    "twin_unknown": (
        (
            "the outcome of its import is unknown, and an equal execution makes it "
            "impossible to find out"
        ),
        "look at the journal, then retry or discard it",
    ),
    "rebate": (
        "Tradervue refused the commission of {}: it was sent without",
        "",
    ),
    "imported_not_shown": ("imported, but not in the journal yet", ""),
    "fault": ("a fault of the plugin, please report it: {}", "retry, or discard it"),
    "retried": ("retried by a person", ""),
    "discarded": ("discarded by a person", ""),
    "reopened": ("taken up again by a person", ""),
    "put_back": (
        "the outbox was put back: the journal may hold it, and not show it yet",
        "",
    ),
    "resent": ("deleted in the journal, sent again on request", ""),
    # Why a trade is not sent again on request, or waits at that.
    "not_recorded": (
        "nothing of it was recorded, or it was not looked at yet",
        "look at the id; where it is new, wait until the host's trade was forwarded",
    ),
    "several": (
        "several trades of the host had this id: {}",
        "give one of these instead",
    ),
    "gone_from_journal": (
        "somebody deleted it in the journal",
        "reconcile --repair --resend-deleted sends it again",
    ),
    "forgotten": (
        "it was finished so long ago that the outbox has forgotten it",
        "correct it in Tradervue by hand",
    ),
    "host_unknown": (
        "it is known from the journal alone: {}",
        "let the host record it again, or run sync with its trades, then resend it",
    ),
    "not_in_journal": (
        "nothing of it is in the journal: {}",
        "there is nothing to replace: see its state, or quarantine retry",
    ),
    "waits_for_person": (
        "a part of it waits for a person: {}",
        "quarantine retry or quarantine discard it first",
    ),
    "under_way": (
        "it is under way: {}",
        "wait until that is done, then resend it",
    ),
    "is_opposite": (
        "it and a trade of the opposite side close each other",
        "correct it in Tradervue by hand, or accept it",
    ),
    "holds_others": (
        "its journal trade holds executions that are not its own: {}",
        "split the journal trade in Tradervue, then resend it",
    ),
    "moved_elsewhere": (
        "its executions stand in a journal trade that is not known as its own: {}",
        "run reconcile --repair, or delete that journal trade, then resend it",
    ),
    "has_comments": (
        "its journal trade has comments, which cannot be moved: {}",
        "give --drop-comments; they are kept in the saved file",
    ),
    "resending": ("it is being deleted in the journal, to be sent again", ""),
    "still_shown": ("deleted, and the journal still shows it: {}", ""),
    "not_deleted": ("Tradervue does not delete it: {}", "look at it in Tradervue"),
    # Outcomes: what the host has changed after it was sent, or how it is grouped.
    "quantity_changed": (
        "the host has another size than was sent: {}",
        "resend it, or accept it",
    ),
    "price_changed": (
        "the host has another price than was sent: {}",
        "resend it, or accept it",
    ),
    "time_changed": (
        "the host has another time than was sent: {}",
        "resend it, or accept it",
    ),
    "discarded_changed": (
        "the host has recorded otherwise what a person discarded: {}",
        "retry takes it up again, or accept it",
    ),
    "exit_changed": (
        "the host has recorded another exit of a trade that was closed: {}",
        "resend it, or accept it",
    ),
    "cancelled_after_delivery": (
        "the host has given the order up after it was sent: {}",
        "record its exit, resend it, or accept it",
    ),
    "joined": (
        "it is grouped with other executions in the journal: {}",
        "split or merge it in Tradervue and run reconcile --repair, or accept it",
    ),
}


def reason(code: str, detail: object = "") -> str:
    """Return what is stored for *code*."""
    text = str(detail)
    return f"{code}: {text}" if text else code


def outcome(code: str, host: str, sent: str) -> str:
    """
    Return the reason of an outcome: its code, and both sides in words.

    How the journal groups a trade has one side: what it stands with there.
    """
    is_one_sided = code == "joined" or not (host and sent)
    return reason(code, sent or host if is_one_sided else f"{host}, sent {sent}")


def code_of(stored: str | None) -> str | None:
    """Return the code of a stored reason; None where it has none."""
    code = (stored or "").partition(":")[0]
    return code if code in SENTENCES else None


def sentence(stored: str | None) -> str | None:
    """Return a stored reason as a person reads it; older ones are sentences already."""
    code = code_of(stored)
    if stored is None or code is None:
        return stored
    return SENTENCES[code][0].format(stored.partition(":")[2].strip())


def next_step(stored: str | None, *, is_understood: bool = True) -> str:
    """
    Return what helps where *stored* is the reason; empty where nothing is to do.

    What was never understood cannot be sent again.
    """
    code = code_of(stored) or "refused"
    if code == "fault" and not is_understood:
        code = "senseless"
    return SENTENCES[code][1] if stored else ""
