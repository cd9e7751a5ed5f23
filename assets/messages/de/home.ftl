# "Are we fine?": the first screen.
home-title = { $weekday }, { $clock }. { $headline }
home-wall = Wandmodus
home-unread = Die Übersicht konnte nicht gelesen werden
home-today = Muss heute gehen
home-today-none = nichts fällig
home-still-here = { $n } noch hier
home-left = Schon verschickt
home-at-risk = Gefährdet
home-no-deadline = keine Frist voraus
home-next-deadline = nächste Frist { $when }
home-late = Zu spät
home-late-none = nichts ist zu spät
home-oldest = älteste { $length }
home-need-a-person = Brauchen jemanden
home-all-clear = alles klar
home-causes = { $n ->
        [one] { $n } Ursache
       *[other] { $n } Ursachen
    }
home-causes-more = { $n ->
        [one] { $n } weitere Ursache
       *[other] { $n } weitere Ursachen
    }
home-causes-none = Nichts braucht Sie.
home-needs-a-person = Braucht jemanden
home-all-exceptions = Alle Ausnahmen
home-waits = Was worauf wartet
home-waits-none = Keine offenen Bestellungen.
home-did = Was Quayside heute erledigt hat
home-did-none = Heute wurde noch nichts gesendet.
home-fresh = Wie aktuell jedes Konto ist

# How fresh each account is.
accounts-account = Konto
accounts-last-read = Zuletzt gelesen
accounts-fresh-within = Aktuell binnen
accounts-budget = Abrufbudget
accounts-today = Heute
accounts-not-yet = noch nicht
accounts-orders-in = { $n ->
        [one] { $n } Bestellung eingegangen
       *[other] { $n } Bestellungen eingegangen
    }
accounts-orders-taken = { $n ->
        [one] { $n } Bestellung übernommen
       *[other] { $n } Bestellungen übernommen
    }
accounts-did = { $orders }, { $n ->
        [one] { $n } Änderung erledigt
       *[other] { $n } Änderungen erledigt
    }

# The last days as bars.
trends-name = Die letzten Tage
trends-tabs = Verlauf
trends-left-per-day = Verschickt je Tag
trends-late = Zu spät
trends-time-to-ship = Zeit bis zum Versand
trends-exceptions = Ausnahmen
trends-days-shown = Gezeigte Tage
trends-days = { $n ->
        [one] { $n } Tag
       *[other] { $n } Tage
    }
trends-none = Noch kein Balken: in diesen Tagen nichts davon.
trends-nothing-left = In diesen Tagen ging nichts hinaus.
trends-usually = Meist { $length } von der Bestellung bis zum Paket
trends-in-time = { $share } % gingen rechtzeitig hinaus
trends-began = { $n ->
        [one] { $n } Ausnahme begann
       *[other] { $n } Ausnahmen begannen
    }; { $mended } lösten sich von selbst
trends-left = { $n ->
        [one] { $n } Bestellung ging
       *[other] { $n } Bestellungen gingen
    } in { $days } hinaus
trends-bar-hours = von der Bestellung bis zum Paket
trends-bar-late = % zu spät, { $late } von { $all }
trends-bar-mended = lösten sich von selbst
trends-bar-settled = von Hand erledigt
trends-bar-began = weitere begannen
trends-bar-in-time = rechtzeitig verschickt
trends-bar-left-late = zu spät verschickt

# First steps.
steps-head = Erste Schritte
steps-done = { $n } von { $all } erledigt
steps-done-name = Erledigte erste Schritte
steps-hide = Ausblenden
steps-done-one = Erledigt:
steps-store = Shop verbinden…
steps-hub = Verbinden…
steps-permissions = Ansehen, was fehlt
steps-read = Warteschlange ansehen
steps-plan = Plan ansehen…
steps-live = Wählen…
steps-first = Zahlen ansehen
steps-go = Hingehen
