# Paid and too long not shipped, by what they wait on.
unfulfilled-words = { $n ->
        [one] { $n } Bestellung · { $threshold }
       *[other] { $n } Bestellungen · { $threshold }
    }
unfulfilled-unread = Das konnte nicht gelesen werden
unfulfilled-none = Keine bezahlte Bestellung wartet zu lange
unfulfilled-none-why = Was zu lange ist, ist eine Einstellung: Werktage, Annahmeschluss und Zeitzone.
unfulfilled-settings = Einstellungen öffnen
unfulfilled-orders = { $n ->
        [one] Bestellung
       *[other] Bestellungen
    }
unfulfilled-in-queue = In der Warteschlange zeigen
unfulfilled-bought = Gekauft { $when }
unfulfilled-rest = Die ältesten { $n } von { $all }. Die Warteschlange zeigt alle.
