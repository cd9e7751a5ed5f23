# The one table of states: how far an order is.
stage-unpaid = Non payée
stage-to-send = À envoyer
stage-sending = Envoi en cours
stage-packing = Préparation
stage-held = En attente
stage-partly-shipped = Expédiée en partie
stage-telling = Boutique en cours d’information
stage-shipped = Expédiée
stage-cancelled = Annulée
stage-nothing-to-ship = Rien à expédier
stage-ignored = Laissée telle quelle
ship-by-shipped = expédiée
ship-by-cancelled = annulée

# Who can mend what an order waits on.
fixer-merchant = Vous
fixer-warehouse = L’entrepôt
fixer-buyer = L’acheteur
fixer-platform = La plateforme
fixer-time = Personne n’a rien à faire

# Where a planned change stands.
effect-asked = Vous attend
effect-pending = Attend son tour
effect-running = Envoyé, pas encore de réponse
effect-unknown = Réponse perdue
effect-done = Fait
effect-refused = Refusé
effect-skipped = Abandonné

# How a check went.
check-works = Fonctionne
check-limited = Fonctionne avec une limite
check-missing = Ne fonctionne pas

# How far an automation may go.
mode-off = Arrêt
mode-off-means = Ne fait rien et ne prévoit rien.
mode-watch = Observer
mode-watch-means = Montre ce qui serait fait. Rien n’est envoyé.
mode-ask = Demander
mode-ask-means = Prépare chaque changement et attend votre clic.
mode-auto = Auto
mode-auto-means = Envoie tout seul ; ce qui est impossible devient une anomalie.

# An account's state.
account-fresh = à jour
account-reading = lecture en cours
account-failing = lent ou en échec
account-needs-you = a besoin de vous
account-paused = en pause

# What can be done about an exception. Buttons are verb and noun; an ellipsis means a dialog follows.
action-retry = Réessayer
action-retry-many = Réessayer { $n }
action-skip = Passer…
action-skip-many = Passer { $n }…
action-map-sku = Associer le SKU…
action-map-skus = Associer les SKU…
action-edit-address = Modifier l’adresse…
action-edit-addresses = Modifier les adresses…
action-choose-service = Choisir le service…
action-choose-services = Choisir les services…
action-edit-and-retry = Modifier et réessayer…
action-look-now = Regarder maintenant
action-sign-in = Se connecter…
action-grant = Accorder l’autorisation…
action-cancel-order = Annuler la commande…
action-cancel-orders = Annuler { $n } commandes…
action-void-label = Annuler l’étiquette…
action-void-labels = Annuler { $n } étiquettes…
action-send-ours-too = Envoyer aussi la nôtre…
action-send-ours-too-many = Envoyer aussi { $n } des nôtres…
action-ship-anyway = Expédier quand même…
action-ship-anyway-many = Expédier { $n } quand même…
action-release = Libérer
action-release-many = Libérer { $n }
action-open-in = Ouvrir dans { $place }
action-open-in-store = Ouvrir dans la boutique
action-open-in-hub = Ouvrir dans le compte d’expédition
action-open-tracking = Ouvrir la page de suivi
action-copy-change = Copier le changement
action-copy-order = Copier la commande
action-who-writes = Dire qui écrit…
action-refund = Rembourser…
action-who-is-it = Qui est-ce ?
action-map-for-all = Associer pour toutes les commandes…
action-link = Utiliser la copie du compte d’expédition
action-link-many = Utiliser les { $n } copies du compte d’expédition
action-resolve = Marquer comme réglé
action-resolve-many = Marquer { $n } comme réglés
action-approve = Approuver
action-approve-many = Approuver { $n }…
action-connect = Connecter un compte…
action-switch-on = Activer…

# What each act is called when it asks.
verb-sync = Synchroniser
verb-push = Envoyer
verb-hold = Retenir
verb-release = Libérer
verb-cancel = Annuler
verb-retry = Réessayer
verb-skip = Passer
verb-approve = Approuver
verb-void-label = Annuler l’étiquette
verb-buy-label = Acheter l’étiquette
verb-return-label = Étiquette de retour
verb-ship-anyway = Expédier quand même
verb-look-now = Regarder maintenant
verb-resolve = Marquer comme réglé
verb-link = Utiliser la copie du compte d’expédition
verb-unlink = Pas cette commande
verb-refund = Rembourser
verb-snooze = Reporter
verb-wake = Rappeler maintenant
verb-assign = Confier à
verb-edit = Modifier et réessayer
