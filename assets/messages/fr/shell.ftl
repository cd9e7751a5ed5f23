# The frame of the window: rail, foot, palette, sheet of keys, bars above every screen.
place-home = Accueil
place-queue = File
place-unfulfilled = Non expédiées
place-exceptions = Anomalies
place-shipments = Expéditions
place-returns = Retours
place-stock = Stock
place-reports = Rapports
place-activity = Activité
place-automations = Automatisations
place-connections = Connexions
place-settings = Réglages
rail-name = Écrans et comptes
rail-search = Chercher
rail-search-title = Chercher écrans, actions, commandes et réglages ({ $key })
rail-places = Écrans
rail-set-up = Configurer
rail-accounts = Comptes
rail-account-new = nouveau
rail-account-not-read = { $name } : pas encore lu
rail-account-read = { $name } : { $state } ; dernière lecture { $when }
frame-skip = Aller à la liste
frame-lost = Cet écran n’a pas pu être chargé. Redémarrer le programme ; rien n’est perdu.

# What the keyboard can do everywhere.
group-go-to = Aller à
group-order = Commande
group-list = Liste
group-desk = Programme
group-view = Affichage
do-search-everything = Tout chercher
do-search-list = Chercher ou filtrer dans cette liste
do-show-keys = Voir toutes les touches
do-sync = Synchroniser : lire tous les comptes
do-undo = Reprendre la dernière action
do-undo-nothing = Rien à reprendre pour le moment.
do-lately = Ce qui a été fait, et le reprendre…
do-lately-nothing = Rien de ce qui a été fait ne peut être repris.
do-theme = Passer du clair au sombre
do-wall = Mode mural : grands chiffres, aucun nom
do-contrast = Activer ou couper le contraste élevé
do-density = Passer des lignes aérées aux compactes

# The palette.
palette-name = Chercher écrans, actions, réglages et commandes
palette-hint = Un écran, une action, un réglage, une commande…
palette-matches = Résultats
palette-none = Rien ne s’appelle « { $text } ». Les commandes se trouvent par numéro, nom, SKU ou numéro de suivi.
palette-go-to = Aller à { $place }
palette-setting = Réglage : { $name }
palette-account = Compte : { $name }
palette-view = Aller à la file : { $view }
palette-cause = Cause : { $title } ({ $n })

# Sheets behind the foot.
keys-title = Touches
keys-words = La souris fait tout cela aussi.
lately-title = Fait récemment
lately-words = Chaque action peut être reprise pendant dix minutes. Ce qui a déjà été dit à une plateforme n’est pas dans cette liste.
lately-take-back = Reprendre
lately-take-back-what = Reprendre : { $sentence }
lately-none = Il n’y a plus rien à reprendre.

# The foot. In bold: the numbers.
foot-open = { $n } en cours
foot-left-today = Parties aujourd’hui : { $n } sur { $all }
foot-take-back = Reprendre…
foot-as-of = À { $clock }
foot-keys = ? : touches

# Bars above every screen.
trouble-name = Problème
trouble-waits = Tout attend.
trouble-check-up = Vérification…
trouble-sentence = la phrase
sandbox-name = Environnement d’essai
sandbox-head = Environnement d’essai.
sandbox-words = Ces commandes sont inventées ; rien ne quitte cet ordinateur.
sandbox-connect = Connecter mes comptes…
fallen-name = Quelque chose s’est arrêté
fallen-head = Une partie de Quayside s’est arrêtée
fallen-head-times = Une partie de Quayside s’est arrêtée { $n } fois
fallen-words = { $head }, en dernier : { $when }. Elle a été relancée et rien n’est perdu. Un rapport sans noms est gardé sur cet ordinateur.
fallen-show = Voir ce qui est connu…
opening-words = Ouverture du trousseau et des commandes…
