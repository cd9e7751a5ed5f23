# The one table of states: how far an order is.
stage-unpaid = Unbezahlt
stage-to-send = Zu senden
stage-sending = Wird gesendet
stage-packing = Wird gepackt
stage-held = Angehalten
stage-partly-shipped = Teilweise verschickt
stage-telling = Shop wird informiert
stage-shipped = Verschickt
stage-cancelled = Storniert
stage-nothing-to-ship = Nichts zu verschicken
stage-ignored = Nicht angefasst
ship-by-shipped = verschickt
ship-by-cancelled = storniert

# Who can mend what an order waits on.
fixer-merchant = Sie
fixer-warehouse = Das Lager
fixer-buyer = Wer gekauft hat
fixer-platform = Die Plattform
fixer-time = Niemand muss etwas tun

# Where a planned change stands.
effect-asked = Wartet auf Sie
effect-pending = Wartet, bis es dran ist
effect-running = Gesendet, noch ohne Antwort
effect-unknown = Antwort verloren
effect-done = Erledigt
effect-refused = Abgelehnt
effect-skipped = Aufgegeben

# How a check went.
check-works = Funktioniert
check-limited = Funktioniert mit Einschränkung
check-missing = Funktioniert nicht

# How far an automation may go.
mode-off = Aus
mode-off-means = Tut nichts und plant nichts.
mode-watch = Zusehen
mode-watch-means = Zeigt, was es tun würde. Nichts wird gesendet.
mode-ask = Fragen
mode-ask-means = Bereitet jede Änderung vor und wartet auf den Klick.
mode-auto = Auto
mode-auto-means = Sendet von selbst; was nicht geht, wird eine Ausnahme.

# An account's state.
account-fresh = aktuell
account-reading = wird gelesen
account-failing = langsam oder gestört
account-needs-you = braucht Sie
account-paused = angehalten

# What can be done about an exception. Buttons are verb and noun; an ellipsis means a dialog follows.
action-retry = Erneut versuchen
action-retry-many = { $n } erneut versuchen
action-skip = Überspringen…
action-skip-many = { $n } überspringen…
action-map-sku = SKU zuordnen…
action-map-skus = SKUs zuordnen…
action-edit-address = Adresse ändern…
action-edit-addresses = Adressen ändern…
action-choose-service = Versandart wählen…
action-choose-services = Versandarten wählen…
action-edit-and-retry = Ändern und erneut versuchen…
action-look-now = Jetzt nachsehen
action-sign-in = Anmelden…
action-grant = Berechtigung erteilen…
action-cancel-order = Bestellung stornieren…
action-cancel-orders = { $n } Bestellungen stornieren…
action-void-label = Etikett entwerten…
action-void-labels = { $n } Etiketten entwerten…
action-send-ours-too = Unsere auch senden…
action-send-ours-too-many = Auch { $n } von unseren senden…
action-ship-anyway = Trotzdem verschicken…
action-ship-anyway-many = { $n } trotzdem verschicken…
action-release = Freigeben
action-release-many = { $n } freigeben
action-open-in = In { $place } öffnen
action-open-in-store = Im Shop öffnen
action-open-in-hub = Im Versandkonto öffnen
action-open-tracking = Sendungsverfolgung öffnen
action-copy-change = Änderung kopieren
action-copy-order = Bestellung kopieren
action-who-writes = Sagen, wer schreibt…
action-refund = Geld erstatten…
action-who-is-it = Wer ist das?
action-map-for-all = Für alle Bestellungen zuordnen…
action-link = Kopie des Versandkontos nehmen
action-link-many = { $n } Kopien des Versandkontos nehmen
action-resolve = Als erledigt markieren
action-resolve-many = { $n } als erledigt markieren
action-approve = Genehmigen
action-approve-many = { $n } genehmigen…
action-connect = Konto verbinden…
action-switch-on = Einschalten…

# What each act is called when it asks.
verb-sync = Abgleichen
verb-push = Senden
verb-hold = Anhalten
verb-release = Freigeben
verb-cancel = Stornieren
verb-retry = Erneut versuchen
verb-skip = Überspringen
verb-approve = Genehmigen
verb-void-label = Etikett entwerten
verb-buy-label = Etikett kaufen
verb-return-label = Retourenetikett
verb-ship-anyway = Trotzdem verschicken
verb-look-now = Jetzt nachsehen
verb-resolve = Als erledigt markieren
verb-link = Kopie des Versandkontos nehmen
verb-unlink = Nicht diese Bestellung
verb-refund = Geld erstatten
verb-snooze = Zurückstellen
verb-wake = Jetzt wieder vorlegen
verb-assign = Geben an
verb-edit = Ändern und erneut versuchen
