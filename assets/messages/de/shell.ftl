# The frame of the window: rail, foot, palette, sheet of keys, bars above every screen.
place-home = Start
place-queue = Warteschlange
place-unfulfilled = Nicht verschickt
place-exceptions = Ausnahmen
place-shipments = Sendungen
place-returns = Retouren
place-stock = Lagerbestand
place-reports = Berichte
place-activity = Aktivität
place-automations = Automatik
place-connections = Verbindungen
place-settings = Einstellungen
rail-name = Orte und Konten
rail-search = Suchen
rail-search-title = Orte, Aktionen, Bestellungen und Einstellungen suchen ({ $key })
rail-places = Orte
rail-set-up = Einrichten
rail-accounts = Konten
rail-account-new = neu
rail-account-not-read = { $name }: noch nicht gelesen
rail-account-read = { $name }: { $state }; zuletzt gelesen { $when }
frame-skip = Zur Liste springen
frame-lost = Dieser Bildschirm konnte nicht geladen werden. Programm neu starten; nichts ist verloren.

# What the keyboard can do everywhere.
group-go-to = Gehe zu
group-order = Bestellung
group-list = Liste
group-desk = Programm
group-view = Ansicht
do-search-everything = Alles durchsuchen
do-search-list = Diese Liste durchsuchen oder filtern
do-show-keys = Alle Tasten zeigen
do-sync = Jetzt abgleichen: alle Konten lesen
do-undo = Das Letzte zurücknehmen
do-undo-nothing = Gerade gibt es nichts zurückzunehmen.
do-lately = Was zuletzt getan wurde, und zurücknehmen…
do-lately-nothing = Es wurde nichts getan, das sich zurücknehmen ließe.
do-theme = Zwischen hell und dunkel wechseln
do-wall = Wandmodus: große Zahlen, keine Namen
do-contrast = Hohen Kontrast ein- oder ausschalten
do-density = Zwischen bequemen und kompakten Zeilen wechseln

# The palette.
palette-name = Orte, Aktionen, Einstellungen und Bestellungen suchen
palette-hint = Ein Ort, eine Aktion, eine Einstellung, eine Bestellung…
palette-matches = Treffer
palette-none = Nichts heißt „{ $text }“. Bestellungen findet man über Nummer, Name, SKU oder Sendungsnummer.
palette-go-to = Gehe zu { $place }
palette-setting = Einstellung: { $name }
palette-account = Konto: { $name }
palette-view = Gehe zu Warteschlange: { $view }
palette-cause = Ursache: { $title } ({ $n })

# Sheets behind the foot.
keys-title = Tasten
keys-words = Mit der Maus geht alles davon auch.
lately-title = Zuletzt getan
lately-words = Zehn Minuten lang lässt sich jedes zurücknehmen. Was einer Plattform schon gesagt wurde, steht nicht in dieser Liste.
lately-take-back = Zurücknehmen
lately-take-back-what = Zurücknehmen: { $sentence }
lately-none = Es ist nichts mehr zurückzunehmen.

# The foot. In bold: the numbers.
foot-open = { $n } offen
foot-left-today = Heute verschickt: { $n } von { $all }
foot-take-back = Zurücknehmen…
foot-as-of = Stand { $clock }
foot-keys = ? für Tasten

# Bars above every screen.
trouble-name = Störung
trouble-waits = Alles wartet.
trouble-check-up = Prüfung…
trouble-sentence = Satz
sandbox-name = Testumgebung
sandbox-head = Testumgebung.
sandbox-words = Diese Bestellungen sind erfunden; nichts verlässt diesen Computer.
sandbox-connect = Meine Konten verbinden…
fallen-name = Etwas ist ausgefallen
fallen-head = Ein Teil von Quayside ist ausgefallen
fallen-head-times = Ein Teil von Quayside ist { $n }-mal ausgefallen
fallen-words = { $head }, zuletzt: { $when }. Er wurde neu gestartet, nichts ist verloren. Ein Bericht ohne Namen liegt auf diesem Computer.
fallen-show = Ansehen, was bekannt ist…
opening-words = Schlüsselbund und Bestellungen werden geöffnet…
