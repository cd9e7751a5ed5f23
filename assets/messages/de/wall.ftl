# The screen on the wall: read from afar, without names.
wall-title = Was heute gehen muss
wall-leave = Wandmodus verlassen
wall-numbers = Heute
wall-of = von { $n }
wall-left = Verschickt
wall-risk-or-late = Gefährdet oder zu spät
wall-late = { $n } zu spät
wall-in-time = alles pünktlich
wall-soon = muss bald gehen
wall-next = Nächste Fristen
wall-units = { $n ->
        [one] { $n } Stück
       *[other] { $n } Stück
    }
wall-needs-a-person = braucht jemanden
wall-none = Keine Frist voraus.
wall-old = Diese Zahlen sind { $length } alt
wall-as-of = Stand { $clock }
