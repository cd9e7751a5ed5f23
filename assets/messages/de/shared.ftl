# Parts that stand on every screen: buttons, dialogs, copying, lists without rows.
close = Schließen
try-again = Erneut versuchen
not-now = Nicht jetzt
copy = Kopieren
copied = Kopiert
copy-what = { $what } kopieren
copied-what = Kopiert: { $what }
copy-failed = Nicht kopiert: { $what }
toasts-name = Was eben geschah
undo = Rückgängig
dismiss = Ausblenden
menu-chosen = (gewählt)
today = heute
stop = Anhalten
sync-now = Jetzt abgleichen
key-then = { $first }, dann { $second }

# A raw answer as a tree.
raw-name = Rohantwort
raw-what = Rohantwort
raw-search = Schlüssel und Werte durchsuchen
raw-search-name = Rohantwort durchsuchen
raw-matches = { $n ->
        [one] { $n } Treffer
       *[other] { $n } Treffer
    }
raw-fold-all = Alles zuklappen
raw-unfold-all = Alles aufklappen
raw-fold = { $key } zuklappen
raw-unfold = { $key } aufklappen
raw-everything = Alles
raw-copy-value = Diesen Wert kopieren
raw-none = Nichts in dieser Antwort passt.
raw-too-long = Die ersten { $shown } von { $all } Zeilen. Der Rest ist über die Suche zu finden.
