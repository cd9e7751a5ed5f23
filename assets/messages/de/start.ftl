# Before the desk: nothing is connected yet, or it does not open.
start-title = Alle Bestellungen an einem Ort
start-lead = Quayside liest Ihre Shops und Ihr Versandkonto, führt alle Bestellungen in einer Liste auf diesem Computer und sagt von jeder, die festhängt, worauf sie wartet. Es schaut nur zu, bis Sie den Plan gesehen und es eingeschaltet haben.
start-opening = Die Testumgebung wird geöffnet…
start-sandbox = Mit der Testumgebung umsehen
start-sandbox-what = Ein erfundener Händler: Bestellungen kommen, ein Lager packt, manches geht schief. Kein Konto nötig.
start-connect = Meine Konten verbinden
start-connect-what = Ein Shop und ein Versandkonto, Schritt für Schritt, jedes geprüft, bevor es gespeichert wird.
start-restore = Eine Sicherung wiederherstellen
start-restore-what = Von einem anderen Computer oder einem früheren Tag, mit ihrer Passphrase.
start-follows = Was dann kommt
start-follows-connect = Einen Shop und das Versandkonto verbinden
start-follows-read = Quayside liest die Bestellungen
start-follows-plan = Sie sehen den Plan: nichts wurde gesendet
start-follows-on = Sie schalten es ein, ab einer Bestellung
start-secrets = Zugangsdaten bleiben im Schlüsselbund dieses Computers. Nichts wird anderswohin gesendet als zu Ihren eigenen Plattformen.

# The desk does not open.
broken-keychain = Der Schlüsselbund öffnet sich nicht
broken-storage = Ihre Bestellungen lassen sich nicht öffnen
broken-held = Quayside ist schon offen
broken-title = Quayside lässt sich nicht öffnen
broken-restore = Sicherung wiederherstellen…
broken-fresh = Neu beginnen…
broken-details = Einzelheiten
broken-copy = Einzelheiten kopieren
broken-fresh-title = Neu beginnen?
broken-fresh-means = Die beschädigte Datei wird beiseitegelegt, nicht gelöscht. Bestellungen, Pakete und Zustände werden neu von den Plattformen gelesen; was nur Quayside wusste (Zurückgehaltenes, Zurückgestelltes, Notizen, Verlauf), nicht.
broken-fresh-confirm = Neu beginnen
