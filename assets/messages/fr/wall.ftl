# The screen on the wall: read from afar, without names.
wall-title = Ce qui doit partir aujourd’hui
wall-leave = Quitter le mode mural
wall-numbers = Aujourd’hui
wall-of = sur { $n }
wall-left = Partis
wall-risk-or-late = À risque ou en retard
wall-late = { $n } en retard
wall-in-time = tout est à temps
wall-soon = doit bientôt partir
wall-next = Prochaines échéances
wall-units = { $n ->
        [one] { $n } unité
       *[other] { $n } unités
    }
wall-needs-a-person = attend quelqu’un
wall-none = Aucune échéance en vue.
wall-old = Ces chiffres datent de { $length }
wall-as-of = À { $clock }
