# Parts that stand on every screen: buttons, dialogs, copying, lists without rows.
close = Fermer
try-again = Réessayer
not-now = Pas maintenant
copy = Copier
copied = Copié
copy-what = Copier { $what }
copied-what = Copié : { $what }
copy-failed = Copie impossible : { $what }
toasts-name = Ce qui vient de se passer
undo = Annuler
dismiss = Masquer
menu-chosen = (choisi)
today = aujourd’hui
stop = Arrêter
sync-now = Synchroniser
key-then = { $first } puis { $second }

# A raw answer as a tree.
raw-name = Réponse brute
raw-what = la réponse brute
raw-search = Chercher clés et valeurs
raw-search-name = Chercher dans la réponse brute
raw-matches = { $n ->
        [one] { $n } résultat
       *[other] { $n } résultats
    }
raw-fold-all = Tout replier
raw-unfold-all = Tout déplier
raw-fold = Replier { $key }
raw-unfold = Déplier { $key }
raw-everything = tout
raw-copy-value = Copier cette valeur
raw-none = Rien ne correspond dans cette réponse.
raw-too-long = Les { $shown } premières lignes sur { $all }. Chercher pour voir le reste.
