# "Are we fine?": the first screen.
home-title = { $weekday }, { $clock }. { $headline }
home-wall = Mode mural
home-unread = La vue d’ensemble n’a pas pu être lue
home-today = Doivent partir aujourd’hui
home-today-none = rien de prévu
home-still-here = { $n } encore ici
home-left = Déjà parties
home-at-risk = À risque
home-no-deadline = aucun délai à venir
home-next-deadline = prochain délai { $when }
home-late = En retard
home-late-none = rien en retard
home-oldest = la plus ancienne { $length }
home-need-a-person = Demandent quelqu’un
home-all-clear = rien à signaler
home-causes = { $n ->
        [one] { $n } cause
       *[other] { $n } causes
    }
home-causes-more = { $n ->
        [one] { $n } autre cause
       *[other] { $n } autres causes
    }
home-causes-none = Rien n’a besoin de vous.
home-needs-a-person = Demande quelqu’un
home-all-exceptions = Toutes les anomalies
home-waits = Ce qui attend quoi
home-waits-none = Aucune commande en cours.
home-did = Ce que Quayside a fait pour vous aujourd’hui
home-did-none = Rien n’a encore été envoyé aujourd’hui.
home-fresh = Fraîcheur de chaque compte

# How fresh each account is.
accounts-account = Compte
accounts-last-read = Dernière lecture
accounts-fresh-within = À jour sous
accounts-budget = Budget d’appels
accounts-today = Aujourd’hui
accounts-not-yet = pas encore
accounts-orders-in = { $n ->
        [one] { $n } commande reçue
       *[other] { $n } commandes reçues
    }
accounts-orders-taken = { $n ->
        [one] { $n } commande prise
       *[other] { $n } commandes prises
    }
accounts-did = { $orders }, { $n ->
        [one] { $n } changement fait
       *[other] { $n } changements faits
    }

# The last days as bars.
trends-name = Les derniers jours
trends-tabs = Tendances
trends-left-per-day = Parties par jour
trends-late = En retard
trends-time-to-ship = Délai d’expédition
trends-exceptions = Anomalies
trends-days-shown = Jours affichés
trends-days = { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }
trends-none = Pas encore de barre : rien de tel ces jours-là.
trends-nothing-left = Rien n’est parti ces jours-là.
trends-usually = D’habitude { $length } de la commande au colis
trends-in-time = { $share } % parties à temps
trends-began = { $n ->
        [one] { $n } anomalie apparue
       *[other] { $n } anomalies apparues
    } ; { $mended } résolues d’elles-mêmes
trends-left = { $n ->
        [one] { $n } commande partie
       *[other] { $n } commandes parties
    } en { $days }
trends-bar-hours = de la commande au colis
trends-bar-late = % en retard, { $late } sur { $all }
trends-bar-mended = résolues d’elles-mêmes
trends-bar-settled = réglées à la main
trends-bar-began = apparues en plus
trends-bar-in-time = parties à temps
trends-bar-left-late = parties en retard

# First steps.
steps-head = Premiers pas
steps-done = { $n } sur { $all } faits
steps-done-name = Premiers pas faits
steps-hide = Masquer
steps-done-one = Fait :
steps-store = Connecter une boutique…
steps-hub = Connecter…
steps-permissions = Voir ce qui manque
steps-read = Voir la file
steps-plan = Voir le plan…
steps-live = Choisir…
steps-first = Voir les chiffres
steps-go = Y aller
