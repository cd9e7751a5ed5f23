# Views of the queue.
view-open = Offen
view-today = Heute
view-at-risk = Gefährdet
view-late = Zu spät
view-held = Angehalten
view-unpaid = Unbezahlt
view-asked = Wartet auf Sie
view-shipped = Verschickt

# Columns.
column-order = Bestellung
column-age = Alter
column-channel = Kanal
column-customer = Kunde
column-to = Nach
column-lines = Posten
column-units = Stück
column-value = Wert
column-stage = Stand
column-hub = Im Versandkonto
column-tags = Schlagworte
column-ship-by = Versand bis
column-waits = Wartet auf
columns-title = Spalten
columns-words = Ist das Fenster zu schmal für alle, gehen zuerst die nicht angehefteten.
columns-moved = { $column } ist Spalte { $n } von { $all }
columns-width = Breite von { $column }, Pixel
columns-pin = Anheften
columns-pin-name = { $column } anheften: bleibt, wenn wenig Platz ist
columns-pinned = Angeheftet: bleibt, wenn wenig Platz ist
columns-left = { $column } nach links
columns-right = { $column } nach rechts
columns-is-first = Es ist die erste.
columns-is-last = Es ist die letzte.
columns-note = „Wartet auf“ nimmt, was übrig ist.
columns-reset = Wie zuvor
columns-done = Fertig

# A row.
row-select = { $number } auswählen
row-bought = { $number }, gekauft { $when }
row-test = Test
row-units = { $lines ->
        [one] { $lines } Posten
       *[other] { $lines } Posten
    }, { $units } Stück · { $service }
row-badge = Der Shop verspricht mehr für { $badge }-Bestellungen
row-must-leave = Muss gehen bis { $when }

# The list is empty, or changes.
queue-unread = Die Liste konnte nicht gelesen werden
queue-no-match = Keine Bestellung passt
queue-no-match-words = Keine Bestellung in „{ $view }“: { $filter }.
queue-clear-filter = Filter leeren
queue-no-account = Kein Konto ist verbunden
queue-no-account-words = Shop und Versandkonto verbinden; Bestellungen erscheinen hier von selbst.
queue-connect = Konto verbinden
queue-clear-late = Nichts ist zu spät
queue-clear-at-risk = Nichts ist gefährdet
queue-clear-today = Heute muss nichts mehr gehen
queue-clear-held = Nichts ist angehalten
queue-clear-unpaid = Alles ist bezahlt
queue-clear-asked = Nichts wartet auf einen Klick
queue-clear-shipped = Noch wurde nichts verschickt
queue-clear-open = Keine offenen Bestellungen
queue-checked = Geprüft um { $clock } über { $n } Konten.
queue-unchecked = Gerade nicht prüfbar: { $names }.
news-fresh = { $n ->
        [one] { $n } neue Bestellung
       *[other] { $n } neue Bestellungen
    }
news-left = { $n ->
        [one] { $n } Bestellung verließ
       *[other] { $n } Bestellungen verließen
    } diese Liste
news-moved = Die Reihenfolge dieser Liste hat sich geändert
news-show = Zeigen
chip-remove = Diesen Teil des Filters entfernen
chip-remove-name = Filter entfernen: { $part }
chips-matches = { $n ->
        [one] { $n } Treffer
       *[other] { $n } Treffer
    }
chips-more-than = mehr als { $n } Treffer
clear = Leeren
chips-save = Als Ansicht speichern…

# The head of the list.
grid-name = Bestellungen
grid-select-all = Alle geladenen Bestellungen auswählen
grid-largest-first = Größte zuerst
grid-smallest-first = Kleinste zuerst
grid-sort-by = Sortieren nach { $column }

# Saving a view.
save-view-title = Als Ansicht speichern
save-view-from = Woher die Ansicht kommt
save-view-screen = Was zu sehen ist
save-view-text = Ein zugesandter Text
save-view-whole = Die Ansicht zeigt, was dieser Reiter zeigt. Erst einen Filter tippen, um sie enger zu machen.
save-view-filter = Die Ansicht zeigt Bestellungen: { $filter }.
save-view-no-name = Ihr einen Namen geben.
save-view-no-text = Erst den Text einfügen.
save-view-name = Name
save-view-name-hint = Lager EU
save-view-text-of = Text der Ansicht
save-view-read = „{ $label }“: { $filter }.
save-view-all-of = alles aus „{ $view }“
save-view-how = Kopiert wird er im Menü neben einer Ansicht.
save-view-save = Ansicht speichern
cancel = Abbrechen

# What can be done with the ticked rows.
bulk-name = Ausgewählte Bestellungen
bulk-all-selected = Alle passenden ausgewählt
bulk-selected = { $n } ausgewählt
bulk-select-all = Alle passenden auswählen
bulk-select-all-n = Alle { $n } passenden auswählen
bulk-all = alle
bulk-hold = { $n } anhalten…
bulk-release = { $n } freigeben
bulk-retry = { $n } erneut versuchen
bulk-approve = { $n } genehmigen…
bulk-buy-labels = Etiketten kaufen…
bulk-more = Mehr
bulk-more-name = Mehr für die ausgewählten Bestellungen
bulk-sync = Auf beiden Seiten neu lesen
bulk-push = Jetzt an das Versandkonto senden…
bulk-push-warning = Worauf Regeln warten, wird für diese Bestellungen übersprungen.
bulk-cancel = Bestellungen stornieren…
bulk-cancel-warning-one = { $what } wird im Shop storniert. Eine Stornierung lässt sich nicht zurücknehmen.
bulk-cancel-warning = { $what } werden in ihren Shops storniert. Eine Stornierung lässt sich nicht zurücknehmen.
bulk-still = Die Liste steht still; { $n ->
        [one] { $n } Änderung wartet
       *[other] { $n } Änderungen warten
    }.
bulk-refresh = Aktualisieren

# Keys of the queue.
key-next-order = Nächste Bestellung
key-previous-order = Vorige Bestellung
key-page-down = Eine Seite nach unten
key-page-up = Eine Seite nach oben
key-first-order = Erste Bestellung
key-last-order = Letzte Bestellung
key-tick = Auswählen oder abwählen
key-range = Bis hierher auswählen
key-extend-down = Auswahl nach unten erweitern
key-extend-up = Auswahl nach oben erweitern
key-news = Zeigen, was in diese Liste kam
key-news-none = Nichts Neues wartet.
key-open = Bestellung öffnen
key-peek = Hineinschauen: öffnen und in der Liste bleiben
key-select-first = Erst eine Bestellung auswählen.
key-sync = Abgleichen: auf beiden Seiten neu lesen
key-hold = Anhalten…
key-snooze = Zurückstellen, was damit nicht stimmt…
key-assign = Jemandem geben…
key-label = Etikett kaufen…
key-approve = Genehmigen…
key-push-warning = Worauf Regeln warten, wird übersprungen.
key-cancel = Im Shop stornieren…
key-cancel-warning = Eine Stornierung lässt sich nicht zurücknehmen.
key-escape = Bestellung schließen, dann Auswahl leeren, dann den Filter
key-columns = Spalten anordnen…
key-view = Warteschlange: { $view }
group-by-none = Keine Gruppen
group-by-due = Nach Frist gruppieren
group-by-waits = Danach gruppieren, worauf sie warten
group-by-store = Nach Shop gruppieren
group-by-stage = Nach Stand gruppieren
group-by-country = Nach Land gruppieren

# The queue itself.
queue-title = Warteschlange: { $view }
queue-views = Ansichten
queue-range-gap = Nichts wurde ausgewählt: Zeilen dazwischen sind nicht gelesen. Nach dem Gemeinten filtern und „Alle passenden auswählen“ nehmen, oder hindurchblättern.
queue-range-gone = Nichts wurde ausgewählt: die erste Zeile ist nicht mehr unter den gelesenen. Eine auswählen, dann den Bereich von dort.
queue-new-waiting = { $n } neu in dieser Liste, noch nicht gezeigt
queue-new = { $n } neu in dieser Liste
queue-view-copied = „{ $view }“ als Text kopiert
queue-view-not-copied = Die Ansicht konnte nicht kopiert werden.
queue-all-matching = alle passenden Bestellungen
queue-orders = { $n ->
        [one] { $n } Bestellung
       *[other] { $n } Bestellungen
    }
queue-too-many = Mehr als { $n } Bestellungen passen, und mehr geht nicht auf einmal. Den Filter enger machen und in Teilen vorgehen.
queue-still-reading = Die offene Bestellung wird noch gelesen.
queue-this-view = Diese Ansicht
queue-save-into = Was zu sehen ist, darin speichern
queue-shows-this = Sie zeigt genau das.
queue-copy-view = Als Text kopieren
queue-view-left = Nach links
queue-view-right = Nach rechts
queue-delete-view = Ansicht löschen
queue-save-view = + Ansicht speichern
queue-more-views = Weitere Ansichten
queue-group = Gruppieren
