# Parts that stand on every screen: buttons, dialogs, copying, lists without rows.
close = Close
try-again = Try again
not-now = Not now
copy = Copy
copied = Copied
copy-what = Copy { $what }
copied-what = Copied { $what }
copy-failed = { $what } could not be copied
toasts-name = What just happened
undo = Undo
dismiss = Dismiss
menu-chosen = (chosen)
today = today
stop = Stop
sync-now = Sync now
key-then = { $first } then { $second }

# A raw answer as a tree.
raw-name = Raw answer
raw-what = the raw answer
raw-search = Search keys and values
raw-search-name = Search the raw answer
raw-matches = { $n ->
        [one] { $n } match
       *[other] { $n } matches
    }
raw-fold-all = Fold all
raw-unfold-all = Unfold all
raw-fold = Fold { $key }
raw-unfold = Unfold { $key }
raw-everything = everything
raw-copy-value = Copy this value
raw-none = Nothing in this answer matches.
raw-too-long = The first { $shown } of { $all } lines. Search for the rest.
