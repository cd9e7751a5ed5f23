# Views of the queue.
view-open = En cours
view-today = Aujourd’hui
view-at-risk = À risque
view-late = En retard
view-held = En attente
view-unpaid = Non payées
view-asked = Vous attendent
view-shipped = Expédiées

# Columns.
column-order = Commande
column-age = Âge
column-channel = Canal
column-customer = Client
column-to = Vers
column-lines = Lignes
column-units = Unités
column-value = Valeur
column-stage = Étape
column-hub = À l’expédition
column-tags = Étiquettes
column-ship-by = À expédier avant
column-waits = Attend
columns-title = Colonnes
columns-words = Si la fenêtre est trop étroite pour toutes, celles qui ne sont pas épinglées partent d’abord.
columns-moved = { $column } est la colonne { $n } sur { $all }
columns-width = Largeur de { $column }, pixels
columns-pin = Épingler
columns-pin-name = Épingler { $column } : reste quand la place manque
columns-pinned = Épinglée : reste quand la place manque
columns-left = Déplacer { $column } à gauche
columns-right = Déplacer { $column } à droite
columns-is-first = C’est la première.
columns-is-last = C’est la dernière.
columns-note = « Attend » prend ce qui reste.
columns-reset = Comme avant
columns-done = Terminé

# A row.
row-select = Sélectionner { $number }
row-bought = { $number }, achetée { $when }
row-test = test
row-units = { $lines ->
        [one] { $lines } ligne
       *[other] { $lines } lignes
    }, { $units ->
        [one] { $units } unité
       *[other] { $units } unités
    } · { $service }
row-badge = La boutique promet plus pour les commandes { $badge }
row-must-leave = Doit partir avant { $when }

# The list is empty, or changes.
queue-unread = La liste n’a pas pu être lue
queue-no-match = Aucune commande ne correspond
queue-no-match-words = Aucune commande dans « { $view } » : { $filter }.
queue-clear-filter = Effacer le filtre
queue-no-account = Aucun compte n’est connecté
queue-no-account-words = Connecter une boutique et le compte d’expédition ; les commandes apparaissent ici d’elles-mêmes.
queue-connect = Connecter un compte
queue-clear-late = Rien n’est en retard
queue-clear-at-risk = Rien n’est à risque
queue-clear-today = Plus rien ne doit partir aujourd’hui
queue-clear-held = Rien n’est en attente
queue-clear-unpaid = Tout est payé
queue-clear-asked = Rien n’attend votre clic
queue-clear-shipped = Rien n’a encore été expédié
queue-clear-open = Aucune commande en cours
queue-checked = Vérifié à { $clock } sur { $n } comptes.
queue-unchecked = Impossible à vérifier pour le moment : { $names }.
news-fresh = { $n ->
        [one] { $n } nouvelle commande
       *[other] { $n } nouvelles commandes
    }
news-left = { $n ->
        [one] { $n } commande a quitté
       *[other] { $n } commandes ont quitté
    } cette liste
news-moved = L’ordre de cette liste a changé
news-show = Voir
chip-remove = Retirer cette partie du filtre
chip-remove-name = Retirer le filtre : { $part }
chips-matches = { $n ->
        [one] { $n } résultat
       *[other] { $n } résultats
    }
chips-more-than = plus de { $n } résultats
clear = Effacer
chips-save = Enregistrer comme vue…

# The head of the list.
grid-name = Commandes
grid-select-all = Sélectionner toutes les commandes chargées
grid-largest-first = Les plus grands d’abord
grid-smallest-first = Les plus petits d’abord
grid-sort-by = Trier par { $column }

# Saving a view.
save-view-title = Enregistrer comme vue
save-view-from = D’où vient la vue
save-view-screen = Ce qui est à l’écran
save-view-text = Un texte reçu
save-view-whole = La vue montre ce que montre cet onglet. Taper d’abord un filtre pour la restreindre.
save-view-filter = La vue montre les commandes : { $filter }.
save-view-no-name = Lui donner un nom.
save-view-no-text = Coller d’abord le texte.
save-view-name = Nom
save-view-name-hint = Entrepôt UE
save-view-text-of = Texte de la vue
save-view-read = « { $label } » : { $filter }.
save-view-all-of = tout « { $view } »
save-view-how = On le copie dans le menu à côté d’une vue.
save-view-save = Enregistrer la vue
cancel = Annuler

# What can be done with the ticked rows.
bulk-name = Commandes sélectionnées
bulk-all-selected = Tout ce qui correspond est sélectionné
bulk-selected = { $n } sélectionnées
bulk-select-all = Sélectionner tout ce qui correspond
bulk-select-all-n = Sélectionner les { $n } qui correspondent
bulk-all = tout
bulk-hold = Retenir { $n }…
bulk-release = Libérer { $n }
bulk-retry = Réessayer { $n }
bulk-approve = Approuver { $n }…
bulk-buy-labels = Acheter des étiquettes…
bulk-more = Plus
bulk-more-name = Plus pour les commandes sélectionnées
bulk-sync = Relire des deux côtés
bulk-push = Envoyer maintenant au compte d’expédition…
bulk-push-warning = Ce que les règles attendent est ignoré pour ces commandes.
bulk-cancel = Annuler les commandes…
bulk-cancel-warning-one = { $what } est annulée dans sa boutique. Une annulation ne peut pas être reprise.
bulk-cancel-warning = { $what } sont annulées dans leurs boutiques. Une annulation ne peut pas être reprise.
bulk-still = La liste ne bouge pas ; { $n ->
        [one] { $n } changement en attente
       *[other] { $n } changements en attente
    }.
bulk-refresh = Actualiser

# Keys of the queue.
key-next-order = Commande suivante
key-previous-order = Commande précédente
key-page-down = Une page plus bas
key-page-up = Une page plus haut
key-first-order = Première commande
key-last-order = Dernière commande
key-tick = Sélectionner ou désélectionner
key-range = Sélectionner jusqu’ici
key-extend-down = Étendre la sélection vers le bas
key-extend-up = Étendre la sélection vers le haut
key-news = Voir ce qui est entré dans cette liste
key-news-none = Rien de nouveau n’attend.
key-open = Ouvrir la commande
key-peek = Aperçu : ouvrir et rester dans la liste
key-select-first = Sélectionner d’abord une commande.
key-sync = Synchroniser : relire des deux côtés
key-hold = Retenir…
key-snooze = Reporter ce qui ne va pas…
key-assign = Confier à quelqu’un…
key-label = Acheter l’étiquette…
key-approve = Approuver…
key-push-warning = Ce que les règles attendent est ignoré.
key-cancel = Annuler dans la boutique…
key-cancel-warning = Une annulation ne peut pas être reprise.
key-escape = Fermer la commande, puis vider la sélection, puis le filtre
key-columns = Arranger les colonnes…
key-view = File : { $view }
group-by-none = Aucun groupe
group-by-due = Grouper par délai
group-by-waits = Grouper par ce qu’elles attendent
group-by-store = Grouper par boutique
group-by-stage = Grouper par étape
group-by-country = Grouper par pays

# The queue itself.
queue-title = File : { $view }
queue-views = Vues
queue-range-gap = Rien n’a été sélectionné : des lignes entre les deux n’ont pas été lues. Filtrer ce qui est voulu et utiliser « Sélectionner tout ce qui correspond », ou les faire défiler.
queue-range-gone = Rien n’a été sélectionné : la ligne de départ n’est plus parmi celles lues. En sélectionner une, puis la plage à partir d’elle.
queue-new-waiting = { $n } de plus dans cette liste, pas encore affichées
queue-new = { $n } de plus dans cette liste
queue-view-copied = « { $view } » copiée comme texte
queue-view-not-copied = La vue n’a pas pu être copiée.
queue-all-matching = toutes les commandes qui correspondent
queue-orders = { $n ->
        [one] { $n } commande
       *[other] { $n } commandes
    }
queue-too-many = Plus de { $n } commandes correspondent, et aucune action n’en prend davantage. Restreindre le filtre et procéder par parties.
queue-still-reading = La commande ouverte est encore en cours de lecture.
queue-this-view = Cette vue
queue-save-into = Y enregistrer ce qui est à l’écran
queue-shows-this = Elle montre exactement cela.
queue-copy-view = Copier comme texte
queue-view-left = Déplacer à gauche
queue-view-right = Déplacer à droite
queue-delete-view = Supprimer la vue
queue-save-view = + Enregistrer la vue
queue-more-views = Autres vues
queue-group = Grouper
