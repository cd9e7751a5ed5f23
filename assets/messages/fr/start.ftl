# Before the desk: nothing is connected yet, or it does not open.
start-title = Toutes les commandes au même endroit
start-lead = Quayside lit vos boutiques et votre compte d’expédition, garde toutes les commandes dans une seule liste sur cet ordinateur, et dit de chaque commande bloquée ce qu’elle attend. Il ne fait qu’observer tant que vous n’avez pas vu son plan et ne l’avez pas activé.
start-opening = Ouverture de l’environnement d’essai…
start-sandbox = Découvrir avec l’environnement d’essai
start-sandbox-what = Un marchand inventé : des commandes arrivent, un entrepôt emballe, certaines choses tournent mal. Aucun compte nécessaire.
start-connect = Connecter mes comptes
start-connect-what = Une boutique et un compte d’expédition, pas à pas, chacun testé avant d’être enregistré.
start-restore = Restaurer une sauvegarde
start-restore-what = D’un autre ordinateur ou d’un jour précédent, avec sa phrase secrète.
start-follows = La suite
start-follows-connect = Connecter une boutique et le compte d’expédition
start-follows-read = Quayside lit les commandes
start-follows-plan = Vous regardez le plan : rien n’a été envoyé
start-follows-on = Vous l’activez, à partir d’une commande
start-secrets = Les identifiants restent dans le trousseau de cet ordinateur. Rien n’est envoyé ailleurs qu’à vos propres plateformes.

# The desk does not open.
broken-keychain = Le trousseau ne s’ouvre pas
broken-storage = Vos commandes ne peuvent pas être ouvertes
broken-held = Quayside est déjà ouvert
broken-title = Quayside ne peut pas s’ouvrir
broken-restore = Restaurer une sauvegarde…
broken-fresh = Repartir de zéro…
broken-details = les détails
broken-copy = Copier les détails
broken-fresh-title = Repartir de zéro ?
broken-fresh-means = Le fichier endommagé est mis de côté, pas supprimé. Les commandes, les colis et les états sont relus depuis les plateformes ; ce que seul Quayside savait (mises en attente, reports, notes, historique) ne l’est pas.
broken-fresh-confirm = Repartir de zéro
